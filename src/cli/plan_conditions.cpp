#include "plan_conditions.hpp"

#include <fmt/format.h>

#include <chrono>
#include <limits>

#include "tandem/base/file.hpp"
#include "tandem/link/trace.hpp"
#include "terminal.hpp"

namespace tandem::cli {
namespace {

// A point of a trace counts once for each shortest stretch of it, at most this often in all.
constexpr double kMostConditions = 2000;

Result<std::vector<plan::Conditions>> sample_of(const ConditionsOptions& options, const PlanInput& input) {
  const profile::LoadFactors& loads = input.options.loads;
  if (options.trace.empty()) {
    return plan::sample_around(input.link, {.size = options.samples, .spread = options.spread, .loads = loads});
  }
  const auto trace = link::load_trace(options.trace);
  if (!trace) return forward_error(trace);
  // At equal distances in time, so that what lasts long counts much.
  std::vector<plan::Conditions> sample;
  const auto count = static_cast<int>(std::min(kMostConditions, static_cast<double>(options.samples)));
  const Milliseconds duration =
      trace->points.size() > 1 ? trace->duration() : Milliseconds{1};  // a lone point lasts for ever
  sample.reserve(count);
  for (int i = 0; i < count; ++i) {
    const link::TracePoint& point = trace->at(duration * ((i + 0.5) / count));
    sample.push_back({.up = point.up, .down = point.down, .rtt = point.rtt, .loads = loads});
  }
  return sample;
}

plan::Plan plan_from(const plan::Optima& optima, std::size_t index, const link::Link& link,
                     const plan::Conditions& conditions) {
  const plan::UnpricedPlan& candidate = optima.candidates()[index];
  const plan::Radio& radio = optima.radio();
  plan::Plan plan;
  plan.objective = optima.objective();
  plan.weights = optima.weights();
  plan.feasible = true;
  plan.totals = optima.totals(index, conditions);
  plan.segments = candidate.segments;
  plan.transfers = candidate.transfers;
  for (plan::Segment& s : plan.segments) {
    const bool device = s.place == plan::Place::device;
    s.latency *= device ? conditions.loads.device : conditions.loads.cloud;
    s.energy = device ? s.energy * conditions.loads.device : radio.idle * s.latency;
  }
  for (plan::Transfer& t : plan.transfers) {
    plan::Crossing& c = t.crossing;
    const bool up = t.direction == plan::Direction::up;
    c.encode *= up ? conditions.loads.device : conditions.loads.cloud;
    c.decode *= up ? conditions.loads.cloud : conditions.loads.device;
    c.on_link = up ? link.upload_time(Bytes{c.bytes}) : link.download_time(Bytes{c.bytes});
    plan::Footprint footprint;
    (up ? footprint.up_bytes : footprint.down_bytes) = c.bytes;
    footprint.transfers = 1;
    c.energy = totals_under(footprint, radio, conditions).energy + radio.busy * (up ? c.encode : c.decode) +
               radio.idle * (up ? c.decode : c.encode);
  }
  constexpr double kUnknown = std::numeric_limits<double>::infinity();
  plan.device_only = plan.cloud_only = {
      .latency = Milliseconds{kUnknown}, .energy = Millijoules{kUnknown}, .cloud = Milliseconds{kUnknown}};
  plan.proven_optimal = true;
  plan.solver = "optima";
  plan.network = optima.network;
  plan.fingerprint = optima.fingerprint;
  plan.link = link.name;
  return plan;
}

}  // namespace

void add_conditions_options(CLI::App* command, ConditionsOptions& options) {
  command->add_option("--all-optima", options.all_optima, "write every schedule that is best under some conditions")
      ->type_name("FILE");
  command->add_option("--optima", options.optima, "look the plan up in such a file, instead of profiles")
      ->type_name("FILE");
  auto* risk = command->add_option("--risk", options.risk, "least cost at this percentile of uncertain links: 0.95");
  risk->type_name("SHARE");
  command->add_option("--trace", options.trace, "with --risk: the link as it was measured, see 'tandem link'")
      ->type_name("FILE")
      ->needs(risk);
  command->add_option("--spread", options.spread, "with --risk: rates and round trip vary log-normally by this")
      ->check(CLI::Range(0.0, 3.0))
      ->needs(risk)
      ->capture_default_str();
  command->add_option("--samples", options.samples, "with --risk: conditions looked at")
      ->check(CLI::Range(1, static_cast<int>(kMostConditions)))
      ->needs(risk)
      ->capture_default_str();
}

Outcome write_optima(const std::string& file, const PlanInput& input) {
  const auto start = std::chrono::steady_clock::now();
  const auto optima = plan::find_optima(input.device, input.cloud, input.link, input.objective, input.options);
  if (!optima) return forward_error(optima);
  if (optima->candidates().empty()) return Exit::no_feasible_answer;
  if (const Status written = write_file(file, to_json(*optima).dump(1) + "\n"); !written) return forward_error(written);
  const Milliseconds took = std::chrono::steady_clock::now() - start;
  if (input.json) {
    fmt::print("{}\n",
               Json{{"candidates", optima->candidates().size()}, {"file", file}, {"took_ms", took.count()}}.dump(2));
  } else {
    fmt::print("{}: {} schedules are best under some rates, round trip and loads; found in {}, written to {}\n",
               input.device.network, optima->candidates().size(), human_time(took), file);
  }
  return Exit::done;
}

Outcome look_up(const std::string& file, const link::Link& link, const profile::LoadFactors& loads, bool json) {
  const auto optima = plan::load_optima(file);
  if (!optima) return forward_error(optima);
  const plan::Conditions conditions{.up = link.up, .down = link.down, .rtt = link.rtt, .loads = loads};
  const auto start = std::chrono::steady_clock::now();
  const std::size_t index = optima->best(conditions);
  const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - start;
  plan::Plan plan = plan_from(*optima, index, link, conditions);
  plan.solve_us = took.count();
  if (json) {
    fmt::print("{}\n", to_json(plan).dump(2));
    return Exit::done;
  }
  const Terminal screen = terminal();
  fmt::print("{} over {}: the best of {} schedules, looked up in {:.1f} us\n\n{}", plan.network, plan.link,
             optima->candidates().size(), plan.solve_us,
             plan::picture(plan, {}, {.width = screen.width, .colour = screen.colour}));
  return Exit::done;
}

Result<plan::RiskPlan> plan_at_risk(const ConditionsOptions& options, const PlanInput& input) {
  const auto sample = sample_of(options, input);
  if (!sample) return forward_error(sample);
  return plan::solve_at_risk(input.device, input.cloud, input.link, input.objective, *sample, *options.risk,
                             input.options);
}

std::string risk_text(const ConditionsOptions& options, const plan::RiskPlan& plan) {
  const bool energy = plan.plan.objective == plan::Objective::energy;
  const std::string unit = plan.plan.objective == plan::Objective::latency ? " ms" : energy ? " mJ" : "";
  std::string text = fmt::format("\nin {:g} % of {} conditions at most {:.4g}{}", 100 * *options.risk, options.samples,
                                 plan.at_risk, unit);
  if (!plan.plan.proven_optimal) text += fmt::format("; no schedule is below {:.4g}{}", plan.lower_bound, unit);
  return text + '\n';
}

}  // namespace tandem::cli
