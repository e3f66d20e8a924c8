#include "tandem/profile/plausibility.hpp"

namespace tandem::profile {

std::vector<BlockRange> dearer_than_larger(const CostTable& table, double tolerance) {
  std::vector<BlockRange> found;
  for (const auto& [range, cost] : table.groups()) {
    const BlockRange larger[] = {{.first = range.first - 1, .last = range.last},
                                 {.first = range.first, .last = range.last + 1}};
    for (const BlockRange& other : larger) {
      if (table.has(other) && cost.latency > (1 + tolerance) * table.cost(other).latency) {
        found.push_back(range);
        break;
      }
    }
  }
  return found;
}

}  // namespace tandem::profile
