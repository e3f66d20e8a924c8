#include "tandem/plan/decisions.hpp"

#include <algorithm>

#include "tandem/plan/plan.hpp"
#include "tandem/profile/emulate.hpp"

namespace tandem::plan {
namespace {

// A small device's, for the energy of plans: only its ratio to the radio's power matters.
constexpr Milliwatts kBusyPower{4000};
constexpr Milliwatts kIdlePower{300};
constexpr double kWorthKnowing = 1e-3;

void count_groups(const Plan& plan, std::map<std::pair<int, int>, int>& groups) {
  for (const Segment& segment : plan.segments) ++groups[{segment.first, segment.last}];
}

}  // namespace

std::vector<DecisionCase> usual_decision_cases() {
  std::vector<DecisionCase> cases;
  for (const char* name : {"3g", "4g", "wifi"}) {
    const auto link = link::find(name);
    if (!link) continue;
    for (const Objective objective : {Objective::latency, Objective::energy}) {
      for (const double slowdown : {3.0, 10.0, 30.0}) cases.push_back({*link, objective, slowdown});
    }
  }
  return cases;
}

Result<Problem> decision_problem(const profile::CostTable& table, const DecisionCase& decision) {
  const profile::CostTable device = profile::emulate(
      table, {.slowdown = decision.slowdown * table.slowdown, .idle_power = kIdlePower, .busy_power = kBusyPower});
  auto problem = make_problem(device, table, decision.link, decision.objective);
  if (!problem) return forward_error(problem);
  problem->device_error_ms = problem->device_ms;
  problem->cloud_error_ms = problem->cloud_ms;
  return problem;
}

Decisions compare_decisions(const profile::CostTable& expected, std::span<const profile::CostTable> possible) {
  Decisions result;
  for (const DecisionCase& decision : usual_decision_cases()) {
    const auto problem = decision_problem(expected, decision);
    if (!problem) continue;
    const Plan plan = solve(*problem);
    if (!plan.feasible) continue;
    double regret = 0.0;
    std::map<std::pair<int, int>, int> groups;
    for (const profile::CostTable& table : possible) {
      const auto truth = decision_problem(table, decision);
      if (!truth) continue;
      const Plan best = solve(*truth);
      const double cost = cost_of(*truth, evaluate(*truth, plan.segments));
      const double least = cost_of(*truth, best.totals);
      if (!best.feasible || !(least > 0.0) || cost <= least * (1 + kWorthKnowing)) continue;
      regret += (cost / least - 1.0) / static_cast<double>(possible.size());
      count_groups(plan, groups);
      count_groups(best, groups);
    }
    result.regret = std::max(result.regret, regret);
    for (const auto& [group, count] : groups) result.rivals[group] += count;
  }
  return result;
}

}  // namespace tandem::plan
