#include "plan_tiers.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "tandem/base/file.hpp"
#include "tandem/plan/tiered_graph.hpp"
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

Status check_name(const std::string& name, const std::vector<std::string>& known) {
  if (std::ranges::find(known, name) == known.end() && name.find('-') == std::string::npos) return {};
  return fail(Errc::invalid_argument, fmt::format("--tier '{}': the name must be new and without '-'", name));
}

Result<std::vector<plan::TierOfProfile>> tiers_of(const TierOptions& options, const PlanInput& input) {
  std::vector<plan::TierOfProfile> tiers{{"device", input.device}};
  for (const std::string& text : options.tiers) {
    const auto parts = halves(text, '=');
    if (!parts) return fail(Errc::invalid_argument, fmt::format("--tier '{}': write it as edge=FILE", text));
    const auto& [name, file] = *parts;
    std::vector<std::string> known{"cloud"};
    for (const plan::TierOfProfile& tier : tiers) known.push_back(tier.name);
    if (const Status s = check_name(name, known); !s) return forward_error(s);
    auto table = profile::load(file);
    if (!table) return forward_error(table);
    tiers.push_back({name, std::move(*table)});
  }
  tiers.push_back({"cloud", input.cloud});
  return tiers;
}

// That of device and cloud is `link`.
Result<std::vector<plan::TierLink>> links_of(const TierOptions& options, const link::Link& link,
                                             const std::vector<std::string>& tiers) {
  const int count = static_cast<int>(tiers.size());
  std::vector<plan::TierLink> links{{.from = 0, .to = count - 1, .link = link}};
  const auto index = [&tiers](const std::string& name) {
    return static_cast<int>(std::ranges::find(tiers, name) - tiers.begin());
  };
  for (const std::string& text : options.links) {
    const auto parts = halves(text, '=');
    const auto pair = parts ? halves(parts->first, '-') : std::nullopt;
    if (!pair) return fail(Errc::invalid_argument, fmt::format("--tier-link '{}': write it as device-edge=wifi", text));
    int from = index(pair->first), to = index(pair->second);
    if (from == count || to == count || from == to) {
      return fail(Errc::invalid_argument,
                  fmt::format("--tier-link '{}': must be between two of {}", text, fmt::join(tiers, ", ")));
    }
    auto between = link::find(parts->second);
    if (!between) return forward_error(between);
    if (to == 0) std::swap(from, to);  // the device's side is where `up` starts
    links.push_back({.from = from, .to = to, .link = std::move(*between)});
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

// "263 of 330  conv1, pool1, ..." for each tier, then each link's tensors.
std::string text_of(const plan::TieredGraphPlan& plan, const plan::TieredGraphProblem& problem, int width) {
  static constexpr std::size_t kNames = 4;
  struct Row {
    std::vector<std::string> names{};
    Milliseconds latency{};
    Millijoules energy{};
  };
  Table table({{"where", Table::Align::left}, {"what", Table::Align::left}, {"time"}, {"energy"}});
  const auto print = [&table](const std::string& where, const Row& row) {
    if (row.names.empty()) return;
    const std::size_t shown = std::min(kNames, row.names.size());
    table.row({where,
               fmt::format("{}: {}{}", row.names.size(),
                           fmt::join(row.names.begin(), row.names.begin() + static_cast<std::ptrdiff_t>(shown), ", "),
                           shown < row.names.size() ? ", ..." : ""),
               human_time(row.latency), fmt::format("{:.1f} mJ", row.energy.value)});
  };
  for (std::size_t tier = 0; tier < problem.tiers.size(); ++tier) {
    Row row;
    for (std::size_t i = 0; i < problem.nodes.size(); ++i) {
      if (plan.tier[i] != static_cast<int>(tier)) continue;
      const plan::TieredNode& node = problem.nodes[i];
      row.names.push_back(node.id);
      row.latency += node.latency[tier];
      row.energy += tier == 0 ? node.device_energy : problem.idle_power * node.latency[tier];
    }
    print(problem.tiers[tier], row);
  }
  std::map<std::pair<int, int>, Row> ways;
  for (const plan::TieredGraphTransfer& transfer : plan.transfers) {
    Row& row = ways[{transfer.from, transfer.to}];
    row.names.push_back(transfer.node < 0 ? "input" : problem.nodes[transfer.node].id);
    row.latency += transfer.latency;
    row.energy += transfer.energy;
  }
  for (const auto& [way, row] : ways) {
    print(fmt::format("{} to {}", problem.tiers[way.first], problem.tiers[way.second]), row);
  }
  table.row({"total", "", human_time(plan.totals.latency), fmt::format("{:.1f} mJ", plan.totals.energy.value)});
  return table.text(width);
}

Status pin_nodes(const std::vector<plan::Pin>& pins, plan::TieredGraphProblem& problem) {
  const int nodes = static_cast<int>(problem.nodes.size());
  if (const Status s = plan::check({.pins = pins}, nodes); !s) return s;
  for (const plan::Pin& pin : pins) {
    for (int i = pin.first; i <= pin.last; ++i) {
      plan::TieredNode& node = problem.nodes[i - 1];
      const int tier = pin.place == plan::Place::device ? 0 : static_cast<int>(problem.tiers.size()) - 1;
      if (node.pin && *node.pin != tier) {
        return fail(Errc::invalid_argument, fmt::format("node '{}' is pinned elsewhere by the graph", node.id));
      }
      node.pin = tier;
    }
  }
  return {};
}

}  // namespace

void add_tier_options(CLI::App* command, TierOptions& options) {
  auto* tier = command->add_option("--tier", options.tiers,
                                   "a place between device and cloud; with --graph a name in tier_ms; may be repeated");
  tier->type_name("NAME[=FILE]");
  command->add_option("--tier-link", options.links, "of two tiers, such as device-edge=wifi; device-cloud is --link")
      ->type_name("A-B=LINK")
      ->needs(tier);
}

Outcome run_tiers(const TierOptions& options, const PlanInput& input) {
  const auto tiers = tiers_of(options, input);
  if (!tiers) return forward_error(tiers);
  std::vector<std::string> names;
  for (const plan::TierOfProfile& tier : *tiers) names.push_back(tier.name);
  const auto links = links_of(options, input.link, names);
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

Outcome run_tiered_graph(const TierOptions& options, const GraphPlanOptions& request) {
  const auto graph = load_loaded_graph(request.file, request.loads);
  if (!graph) return forward_error(graph);
  std::vector<std::string> known{"device", "cloud"};
  for (const std::string& name : options.tiers) {
    if (name.find('=') != std::string::npos) {
      return fail(Errc::invalid_argument,
                  fmt::format("--tier '{}': with --graph a name alone; its times are in the nodes' tier_ms", name));
    }
    if (const Status s = check_name(name, known); !s) return forward_error(s);
    known.push_back(name);
  }
  auto problem = plan::make_tiered_problem(*graph, options.tiers);
  if (!problem) return forward_error(problem, request.file);
  const auto links = links_of(options, request.link, problem->tiers);
  if (!links) return forward_error(links);
  for (const plan::TierLink& link : *links) problem->links.push_back({link.from, link.to, link.link});
  problem->objective = request.objective;
  problem->weights = request.weights;
  problem->idle_power = request.idle_power;
  if (const Status s = pin_nodes(request.constraints.pins, *problem); !s) return forward_error(s);
  const auto plan = plan::solve(*problem);
  if (!plan) return forward_error(plan);
  const std::string json = to_json(*plan, *problem).dump(2) + "\n";
  if (!request.output.empty()) {
    if (const Status written = write_file(request.output, json); !written) return forward_error(written);
  }
  if (request.json) {
    fmt::print("{}", json);
  } else if (plan->feasible) {
    fmt::print("{}: {} nodes on {} tiers, {} in {}\n\n{}", graph->name.empty() ? request.file : graph->name,
               graph->nodes.size(), problem->tiers.size(), plan->proven_optimal ? "proven optimal" : "planned",
               human_time(Milliseconds{plan->solve_us / 1000}), text_of(*plan, *problem, terminal().width));
  } else {
    fmt::print("no feasible assignment\n");
  }
  return plan->feasible ? Exit::done : Exit::no_feasible_answer;
}

}  // namespace tandem::cli
