// Finding measurements that cannot be right.
#pragma once

#include <vector>

#include "tandem/profile/cost_table.hpp"

namespace tandem::profile {

// The measured groups whose latency is over (1 + tolerance) times that of a measured group with one block more, at its
// start or its end: something else ran on the machine while they were measured. Linear in groups, but for a logarithm.
std::vector<BlockRange> dearer_than_larger(const CostTable& table, double tolerance);

}  // namespace tandem::profile
