#include "tandem/plan/tiers.hpp"

#include <algorithm>
#include <functional>
#include <limits>

#include "matchers.hpp"
#include "random_tables.hpp"

namespace tandem::plan {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TieredProblem random_tiered(Random& random, int tiers, int layers, Objective objective) {
  TieredProblem p;
  p.objective = objective;
  p.layers = layers;
  p.crossings.assign(tiers, std::vector<std::vector<Crossing>>(tiers));
  for (int t = 0; t < tiers; ++t) {
    p.tiers.push_back({.name = "tier" + std::to_string(t),
                       .ms = random_groups(random, layers, 5.0 / (t + 1)),
                       .mj = random_groups(random, layers, 9.0 / (t + 1))});
    for (int u = 0; u < tiers; ++u) {
      if (u != t && random.below(5) != 0) p.crossings[t][u] = random_crossings(random, layers);
    }
  }
  return p;
}

// Every grouping and placement; between places, every way over the links that visits no tier twice.
double cheapest(const TieredProblem& p) {
  const bool latency = p.objective == Objective::latency;
  const int tiers = static_cast<int>(p.tiers.size());
  const auto ways = [&](int from, int to, int layer) {
    double best = kInfinity;
    std::vector<bool> seen(tiers);
    const std::function<void(int, double)> go = [&](int at, double cost) {
      if (at == to) best = std::min(best, cost);
      if (at == to) return;
      seen[at] = true;
      for (int next = 0; next < tiers; ++next) {
        if (seen[next] || p.crossings[at][next].empty()) continue;
        const Crossing& c = p.crossings[at][next][layer];
        go(next, cost + (latency ? c.latency().count() : c.energy.value));
      }
      seen[at] = false;
    };
    go(from, 0);
    return best;
  };
  const std::function<double(int, int)> rest = [&](int first, int at) {
    if (first > p.layers) return ways(at, 0, p.layers);
    double best = kInfinity;
    for (int t = 0; t < tiers; ++t) {
      const double move = ways(at, t, first - 1);
      for (int last = first; last <= p.layers; ++last) {
        const double run = latency ? p.tiers[t].ms.at(first, last) : p.tiers[t].mj.at(first, last);
        best = std::min(best, move + run + rest(last + 1, t));
      }
    }
    return best;
  };
  return rest(1, 0);
}

TEST(Tiers, EqualBruteForce) {
  Random random(41);
  int three = 0;
  for (int i = 0; i < 2000; ++i) {
    const int tiers = 2 + static_cast<int>(random.below(2));
    const Objective objective = i % 2 == 0 ? Objective::latency : Objective::energy;
    const TieredProblem p = random_tiered(random, tiers, 1 + static_cast<int>(random.below(4)), objective);
    const TieredPlan plan = solve(p);
    ASSERT_TRUE(plan.feasible);
    const double total = objective == Objective::latency ? plan.totals.latency.count() : plan.totals.energy.value;
    ASSERT_NEAR(total, cheapest(p), 1e-9) << i;
    if (std::ranges::any_of(plan.segments, [](const TieredSegment& s) { return s.tier == 2; })) ++three;
  }
  EXPECT_GT(three, 100);
}

TEST(Tiers, TwoOfThemAreThePlainProblem) {
  Random random(42);
  for (int i = 0; i < 200; ++i) {
    const Tables t = random_tables(random, 1 + static_cast<int>(random.below(12)));
    const Objective objective = i % 2 == 0 ? Objective::latency : Objective::energy;
    const std::vector<TierLink> links{{.from = 0, .to = 1, .link = t.link}};
    const auto tiered = make_tiered_problem({{"device", t.device}, {"cloud", t.cloud}}, links, objective);
    ASSERT_THAT(tiered, IsOk());
    const Problem plain = make_problem(t.device, t.cloud, t.link, objective).value();
    const Totals ours = solve(*tiered).totals, theirs = solve(plain).totals;
    ASSERT_NEAR(cost_of(plain, ours), cost_of(plain, theirs), 1e-9 * cost_of(plain, theirs));
  }
}

TEST(Tiers, ATensorMayTakeTwoLinks) {
  Random random(43);
  const Tables t = random_tables(random, 5);
  const std::vector<TierLink> links{{.from = 0, .to = 1, .link = t.link}, {.from = 1, .to = 2, .link = t.link}};
  profile::CostTable slow = t.cloud, fast = t.cloud;
  for (const auto& [range, cost] : t.cloud.groups()) {
    slow.set(range, {.latency = cost.latency * 1000});
    fast.set(range, {.latency = cost.latency / 1000});
  }
  profile::CostTable device = t.device;
  for (const auto& [range, cost] : t.device.groups()) device.set(range, {.latency = cost.latency * 1000});
  const auto p = make_tiered_problem({{"device", device}, {"edge", slow}, {"cloud", fast}}, links, Objective::latency);
  ASSERT_THAT(p, IsOk());
  const TieredPlan plan = solve(*p);
  ASSERT_EQ(plan.transfers.size(), 4U);
  EXPECT_EQ(plan.transfers[1].from, 1);
  EXPECT_EQ(plan.transfers[1].to, 2);
  EXPECT_EQ(to_json(plan)["transfers"][1]["to"], "cloud");
}

}  // namespace
}  // namespace tandem::plan
