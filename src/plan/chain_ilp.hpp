// The integer program of chapter 2 for chains, equations (2.2) to (2.20), to check and to compare the other solvers
// with.
#pragma once

#include "chain.hpp"
#include "tandem/plan/ilp.hpp"

namespace tandem::plan {

// Error: internal, where CBC fails.
Result<Search> search_by_ilp(const Problem& problem, const Prices& prices, const Amounts& limits,
                             Milliseconds time_limit);

}  // namespace tandem::plan
