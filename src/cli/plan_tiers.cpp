#include "plan_tiers.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "tandem/base/file.hpp"
#include "tandem/plan/tiers.hpp"
#include "terminal.hpp"

namespace tandem::cli {
namespace {

// Two parts of "left=right"; nothing where a part is missing.
std::optional<std::pair<std::string, std::string>> halves(const std::string& text, char separator) {
  const std::size_t at = text.find(separator);
  if (at == std::string::npos || at == 0 || at + 1 == text.size()) return std::nullopt;
  return std::pair{text.substr(0, at), text.substr(at + 1)};
}

Result<std::vector<plan::TierOfProfile>> tiers_of(const TierOptions& options, const PlanInput& input) {
  std::vector<plan::TierOfProfile> tiers{{"device", input.device}};
  for (const std::string& text : options.tiers) {
    const auto parts = halves(text, '=');
    if (!parts) return fail(Errc::invalid_argument, fmt::format("--tier '{}': write it as edge=FILE", text));
    const auto& [name, file] = *parts;
    const bool known = name == "cloud" || std::ranges::any_of(tiers, [&](const auto& t) { return t.name == name; });
    if (known || name.find('-') != std::string::npos) {
      return fail(Errc::invalid_argument, fmt::format("--tier '{}': the name must be new and without '-'", text));
    }
    auto table = profile::load(file);
    if (!table) return forward_error(table);
    tiers.push_back({name, std::move(*table)});
  }
  tiers.push_back({"cloud", input.cloud});
  return tiers;
}

Result<std::vector<plan::TierLink>> links_of(const TierOptions& options, const PlanInput& input,
                                             const std::vector<plan::TierOfProfile>& tiers) {
  std::vector<plan::TierLink> links{{.from = 0, .to = static_cast<int>(tiers.size()) - 1, .link = input.link}};
  const auto index = [&tiers](const std::string& name) {
    return static_cast<int>(std::ranges::find(tiers, name, &plan::TierOfProfile::name) - tiers.begin());
  };
  for (const std::string& text : options.links) {
    const auto parts = halves(text, '=');
    const auto pair = parts ? halves(parts->first, '-') : std::nullopt;
    if (!pair) return fail(Errc::invalid_argument, fmt::format("--tier-link '{}': write it as device-edge=wifi", text));
    int from = index(pair->first), to = index(pair->second);
    const int count = static_cast<int>(tiers.size());
    if (from == count || to == count || from == to) {
      std::vector<std::string> names;
      for (const auto& tier : tiers) names.push_back(tier.name);
      return fail(Errc::invalid_argument,
                  fmt::format("--tier-link '{}': must be between two of {}", text, fmt::join(names, ", ")));
    }
    auto link = link::find(parts->second);
    if (!link) return forward_error(link);
    if (to == 0) std::swap(from, to);  // the device's side is where `up` starts
    links.push_back({.from = from, .to = to, .link = std::move(*link)});
  }
  return links;
}

std::string text_of(const plan::TieredPlan& plan, int width) {
  Table table({{"step", Table::Align::left}, {"what", Table::Align::left}, {"time"}, {"energy"}});
  auto transfer = plan.transfers.begin();
  const auto transfers_after = [&](int layer) {
    for (; transfer != plan.transfers.end() && transfer->after == layer; ++transfer) {
      const plan::Crossing& c = transfer->crossing;
      table.row({fmt::format("{} to {}", plan.tiers[transfer->from], plan.tiers[transfer->to]),
                 fmt::format("{} {}", human_bytes(c.bytes), c.codec), human_time(c.latency()),
                 fmt::format("{:.1f} mJ", c.energy.value)});
    }
  };
  for (const plan::TieredSegment& s : plan.segments) {
    transfers_after(s.first - 1);
    table.row({plan.tiers[s.tier],
               s.first == s.last ? fmt::format("layer {}", s.first) : fmt::format("layers {}-{}", s.first, s.last),
               human_time(s.latency), fmt::format("{:.1f} mJ", s.energy.value)});
  }
  transfers_after(plan.segments.back().last);
  table.row({"total", "", human_time(plan.totals.latency), fmt::format("{:.1f} mJ", plan.totals.energy.value)});
  return table.text(width);
}

}  // namespace

void add_tier_options(CLI::App* command, TierOptions& options) {
  auto* tier = command->add_option("--tier", options.tiers, "a place between device and cloud; may be repeated");
  tier->type_name("NAME=FILE");
  command->add_option("--tier-link", options.links, "of two tiers, such as device-edge=wifi; device-cloud is --link")
      ->type_name("A-B=LINK")
      ->needs(tier);
}

Outcome run_tiers(const TierOptions& options, const PlanInput& input) {
  const auto tiers = tiers_of(options, input);
  if (!tiers) return forward_error(tiers);
  const auto links = links_of(options, input, *tiers);
  if (!links) return forward_error(links);
  const auto problem = plan::make_tiered_problem(*tiers, *links, input.objective, input.options);
  if (!problem) return forward_error(problem);
  const plan::TieredPlan plan = plan::solve(*problem);
  const std::string json = to_json(plan).dump(2) + "\n";
  if (!input.output.empty()) {
    if (const Status written = write_file(input.output, json); !written) return forward_error(written);
  }
  if (input.json) {
    fmt::print("{}", json);
  } else if (plan.feasible) {
    fmt::print("{}: {} layers on {} tiers, proven optimal in {:.0f} us\n\n{}", plan.network, problem->layers,
               plan.tiers.size(), plan.solve_us, text_of(plan, terminal().width));
  } else {
    fmt::print("no feasible schedule\n");
  }
  return plan.feasible ? Exit::done : Exit::no_feasible_answer;
}

}  // namespace tandem::cli
