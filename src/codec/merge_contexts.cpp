#include "merge_contexts.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace tandem::codec {
namespace {

constexpr std::size_t kFew = 200;         // codes below which a context joins its neighbour without a look
constexpr std::size_t kMostGroups = 320;  // that are compared pair by pair

struct Group {
  std::vector<float> counts;
  float total = 0;
  float cost = 0;
};

float cost_of(const std::vector<float>& counts, float total) {
  float cost = total > 0 ? total * std::log2(total) : 0.0F;
  for (const float count : counts) {
    if (count > 0) cost -= count * std::log2(count);
  }
  return cost;
}

float cost_of_both(const Group& a, const Group& b) {
  const float total = a.total + b.total;
  float cost = total * std::log2(total);
  for (std::size_t i = 0; i < a.counts.size(); ++i) {
    const float count = a.counts[i] + b.counts[i];
    if (count > 0) cost -= count * std::log2(count);
  }
  return cost;
}

void add(Group& to, const Group& from) {
  for (std::size_t i = 0; i < to.counts.size(); ++i) to.counts[i] += from.counts[i];
  to.total += from.total;
}

// The nearest context that has a group: of the same distance from zero and phase first, then of any.
std::size_t nearest(std::size_t context, const std::vector<int>& group_of) {
  constexpr std::size_t kOneLevel = kZeroDistances * kPhases;
  const auto level = static_cast<int>(context / kOneLevel);
  std::size_t best = kContexts;
  int least = std::numeric_limits<int>::max();
  for (std::size_t other = 0; other < kContexts; ++other) {
    if (group_of[other] < 0) continue;
    const int levels = std::abs(static_cast<int>(other / kOneLevel) - level);
    const int zeros = std::abs(static_cast<int>(other / kPhases % kZeroDistances) -
                               static_cast<int>(context / kPhases % kZeroDistances));
    const int apart = levels + 4 * zeros + (other % kPhases == context % kPhases ? 0 : 6);
    if (apart < least) {
      least = apart;
      best = other;
    }
  }
  return best;
}

}  // namespace

void merge_contexts(const ContextCounts& counts, std::size_t tables, Model& model) {
  std::vector<Group> groups;
  std::vector<int> group_of(kContexts, -1);
  std::vector<std::size_t> totals(kContexts);
  for (std::size_t c = 0; c < kContexts; ++c) {
    const auto of = counts.of(c);
    totals[c] = std::accumulate(of.begin(), of.end(), std::size_t{0});
  }
  std::vector<std::size_t> order(kContexts);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::greater<>(), [&](std::size_t c) { return totals[c]; });
  for (const std::size_t c : order) {
    if ((totals[c] < kFew && !groups.empty()) || groups.size() == kMostGroups) break;
    group_of[c] = static_cast<int>(groups.size());
    const auto of = counts.of(c);
    groups.push_back({.counts = {of.begin(), of.end()}, .total = static_cast<float>(totals[c])});
  }
  const std::vector<int> with_group = group_of;
  for (std::size_t c = 0; c < kContexts; ++c) {
    if (group_of[c] >= 0) continue;
    group_of[c] = with_group[nearest(c, with_group)];
    const auto of = counts.of(c);
    if (totals[c] > 0)
      add(groups[group_of[c]], {.counts = {of.begin(), of.end()}, .total = static_cast<float>(totals[c])});
  }
  for (Group& group : groups) group.cost = cost_of(group.counts, group.total);

  std::vector<std::size_t> left(groups.size());
  std::iota(left.begin(), left.end(), std::size_t{0});
  std::vector<std::vector<float>> loss(groups.size(), std::vector<float>(groups.size()));
  const auto update = [&](std::size_t a, std::size_t b) {
    loss[a][b] = loss[b][a] = cost_of_both(groups[a], groups[b]) - groups[a].cost - groups[b].cost;
  };
  for (std::size_t a = 0; a < groups.size(); ++a) {
    for (std::size_t b = 0; b < a; ++b) update(a, b);
  }
  std::vector<int> gone_to(groups.size());
  std::iota(gone_to.begin(), gone_to.end(), 0);
  while (left.size() > tables) {
    float least = std::numeric_limits<float>::max();
    std::size_t keep = 0;
    std::size_t drop = 1;
    for (std::size_t i = 0; i < left.size(); ++i) {
      for (std::size_t k = i + 1; k < left.size(); ++k) {
        if (loss[left[i]][left[k]] < least) {
          least = loss[left[i]][left[k]];
          keep = i;
          drop = k;
        }
      }
    }
    const std::size_t into = left[keep];
    const std::size_t gone = left[drop];
    add(groups[into], groups[gone]);
    groups[into].cost = cost_of(groups[into].counts, groups[into].total);
    left.erase(left.begin() + static_cast<std::ptrdiff_t>(drop));
    for (int& place : gone_to) place = place == static_cast<int>(gone) ? static_cast<int>(into) : place;
    for (const std::size_t other : left) {
      if (other != into) update(into, other);
    }
  }

  std::vector<int> number(groups.size(), -1);
  model.tables.clear();
  for (std::size_t i = 0; i < left.size(); ++i) {
    number[left[i]] = static_cast<int>(i);
    std::vector<std::uint32_t> whole(groups[left[i]].counts.size());
    std::ranges::transform(groups[left[i]].counts, whole.begin(),
                           [](float count) { return static_cast<std::uint32_t>(count); });
    model.tables.push_back(weights_with_escape(whole));
  }
  for (std::size_t c = 0; c < kContexts; ++c) {
    model.table_of[c] = static_cast<std::uint8_t>(number[gone_to[static_cast<std::size_t>(group_of[c])]]);
  }
}

}  // namespace tandem::codec
