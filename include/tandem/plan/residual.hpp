// Residual blocks on a chain (Fig. 2.7): the output of a layer is read by the next one, and by one further on.
//
//   Result<Plan> plan = solve(problem, std::vector<Skip>{{.source = 2, .target = 5}});
//
// A chain remembers only where its last tensor is. Within a block two more chains are kept: one where the source's
// output is on the device only, one where it is in the cloud only; the chain itself is where it is on both, having
// crossed right after its source. Blocks that overlap or nest need more memory than that: solve them as a graph
// (graph.hpp). Thread rule: values and free functions, any thread.
#pragma once

#include <vector>

#include "tandem/plan/plan.hpp"

namespace tandem::plan {

// Layer `target` also reads the tensor after layer `source` (0: the network's input), target >= source + 2.
struct Skip {
  int source = 0;
  int target = 2;
  bool operator==(const Skip&) const = default;
};

// The shortest path; exact, O(N^2). Where a target does not run on the place that holds its source's output, that
// tensor crosses, too: a transfer with the source's `after`, before the group of the target. Pins are kept. Group costs
// are those of `problem`, whatever skips lie across a group's ends. Errors: invalid_argument naming the skip: out of
// range, overlapping another; limits in `problem`.
Result<Plan> solve(const Problem& problem, const std::vector<Skip>& skips);

}  // namespace tandem::plan
