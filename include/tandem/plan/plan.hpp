// A plan: which groups of layers run where, what crosses between them, and what that will cost. Format tandem.plan.v1.
//
//   const Plan plan = solve(problem);
//   fmt::print("{}", picture(plan, width));
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
  bool operator==(const Segment&) const = default;
};

enum class Direction { up, down };

// The tensor of the boundary after layer `after` (0: the network's input) crosses.
struct Transfer {
  int after = 0;
  Direction direction = Direction::up;
  double bytes = 0.0;
  std::string codec;
  bool operator==(const Transfer&) const = default;
};

struct Totals {
  Milliseconds latency{};
  Millijoules energy{};
  Milliseconds cloud{};  // execution in the cloud
};

struct Plan {
  Objective objective = Objective::latency;
  bool feasible = false;
  Totals totals;
  std::vector<Segment> segments;
  std::vector<Transfer> transfers;
  bool proven_optimal = false;
  std::string solver;
  double solve_us = 0.0;
  Totals device_only, cloud_only;  // baselines
};

// The shortest path from S to F in the JointDNN graph (Fig. 2.6): dynamic programming over the place of the group that
// ends at each layer, O(N^2) time, O(N) memory. Ties are won by the device, then by fewer, longer groups.
Plan solve(const Problem& problem);

// What a given schedule costs. Precondition: segments cover layers 1..N in order.
Totals evaluate(const Problem& problem, const std::vector<Segment>& segments);
// Completes segments into a plan with transfers, totals and baselines; proven_optimal is false.
Plan describe(const Problem& problem, std::vector<Segment> segments);

Json to_json(const Plan& plan);
Result<Plan> from_json(const Json& json);

// The schedule as a few lines for a terminal of `width` columns; layer names come from the profile.
std::string picture(const Plan& plan, const std::vector<std::string>& layer_names, int width, bool colour);

}  // namespace tandem::plan
