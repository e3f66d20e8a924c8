#include "clusters.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>

#include "logarithm.hpp"

namespace tandem::codec {
namespace {

constexpr std::size_t kSymbolsPerCluster = 72;  // for each of eight symbols of the alphabet

using Counts = std::array<std::uint32_t, kMaxSymbols>;

struct Group {
  Counts counts{};
  std::uint64_t total = 0;
  BitCost cost = 0;  // of its symbols and its table

  void add(const SparseCounts& channel) {
    for (const auto& [symbol, times] : channel.counts) counts[symbol] += times;
    total += channel.total;
  }
};

BitCost cost_of(const Counts& counts, std::uint64_t total, std::size_t symbols) {
  if (total == 0) return 0;
  BitCost cost = static_cast<BitCost>(total) * log2_cost(total);
  std::size_t table_bits = 0;
  unsigned before = 0;
  for (std::size_t i = 0; i < symbols; ++i) {
    const auto count = counts[i];
    if (count > 0) cost -= static_cast<BitCost>(count) * log2_cost(count);
    // About what weight_bits() will say: a bit where the class stays, five where it changes, two of mantissa.
    const auto width = count == 0 ? 0U : static_cast<unsigned>(std::bit_width(count));
    table_bits += (width == before ? 1 : 3) + (width > 0 ? 2 : 0);
    before = width;
  }
  return cost + (static_cast<BitCost>(table_bits) << kCostBits);
}

// Groups are in the order of entropy: those that are alike are near each other.
constexpr std::size_t kNear = 2;

// Merges the pair of near groups that saves most until none saves anything. `map`: where each group has gone.
void merge(std::vector<Group>& groups, std::vector<std::size_t>& map, std::size_t symbols) {
  const auto merged = [&](std::size_t a, std::size_t b) {
    Group both = groups[a];
    for (std::size_t i = 0; i < symbols; ++i) both.counts[i] += groups[b].counts[i];
    both.total += groups[b].total;
    both.cost = cost_of(both.counts, both.total, symbols);
    return both;
  };
  std::vector<bool> gone(groups.size(), false);
  std::vector<std::vector<BitCost>> saving(groups.size(), std::vector<BitCost>(groups.size(), 0));
  const auto update = [&](std::size_t a, std::size_t b) {
    saving[a][b] = saving[b][a] = groups[a].cost + groups[b].cost - merged(a, b).cost;
  };
  for (std::size_t a = 0; a < groups.size(); ++a) {
    for (std::size_t b = a - std::min(a, kNear); b < a; ++b) update(a, b);
  }
  while (true) {
    BitCost best = 0;
    std::size_t keep = 0;
    std::size_t drop = 0;
    for (std::size_t a = 0; a < groups.size(); ++a) {
      for (std::size_t b = a + 1; b < groups.size(); ++b) {
        if (!gone[a] && !gone[b] && saving[a][b] > best) {
          best = saving[a][b];
          keep = a;
          drop = b;
        }
      }
    }
    if (best <= 0) return;
    groups[keep] = merged(keep, drop);
    gone[drop] = true;
    for (std::size_t& place : map) place = place == drop ? keep : place;
    const std::size_t end = std::min(groups.size(), keep + kNear + 1);
    for (std::size_t b = keep - std::min(keep, kNear); b < end; ++b) {
      if (b != keep && !gone[b]) update(keep, b);
    }
  }
}

// Each channel to the group whose table codes it in the fewest bits.
void reassign(std::span<const SparseCounts> channels, const std::vector<Group>& groups, std::vector<std::size_t>& of) {
  std::vector<std::array<std::uint16_t, kMaxSymbols>> costs(groups.size());
  for (std::size_t g = 0; g < groups.size(); ++g) {
    for (std::size_t i = 0; i < kMaxSymbols; ++i) {
      // A symbol the group lacks is counted as a third of one.
      const std::uint64_t count = 3 * std::uint64_t{groups[g].counts[i]} + 1;
      costs[g][i] = static_cast<std::uint16_t>(log2_cost(3 * groups[g].total + kMaxSymbols) - log2_cost(count));
    }
  }
  for (std::size_t c = 0; c < channels.size(); ++c) {
    std::uint64_t least = std::numeric_limits<std::uint64_t>::max();
    for (std::size_t g = 0; g < groups.size(); ++g) {
      if (groups[g].total == 0) continue;
      std::uint64_t cost = 0;
      for (const auto& [symbol, times] : channels[c].counts) cost += std::uint64_t{times} * costs[g][symbol];
      if (cost < least) {
        least = cost;
        of[c] = g;
      }
    }
  }
}

std::vector<Group> groups_of(std::span<const SparseCounts> channels, const std::vector<std::size_t>& of,
                             std::size_t count) {
  std::vector<Group> groups(count);
  for (std::size_t c = 0; c < channels.size(); ++c) groups[of[c]].add(channels[c]);
  return groups;
}

}  // namespace

namespace {

SparseCounts count_few(std::span<const std::uint8_t> symbols) {
  SparseCounts result{.counts = {}, .total = static_cast<std::uint32_t>(symbols.size())};
  std::array<std::uint8_t, kMaxSymbols> counts{};
  std::array<std::uint8_t, kMaxSymbols> occurring;
  std::size_t used = 0;
  for (const std::uint8_t symbol : symbols) {
    occurring[used] = symbol;
    used += counts[symbol]++ == 0 ? 1 : 0;
  }
  result.counts.reserve(used);
  for (std::size_t i = 0; i < used; ++i) result.counts.push_back({occurring[i], counts[occurring[i]]});
  return result;
}

// Channels in `count` groups of as many, sorted by entropy: the group of each.
std::vector<std::size_t> by_entropy(std::span<const SparseCounts> channels, std::size_t count) {
  std::vector<std::size_t> order(channels.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::vector<std::int64_t> entropies(channels.size());
  std::ranges::transform(channels, entropies.begin(), entropy);
  std::ranges::stable_sort(order, {}, [&](std::size_t c) { return entropies[c]; });
  std::vector<std::size_t> of(channels.size());
  for (std::size_t i = 0; i < order.size(); ++i) of[order[i]] = i * count / order.size();
  return of;
}

}  // namespace

SparseCounts count_symbols(std::span<const std::uint8_t> symbols) {
  if (symbols.size() < kMaxSymbols) return count_few(symbols);
  // Four histograms, since an equal symbol soon after would wait for the one before.
  std::array<std::array<std::uint32_t, kMaxSymbols>, 4> counts{};
  std::size_t i = 0;
  for (; i + 4 <= symbols.size(); i += 4) {
    ++counts[0][symbols[i]];
    ++counts[1][symbols[i + 1]];
    ++counts[2][symbols[i + 2]];
    ++counts[3][symbols[i + 3]];
  }
  for (; i < symbols.size(); ++i) ++counts[0][symbols[i]];
  SparseCounts result{.counts = {}, .total = static_cast<std::uint32_t>(symbols.size())};
  std::array<SparseCounts::Count, kMaxSymbols + 1> occurring;
  std::size_t used = 0;
  for (std::size_t symbol = 0; symbol < kMaxSymbols; ++symbol) {
    const std::uint32_t times = counts[0][symbol] + counts[1][symbol] + counts[2][symbol] + counts[3][symbol];
    occurring[used] = {static_cast<std::uint8_t>(symbol), times};
    used += times > 0 ? 1 : 0;  // no branch: which symbols occur cannot be predicted
  }
  result.counts.assign(occurring.begin(), occurring.begin() + static_cast<std::ptrdiff_t>(used));
  return result;
}

std::int64_t entropy(const SparseCounts& counts) {
  if (counts.total == 0) return 0;
  BitCost cost = static_cast<BitCost>(counts.total) * log2_cost(counts.total);
  for (const auto& [symbol, times] : counts.counts) cost -= static_cast<BitCost>(times) * log2_cost(times);
  return cost;
}

std::int64_t entropy_in_groups(std::span<const SparseCounts> channels) {
  std::int64_t sum = 0;
  for (const Group& group : groups_of(channels, by_entropy(channels, kMaxClusters), kMaxClusters)) {
    if (group.total == 0) continue;
    sum += static_cast<BitCost>(group.total) * log2_cost(group.total);
    for (const std::uint32_t count : group.counts) {
      if (count > 0) sum -= static_cast<BitCost>(count) * log2_cost(count);
    }
  }
  return sum;
}

Clusters cluster(std::span<const SparseCounts> channels, std::size_t symbols) {
  // A table of 256 symbols takes a hundred bytes or two: not many are worth it where there is little to code.
  const std::size_t values = channels.empty() ? 0 : channels.size() * channels.front().total;
  const std::size_t affordable = std::clamp(values * 8 / (symbols * kSymbolsPerCluster), std::size_t{1}, kMaxClusters);
  const std::size_t count = std::min(affordable, channels.size());
  // Channels of about the same entropy first come together, then each goes where it costs least.
  std::vector<std::size_t> of = by_entropy(channels, count);
  if (channels.size() > count) reassign(channels, groups_of(channels, of, count), of);
  std::vector<Group> groups = groups_of(channels, of, count);
  for (Group& group : groups) group.cost = cost_of(group.counts, group.total, symbols);
  merge(groups, of, symbols);

  Clusters clusters{.of_channel = std::vector<std::uint8_t>(channels.size()), .tables = {}, .cost = 0};
  std::vector<int> number(count, -1);
  for (std::size_t c = 0; c < channels.size(); ++c) {
    if (number[of[c]] < 0) {
      number[of[c]] = static_cast<int>(clusters.tables.size());
      clusters.tables.push_back(weights_of(groups[of[c]].counts));
      clusters.cost += groups[of[c]].cost;
    }
    clusters.of_channel[c] = static_cast<std::uint8_t>(number[of[c]]);
  }
  return clusters;
}

}  // namespace tandem::codec
