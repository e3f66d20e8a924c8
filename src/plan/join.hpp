// Costs that were measured carry errors, and the least of many sums is one of lucky errors: it likes to split a group
// into parts of which one was measured in a quiet moment.
#pragma once

#include <vector>

#include "chain.hpp"

namespace tandem::plan {

// Neighbours on one place become one group where that costs no more, but for rounding and two standard errors.
std::vector<Segment> join_neighbours(const Problem& problem, const Prices& prices,
                                     const std::vector<Segment>& segments);

}  // namespace tandem::plan
