// The cheapest assignment that keeps limits: NP-hard in general, exact here by branch and bound.
//
// Limits become prices (Lagrangian relaxation, Held and Karp 1971); at any prices the relaxed problem is a minimum cut
// and a lower bound. What gap the best prices leave is closed by label setting on an elimination tree where the graph
// is narrow, as networks mostly are; elsewhere by trying a node on either place.
#pragma once

#include "graph_costs.hpp"

namespace tandem::plan {

struct GraphSearch {
  std::vector<Place> best;   // empty where none was found
  double cost = 0.0;         // of `best`; infinite where there is none
  double lower_bound = 0.0;  // of any assignment that keeps the limits; infinite where none does
  bool exact = false;        // `best` is the optimum, or there is none
};

struct GraphSearchOptions {
  Milliseconds time_limit{10'000};
  bool eliminate = true;  // false: as if the graph were wide
};

// `prices` are the objective's; limits are infinite where absent.
GraphSearch search(const GraphCosts& costs, const Prices& prices, const Amounts& limits,
                   const GraphSearchOptions& options);

}  // namespace tandem::plan
