#include "plan_scenario.hpp"

#include <fmt/format.h>

#include <cmath>

#include "tandem/base/number.hpp"

#include "terminal.hpp"

namespace tandem::cli {
namespace {

constexpr plan::Solver kSolvers[] = {plan::Solver::path, plan::Solver::cut, plan::Solver::label, plan::Solver::larac,
                                     plan::Solver::ilp};

// "4=cloud", "3-5=device".
Result<plan::Pin> pin_of(const std::string& text) {
  const std::size_t equals = text.find('='), dash = text.find('-');
  const std::string place = equals == std::string::npos ? "" : text.substr(equals + 1);
  const bool range = dash < equals;
  const auto first = parse_number<int>(std::string_view(text).substr(0, range ? dash : equals));
  const auto last = range ? parse_number<int>(std::string_view(text).substr(dash + 1, equals - dash - 1)) : first;
  if (!first || !last || (place != "device" && place != "cloud")) {
    return fail(Errc::invalid_argument, fmt::format("--pin '{}': write it as 4=cloud or 3-5=device", text));
  }
  return plan::Pin{
      .first = *first, .last = *last, .place = place == "device" ? plan::Place::device : plan::Place::cloud};
}

std::string amount_text(plan::Resource resource, double amount) {
  switch (resource) {
    case plan::Resource::latency:
    case plan::Resource::cloud: return human_time(Milliseconds{amount});
    case plan::Resource::energy: return fmt::format("{:.1f} mJ", amount);
    case plan::Resource::memory: return human_bytes(amount);
    case plan::Resource::switches: break;
  }
  return fmt::format("{:.0f}", amount);
}

const char* option_of(plan::Resource resource) {
  switch (resource) {
    case plan::Resource::latency: return "--deadline";
    case plan::Resource::energy: return "--energy-budget";
    case plan::Resource::cloud: return "--cloud-time";
    case plan::Resource::memory: return "--device-memory";
    case plan::Resource::switches: break;
  }
  return "--max-switches";
}

}  // namespace

void add_scenario_options(CLI::App* command, ScenarioOptions& options) {
  command->add_option("--objective", options.objective, "what to make least; weighted: see --weight-ms, --weight-mj")
      ->check(CLI::IsMember({"latency", "energy", "weighted"}))
      ->capture_default_str();
  command->add_option("--weight-ms", options.weights.per_ms, "weighted: cost of a millisecond")->capture_default_str();
  command->add_option("--weight-mj", options.weights.per_mj, "weighted: cost of a millijoule")->capture_default_str();
  command->add_option("--deadline", options.deadline_ms, "of the whole request")->type_name("MS");
  command->add_option("--energy-budget", options.energy_budget_mj, "of the device, per request")->type_name("MJ");
  command->add_option("--cloud-time", options.cloud_time_ms, "execution in the cloud, at most")->type_name("MS");
  command
      ->add_option("--device-memory", options.device_memory_bytes, "of the groups on the device, at most; also 64MiB")
      ->transform(CLI::AsSizeValue(false))
      ->type_name("BYTES");
  command->add_option("--max-switches", options.max_switches, "transfers between device and cloud, at most");
  command->add_option("--first-on-device", options.first_on_device, "the first layers stay on the device: privacy")
      ->check(CLI::NonNegativeNumber)
      ->type_name("LAYERS");
  command->add_option("--pin", options.pins, "layers to a place: 4=cloud, 3-5=device; may be repeated")
      ->type_name("RANGE=PLACE");
  command->add_option("--device-load", options.loads.device, "how many times as long as profiled the device takes")
      ->capture_default_str();
  command->add_option("--cloud-load", options.loads.cloud, "how many times as long as profiled the cloud takes")
      ->capture_default_str();
  command->add_option("--solver", options.solver, "instead of the one that suits the problem")
      ->check(CLI::IsMember({"path", "cut", "label", "larac", "ilp"}));
}

Result<plan::ProblemOptions> problem_options(const ScenarioOptions& options, const std::string& codec) {
  plan::ProblemOptions problem{.codec = codec, .loads = options.loads, .weights = options.weights};
  plan::Constraints& limits = problem.constraints;
  if (options.deadline_ms) limits.deadline = Milliseconds{*options.deadline_ms};
  if (options.energy_budget_mj) limits.energy_budget = Millijoules{*options.energy_budget_mj};
  if (options.cloud_time_ms) limits.cloud_time = Milliseconds{*options.cloud_time_ms};
  if (options.device_memory_bytes) limits.device_memory = Bytes{*options.device_memory_bytes};
  limits.max_switches = options.max_switches;
  if (options.first_on_device > 0) limits.pins.push_back({.first = 1, .last = options.first_on_device});
  for (const std::string& text : options.pins) {
    const auto pin = pin_of(text);
    if (!pin) return forward_error(pin);
    limits.pins.push_back(*pin);
  }
  return problem;
}

plan::Objective objective_of(const std::string& name) {
  if (name == "energy") return plan::Objective::energy;
  return name == "weighted" ? plan::Objective::weighted : plan::Objective::latency;
}

std::optional<plan::Solver> solver_of(const std::string& name) {
  for (const plan::Solver solver : kSolvers) {
    if (name == plan::name_of(solver)) return solver;
  }
  return std::nullopt;
}

std::string where_text(const std::vector<plan::Segment>& segments) {
  std::string text;
  for (std::size_t i = 0; i < segments.size();) {
    const plan::Segment& first = segments[i];
    int last = first.last;
    for (++i; i < segments.size() && segments[i].place == first.place; ++i) last = segments[i].last;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", first.place == plan::Place::device ? "device" : "cloud",
                        first.first == last ? fmt::format("{}", last) : fmt::format("{}–{}", first.first, last));
  }
  return text;
}

std::string misses_text(const plan::Plan& plan) {
  std::string text;
  for (const plan::Miss& miss : plan.nearest_miss) {
    const auto amount = [&miss](double value) { return amount_text(miss.resource, value); };
    const std::string least = std::isfinite(miss.least) ? amount(miss.least) : "impossible";
    text += fmt::format("{:<16} {:>10}   alone {}", option_of(miss.resource), amount(miss.limit), least);
    if (plan.nearest_miss.size() > 1) {
      text += miss.least_within_others ? fmt::format(", with the others {}", amount(*miss.least_within_others))
                                       : ", the others cannot be kept even without it";
    }
    text += '\n';
  }
  return text;
}

}  // namespace tandem::cli
