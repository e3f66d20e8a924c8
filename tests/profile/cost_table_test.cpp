#include "tandem/profile/cost_table.hpp"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <limits>
#include <map>

#include "tables.hpp"
#include "tandem/base/random.hpp"

namespace tandem::profile {
namespace {

using ::testing::Le;

// Layers whose group costs are sums of layer costs, so that every prediction can be checked.
struct Additive {
  std::vector<double> layer_ms;
  [[nodiscard]] double sum(BlockRange range) const {
    double total = 0;
    for (int i = range.first; i <= range.last; ++i) total += layer_ms[i - 1];
    return total;
  }
};

Additive random_layers(std::uint64_t seed, int layers) {
  Random random(seed);
  Additive network;
  for (int i = 0; i < layers; ++i) network.layer_ms.push_back(random.uniform(0.5, 10.0));
  return network;
}

CostTable prefixes_and_suffixes(const Additive& network) {
  const int n = static_cast<int>(network.layer_ms.size());
  CostTable table = table_of(n);
  for (int i = 1; i <= n; ++i) {
    table.set({.first = 1, .last = i}, cost_of(network.sum({.first = 1, .last = i})));
    table.set({.first = i, .last = n}, cost_of(network.sum({.first = i, .last = n})));
  }
  return table;
}

// The definition, by recursion over the last group.
double cheapest_sum(const std::map<std::pair<int, int>, double>& groups, int first, int last) {
  if (last < first) return 0;
  double best = std::numeric_limits<double>::infinity();
  for (const auto& [range, ms] : groups) {
    if (range.second == last && range.first >= first) {
      best = std::min(best, cheapest_sum(groups, first, range.first - 1) + ms);
    }
  }
  return best;
}

RC_GTEST_PROP(CostTable, GivesBackWhatWasSetAndListsItInOrder, ()) {
  const int n = *rc::gen::inRange(1, 20);
  CostTable table = table_of(n);
  std::map<std::pair<int, int>, double> expected;
  for (int i = 0; i < 2 * n; ++i) {
    const int first = *rc::gen::inRange(1, n + 1);
    const int last = *rc::gen::inRange(first, n + 1);
    const double ms = *rc::gen::inRange(1, 1000);
    table.set({.first = first, .last = last}, cost_of(ms));
    expected[{first, last}] = ms;
  }
  RC_ASSERT(table.group_count() == expected.size());
  auto next = expected.begin();
  for (const auto& [range, cost] : table.groups()) {
    RC_ASSERT(std::make_pair(range.first, range.last) == next->first);
    RC_ASSERT(cost.latency.count() == next->second);
    RC_ASSERT(table.has(range));
    RC_ASSERT(table.cost(range).latency.count() == next->second);
    RC_ASSERT(!table.cost(range).predicted);
    ++next;
  }
}

RC_GTEST_PROP(CostTable, PredictsAdditiveCostsExactlyFromPrefixesAndSuffixes, ()) {
  const int n = *rc::gen::inRange(1, 30);
  const Additive network = random_layers(*rc::gen::arbitrary<std::uint64_t>(), n);
  const CostTable table = prefixes_and_suffixes(network);
  for (int first = 1; first <= n; ++first) {
    for (int last = first; last <= n; ++last) {
      const Cost cost = table.cost({.first = first, .last = last});
      RC_ASSERT(std::abs(cost.latency.count() - network.sum({.first = first, .last = last})) < 1e-9);
      RC_ASSERT(std::abs(cost.energy.value - 2 * cost.latency.count()) < 1e-9);
      RC_ASSERT(cost.predicted == (first != 1 && last != n));
    }
  }
}

TEST(CostTable, OnlyPrefixesOrOnlySuffixesAreEnough) {
  const Additive network = random_layers(1, 6);
  CostTable prefixes = table_of(6);
  CostTable suffixes = table_of(6);
  for (int i = 1; i <= 6; ++i) {
    prefixes.set({.first = 1, .last = i}, cost_of(network.sum({.first = 1, .last = i})));
    suffixes.set({.first = i, .last = 6}, cost_of(network.sum({.first = i, .last = 6})));
  }
  for (const BlockRange range : {BlockRange{2, 4}, BlockRange{3, 3}, BlockRange{4, 6}, BlockRange{1, 5}}) {
    EXPECT_NEAR(prefixes.cost(range).latency.count(), network.sum(range), 1e-9);
    EXPECT_NEAR(suffixes.cost(range).latency.count(), network.sum(range), 1e-9);
  }
}

TEST(CostTable, ADisagreementOfPrefixesAndSuffixesIsAveragedAndWidensTheUncertainty) {
  CostTable table = table_of(3);
  table.set({1, 1}, cost_of(1));
  table.set({1, 2}, cost_of(5));  // layer 2 by prefixes: 4
  table.set({1, 3}, cost_of(10));
  table.set({2, 3}, cost_of(8));
  table.set({3, 3}, cost_of(6));  // by suffixes: 2
  const Cost cost = table.cost({2, 2});
  EXPECT_DOUBLE_EQ(cost.latency.count(), 3);
  EXPECT_GE(cost.std.count(), 1);
  EXPECT_TRUE(cost.predicted);
}

TEST(CostTable, NoisyDifferencesNeverMakeAGroupFree) {
  CostTable table = table_of(3);
  table.set({1, 1}, cost_of(5));
  table.set({1, 2}, cost_of(4.9));
  table.set({1, 3}, cost_of(9));
  const Cost cost = table.cost({2, 2});
  EXPECT_GT(cost.latency.count(), 0);
  EXPECT_GT(cost.energy.value, 0);
  EXPECT_LT(cost.latency.count(), 0.01);
}

RC_GTEST_PROP(CostTable, WithoutPrefixesAndSuffixesTakesTheCheapestSumOfGroups, ()) {
  const int n = *rc::gen::inRange(3, 9);
  Random random(*rc::gen::arbitrary<std::uint64_t>());
  CostTable table = table_of(n);
  std::map<std::pair<int, int>, double> groups;
  const auto measure = [&](int first, int last) {
    const double ms = random.uniform(1, 10);
    groups[{first, last}] = ms;
    table.set({first, last}, cost_of(ms));
  };
  for (int i = 2; i < n; ++i) measure(i, i);
  for (int i = 0; i < n; ++i) {
    const int first = 2 + static_cast<int>(random.below(n - 2));
    measure(first, first + static_cast<int>(random.below(n - first)));
  }
  for (int first = 2; first < n; ++first) {
    for (int last = first; last < n; ++last) {
      if (groups.contains({first, last})) continue;
      const Cost cost = table.cost({first, last});
      RC_ASSERT(std::abs(cost.latency.count() - cheapest_sum(groups, first, last)) < 1e-9);
      RC_ASSERT(cost.predicted);
    }
  }
}

TEST(CostTable, ABlockMeasuredOnlyWithOthersHasItsShare) {
  CostTable table = table_of(4);
  table.set({1, 2}, cost_of(4));
  table.set({3, 4}, cost_of(10));
  EXPECT_DOUBLE_EQ(table.cost({2, 3}).latency.count(), 2 + 5);
  EXPECT_DOUBLE_EQ(table.cost({1, 4}).latency.count(), 14);
}

TEST(CostTable, AllGroupsOfFiveHundredLayersAreQuicklySetAndPredicted) {
  constexpr int kLayers = 500;
  const CostTable table = prefixes_and_suffixes(random_layers(7, kLayers));
  const auto start = std::chrono::steady_clock::now();
  CostTable full = table_of(kLayers);
  for (int first = kLayers; first >= 1; --first) {  // the worst order
    for (int last = first; last <= kLayers; ++last) full.set({first, last}, table.cost({first, last}));
  }
  EXPECT_EQ(full.group_count(), kLayers * (kLayers + 1) / 2);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  EXPECT_THAT(took.count(), Le(5.0));
}

}  // namespace
}  // namespace tandem::profile
