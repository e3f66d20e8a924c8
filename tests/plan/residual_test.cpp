#include "tandem/plan/residual.hpp"

#include <algorithm>

#include "every_schedule.hpp"
#include "matchers.hpp"
#include "random_problem.hpp"

namespace tandem::plan {
namespace {

Place place_of(const Tried& t, int layer) {
  if (layer == 0) return Place::device;
  return std::ranges::find_if(t.segments, [layer](const Segment& s) { return s.last >= layer; })->place;
}

// The source's tensor crosses once more where its second reader is on the other side and it did not cross right after
// it.
double with_skips(const Problem& p, const Tried& t, const std::vector<Skip>& skips) {
  double cost = t.cost(p);
  for (const Skip& skip : skips) {
    const Place source = place_of(t, skip.source);
    if (place_of(t, skip.target) == source || place_of(t, skip.source + 1) != source) continue;
    const Crossing& c = (source == Place::device ? p.uploads : p.downloads)[skip.source];
    cost += p.objective == Objective::latency ? c.latency().count() : c.energy.value;
  }
  return cost;
}

std::vector<Skip> random_skips(Random& random, int layers) {
  std::vector<Skip> skips;
  for (int source = static_cast<int>(random.below(2)); source + 2 <= layers;) {
    const int target = std::min<int>(layers, source + 2 + static_cast<int>(random.below(3)));
    skips.push_back({.source = source, .target = target});
    source = target + static_cast<int>(random.below(2));
  }
  return skips;
}

TEST(Residual, EqualsBruteForce) {
  Random random(51);
  int fetched = 0;
  for (int i = 0; i < 2500; ++i) {
    const int layers = i % 250 == 0 ? 9 : 2 + static_cast<int>(random.below(6));
    const Problem p = random_problem(random, layers, i % 2 == 0 ? Objective::latency : Objective::energy);
    const std::vector<Skip> skips = random_skips(random, layers);
    double best = std::numeric_limits<double>::infinity();
    EverySchedule(p, [&](const Tried& t) { best = std::min(best, with_skips(p, t, skips)); });
    const auto plan = solve(p, skips);
    ASSERT_THAT(plan, IsOk());
    ASSERT_NEAR(cost_of(p, plan->totals), best, 1e-9 * best) << i;
    ASSERT_TRUE(plan->proven_optimal);
    if (plan->transfers.size() % 2 == 1) ++fetched;
  }
  EXPECT_GT(fetched, 20) << "the blocks are never divided";
}

TEST(Residual, WithoutSkipsIsTheChain) {
  Random random(52);
  for (int i = 0; i < 100; ++i) {
    const Problem p = random_problem(random, 1 + static_cast<int>(random.below(40)), Objective::latency);
    EXPECT_NEAR(solve(p, std::vector<Skip>{})->totals.latency.count(), solve(p).totals.latency.count(), 1e-9);
  }
}

TEST(Residual, BlocksThatOverlapAreForTheGraph) {
  Random random(53);
  const Problem p = random_problem(random, 9, Objective::latency);
  const auto refuses = [&](std::vector<Skip> skips) {
    EXPECT_THAT(solve(p, skips), HasErrc(Errc::invalid_argument, ::testing::HasSubstr("skip")));
  };
  refuses({{.source = 1, .target = 5}, {.source = 3, .target = 7}});
  refuses({{.source = 1, .target = 2}});
  refuses({{.source = -1, .target = 4}});
  refuses({{.source = 4, .target = 10}});
}

}  // namespace
}  // namespace tandem::plan
