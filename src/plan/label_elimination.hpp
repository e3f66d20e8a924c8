// Label setting on an elimination tree: the cheapest assignment of a narrow graph that keeps limits, exactly.
//
// A bucket's message holds, for each combination of states of its scope, labels: what some assignment of the tensors
// behind it costs and uses up. A label goes where another is no worse in anything, and where even the cheapest
// completion, at the prices of the Lagrangian, costs more than a width above the lower bound. The optimum mostly lies
// near that bound, so the first width is a small part of what is left to the best assignment known; then it is doubled.
#pragma once

#include <chrono>

#include "elimination.hpp"

namespace tandem::plan {

struct LabelRequest {
  Prices prices{};        // the objective's
  Amounts multipliers{};  // of the limits; not below 0
  Amounts limits{};       // infinite where absent
  double lower_bound = 0.0;
  double best = kNever;  // the cost of an assignment known; only cheaper ones are looked for
  std::chrono::steady_clock::time_point until{};
};

struct LabelResult {
  std::vector<Place> places;  // the cheapest that was found; empty where none is cheaper than the one known
  double lower_bound = 0.0;
  bool complete = false;  // false: time was up, or labels too many
};

// Precondition: `elimination` is priced with the prices and multipliers together. At least one limit is finite.
LabelResult cheapest_within(const EliminationTree& tree, const Elimination& elimination, const LabelRequest& request);

}  // namespace tandem::plan
