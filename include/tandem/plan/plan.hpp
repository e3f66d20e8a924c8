// A plan: which groups of layers run where, what crosses between them, and what that will cost. Format tandem.plan.v1.
//
//   const Plan plan = solve(problem);
//   fmt::print("{}", picture(plan, device_table.layers, {.width = 100}));
//
// Thread rule: values.
#pragma once

#include <string>
#include <vector>

#include "tandem/base/json.hpp"
#include "tandem/base/result.hpp"
#include "tandem/plan/problem.hpp"

namespace tandem::plan {

// Layers first..last run as one group.
struct Segment {
  int first = 1;
  int last = 1;
  Place place = Place::device;
  Milliseconds latency{};  // predicted
  Millijoules energy{};    // of the device
  bool operator==(const Segment&) const = default;
};

struct Totals {
  Milliseconds latency{};
  Millijoules energy{};
  Milliseconds cloud{};  // execution in the cloud
  Bytes memory{};        // of the groups on the device; 0 where unknown
  bool operator==(const Totals&) const = default;
};

struct Plan {
  Objective objective = Objective::latency;
  Weights weights{};      // of Objective::weighted
  bool feasible = false;  // there are segments, and they keep all constraints
  Totals totals;
  std::vector<Segment> segments;
  std::vector<Transfer> transfers;   // in order of execution
  bool proven_optimal = false;       // no schedule that keeps the constraints is better; or there is none
  double lower_bound = 0.0;          // no such schedule costs less than this under the objective
  std::vector<Miss> nearest_miss{};  // where not feasible: each limit, and how near one can come to it
  std::string solver;
  double solve_us = 0.0;
  Totals device_only, cloud_only;          // baselines: the whole network as one group
  std::string network, fingerprint, link;  // what it was made for; empty where unknown
};

// How to find it; docs/formats/plan.md says what each can do. `cut` is for graphs, see graph.hpp.
//   path   shortest path in the JointDNN graph (Fig. 2.6), O(N^2): exact without limits; keeps pins
//   label  label setting with dominance and lower bounds: exact with any constraints
//   larac  Lagrangian relaxation (Juettner et al. 2001): quick with limits, optimal only where its gap closes
//   ilp    the integer program (2.2)-(2.20) on CBC: exact, slow, for comparison
enum class Solver { path, cut, label, larac, ilp };

const char* name_of(Solver solver);

// The best plan: by `path` where no resource is limited, else by `label`. Costs that are not finite are never taken;
// where no schedule is left the plan is not feasible. Ties are won by the device, then by the longer group.
// Where costs were measured with errors, the least of many sums is one of lucky errors: neighbours on one place are
// then one group, unless apart they cost less by more than two standard errors, or only apart keep a limit; in the
// cloud always, where they are one call. With exact costs the plan is the optimum. Precondition: at least one layer,
// all parts of `problem` of its size.
Plan solve(const Problem& problem);
// By this solver. Error: invalid_argument, where it cannot solve such a problem.
Result<Plan> solve(const Problem& problem, Solver solver);

// Every plan of which no other is both as fast and as sparing with energy, fastest first, that keeps the constraints;
// exact, by label setting, with the costs taken as exact. Empty where none keeps them, or over eight million labels.
std::vector<Plan> pareto_front(const Problem& problem);

// What a given schedule costs. Precondition: segments cover layers 1..N in order (their own costs are not looked at).
Totals evaluate(const Problem& problem, const std::vector<Segment>& segments);
// What totals come to under the problem's objective.
double cost_of(const Problem& problem, const Totals& totals);
// Completes a given schedule into a plan with costs, transfers, totals and baselines; proven_optimal is false.
Plan describe(const Problem& problem, std::vector<Segment> segments);

// Errors of from_json name the field: a plan whose segments do not cover layers 1..N in order, or whose transfers are
// not those between them, is refused.
Json to_json(const Plan& plan);
Result<Plan> from_json(const Json& json);

struct PictureOptions {
  int width = 80;       // columns, at least 44; no line is longer
  bool colour = false;  // colours and block characters; plain ASCII otherwise
};

// The schedule as a waterfall: a row per step with its time, energy and place in time, then the totals beside those of
// device and cloud alone. `layer_names` are the profile's; empty where unknown.
std::string picture(const Plan& plan, const std::vector<std::string>& layer_names, const PictureOptions& options);

}  // namespace tandem::plan
