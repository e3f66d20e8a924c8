// A graph problem as an integer linear program, to check and to compare the combinatorial solver with.
#pragma once

#include "graph_search.hpp"
#include "tandem/plan/ilp.hpp"

namespace tandem::plan {

// y = 1: the node runs in the cloud. A crossing is 1 where a reader is elsewhere:
//   up   >= y(reader) - y(maker)
//   down >= y(maker) - y(reader), and >= y(maker) for a result of the network
// These, like u and d of (2.6), need not be called integers, since costs and limits keep them as small as they may be.
Ilp program_of(const GraphCosts& costs, const Prices& prices, const Amounts& limits);

Result<GraphSearch> search_by_ilp(const GraphCosts& costs, const Prices& prices, const Amounts& limits,
                                  Milliseconds time_limit);

}  // namespace tandem::plan
