#include "plan_explain.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "terminal.hpp"

namespace tandem::cli {
namespace {

const char* name_of(plan::Parameter parameter) {
  switch (parameter) {
    case plan::Parameter::up: return "up_mbps";
    case plan::Parameter::down: return "down_mbps";
    case plan::Parameter::rtt: return "rtt_ms";
    case plan::Parameter::device_load: return "device_load";
    case plan::Parameter::cloud_load: break;
  }
  return "cloud_load";
}

std::string cost_text(const plan::Problem& problem, double cost) {
  switch (problem.objective) {
    case plan::Objective::latency: return human_time(Milliseconds{cost});
    case plan::Objective::energy: return fmt::format("{:.1f} mJ", cost);
    case plan::Objective::weighted: break;
  }
  return fmt::format("{:.4g}", cost);
}

}  // namespace

Result<Explanation> explain(const PlanInput& input, const plan::Problem& problem, const plan::Plan& plan, int count) {
  Explanation explanation;
  const std::string chosen = where_text(plan.segments);
  for (plan::Plan& other : plan::best_placements(problem, count + 1)) {
    if (where_text(other.segments) != chosen && explanation.runners_up.size() < static_cast<std::size_t>(count))
      explanation.runners_up.push_back(std::move(other));
  }
  explanation.binding = plan::binding_limits(problem, plan);
  if (!problem.constraints.limited()) {
    auto flips = plan::find_flips(input.device, input.cloud, input.link, input.objective, input.options);
    if (!flips) return forward_error(flips);
    explanation.flips = std::move(*flips);
  }
  return explanation;
}

std::string text_of(const Explanation& explanation, const plan::Problem& problem, const plan::Plan& plan, int width) {
  std::string text;
  if (!explanation.runners_up.empty()) {
    text += "\nNext best\n";
    Table table({{"latency"}, {"energy"}, {"more"}, {"where layers run", Table::Align::left}});
    const double best = cost_of(problem, plan.totals);
    for (const plan::Plan& other : explanation.runners_up) {
      const double more = cost_of(problem, other.totals) / best - 1;
      table.row({human_time(other.totals.latency), fmt::format("{:.1f} mJ", other.totals.energy.value),
                 !other.feasible       ? "over a limit"
                 : std::isfinite(more) ? fmt::format("{:+.1f} %", 100 * more)
                                       : "-",
                 where_text(other.segments)});
    }
    text += table.text(width);
  }
  for (const plan::Binding& b : explanation.binding) {
    text += fmt::format("\n{} of {:.6g} binds: {:.6g} is used; without it the plan would cost {} instead of {}\n",
                        name_of(b.resource), b.limit, b.used, cost_text(problem, b.cost_without),
                        cost_text(problem, b.cost));
  }
  if (problem.constraints.limited() && explanation.binding.empty() && plan.feasible)
    text += "\nNo limit binds by itself.\n";
  if (!explanation.flips.empty()) {
    text += "\nThe decision flips, all else equal, at\n";
    Table table({{"parameter", Table::Align::left}, {"now"}, {"from"}, {"then", Table::Align::left}});
    for (const plan::Flip& flip : explanation.flips) {
      table.row({name_of(flip.parameter), fmt::format("{:.4g}", flip.now),
                 fmt::format("{} {:.4g}", flip.at < flip.now ? "<" : ">", flip.at), where_text(flip.then.segments)});
    }
    text += table.text(width);
  }
  return text;
}

Json to_json(const Explanation& explanation) {
  Json json{{"runners_up", Json::array()}, {"binding", Json::array()}, {"flips", Json::array()}};
  for (const plan::Plan& other : explanation.runners_up) {
    Json one = plan::to_json(other);
    for (const char* key : {"baselines", "proven_optimal", "solver", "solve_us", "lower_bound"}) one.erase(key);
    json["runners_up"].push_back(std::move(one));
  }
  for (const plan::Binding& b : explanation.binding) {
    json["binding"].push_back({{"constraint", name_of(b.resource)},
                               {"limit", b.limit},
                               {"used", b.used},
                               {"cost", b.cost},
                               {"cost_without", b.cost_without}});
  }
  for (const plan::Flip& flip : explanation.flips) {
    Json segments = Json::array();
    for (const plan::Segment& s : flip.then.segments) {
      segments.push_back(
          {{"first", s.first}, {"last", s.last}, {"place", s.place == plan::Place::device ? "device" : "cloud"}});
    }
    json["flips"].push_back({{"parameter", name_of(flip.parameter)},
                             {"now", flip.now},
                             {"at", flip.at},
                             {"segments", std::move(segments)}});
  }
  return json;
}

}  // namespace tandem::cli
