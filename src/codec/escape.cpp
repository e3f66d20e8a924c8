#include <algorithm>
#include <numeric>

#include "logarithm.hpp"
#include "model.hpp"

namespace tandem::codec {

Weights weights_with_escape(std::span<const std::uint32_t> counts) {
  const std::size_t escape = escape_of(static_cast<unsigned>(counts.size()));
  const std::uint64_t total = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
  std::vector<std::uint32_t> kept(counts.begin(), counts.end());
  std::uint64_t escaped = 0;
  for (std::size_t s = 0; s < kept.size(); ++s) {
    kept[s] = static_cast<std::uint32_t>(std::uint64_t{kept[s]} * 4);
    // Less than a third of a part.
    if (s == escape || std::uint64_t{kept[s]} * 3 * kScale >= 4 * total) continue;
    escaped += kept[s];
    kept[s] = 0;
  }
  kept[escape] += static_cast<std::uint32_t>(escaped) + 1;
  return weights_of(kept);
}

std::int64_t coding_cost(std::span<const std::uint32_t> counts, const Weights& weights) {
  const Frequencies frequencies = scale(weights);
  const std::size_t escape = escape_of(static_cast<unsigned>(counts.size()));
  const BitCost whole = log2_cost(kScale);
  BitCost cost = 0;
  for (std::size_t s = 0; s < counts.size(); ++s) {
    if (counts[s] == 0) continue;
    const bool escapes = s == escape || frequencies[s] == 0;
    const BitCost one =
        escapes ? whole - log2_cost(frequencies[escape]) + (8 << kCostBits) : whole - log2_cost(frequencies[s]);
    cost += static_cast<BitCost>(counts[s]) * one;
  }
  return cost;
}

}  // namespace tandem::codec
