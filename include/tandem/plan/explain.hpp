// Why a plan is as it is: the schedules that came next, what binds, and where the decision flips.
//
//   std::vector<Plan> ranked = best_placements(problem, 4);
//   Result<std::vector<Flip>> flips = find_flips(device_table, cloud_table, link, Objective::latency, {});
//
// Thread rule: values and free functions, any thread.
#pragma once

#include <string>
#include <vector>

#include "tandem/plan/optima.hpp"

namespace tandem::plan {

// The `count` cheapest plans under the objective of which no two place all layers alike, cheapest first; each in the
// groups and codecs that cost least. Pins are kept; a plan that misses a limit is not feasible. Exact: k shortest paths
// over runs of layers. O(N^3 + N^2 count log count).
std::vector<Plan> best_placements(const Problem& problem, int count);

// A limit without which the plan would be better, and by how much.
struct Binding {
  Resource resource = Resource::latency;
  double limit = 0.0;
  double used = 0.0;
  double cost = 0.0;          // of the plan, under the objective
  double cost_without = 0.0;  // of the best plan without this limit
};
std::vector<Binding> binding_limits(const Problem& problem, const Plan& plan);

enum class Parameter { up, down, rtt, device_load, cloud_load };
inline constexpr Parameter kParameters[] = {Parameter::up, Parameter::down, Parameter::rtt, Parameter::device_load,
                                            Parameter::cloud_load};
double value_of(const Conditions& conditions, Parameter parameter);
void set(Conditions& conditions, Parameter parameter, double value);

// All else equal, another schedule is best from this value of the parameter on.
struct Flip {
  Parameter parameter = Parameter::up;
  double now = 0.0;
  double at = 0.0;    // Mbps, ms, or a load factor
  UnpricedPlan then;  // best beyond
};
// The next value below and the next above at which the decision flips, where there are such. Costs are linear in the
// load, the round trip and the inverse of a rate, so each is found exactly: go to where the lines of this schedule and
// of one that is better further on cross, until nothing is better there. Without limits only: with them the error is
// invalid_argument.
Result<std::vector<Flip>> find_flips(const profile::CostTable& device, const profile::CostTable& cloud,
                                     const link::Link& link, Objective objective, const ProblemOptions& options);

}  // namespace tandem::plan
