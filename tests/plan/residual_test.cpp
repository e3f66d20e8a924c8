#include "tandem/plan/residual.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "every_schedule.hpp"
#include "matchers.hpp"
#include "random_problem.hpp"
#include "tandem/plan/graph_plan.hpp"

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
    visit_every_schedule(p, [&](const Tried& t) { best = std::min(best, with_skips(p, t, skips)); });
    const auto plan = solve(p, skips);
    ASSERT_THAT(plan, IsOk());
    ASSERT_NEAR(cost_of(p, plan->totals), best, 1e-9 * best) << i;
    ASSERT_TRUE(plan->proven_optimal);
    if (plan->transfers.size() % 2 == 1) ++fetched;
  }
  EXPECT_GT(fetched, 20) << "the blocks are never divided";
}

// Group costs that are sums of their layers', on a link: what both methods can express.
struct Both {
  Problem chain;
  GraphProblem graph;
};
Both random_additive(Random& random, int layers, const std::vector<Skip>& skips) {
  Both both;
  GraphProblem& g = both.graph;
  g.link = {.name = "test",
            .up = Mbps{random.uniform(0.5, 8)},
            .down = Mbps{random.uniform(0.5, 20)},
            .rtt = Milliseconds{random.uniform(0, 2)},
            .alpha_up = random.uniform(0, 400),
            .alpha_down = random.uniform(0, 100),
            .beta = Milliwatts{random.uniform(0, 800)}};
  g.objective = random.below(2) == 0 ? Objective::latency : Objective::energy;
  for (int i = 1; i <= layers; ++i) {
    g.graph.nodes.push_back({.id = fmt::format("n{}", i),
                             .device = Milliseconds{random.uniform(0, 9)},
                             .device_energy = Millijoules{random.uniform(0, 9)},
                             .cloud = Milliseconds{random.uniform(0, 9)},
                             .output = Bytes{random.uniform(0, 2000)}});
    if (i > 1) g.graph.edges.push_back({.from = i - 2, .to = i - 1});
  }
  g.graph.input = Bytes{random.uniform(0, 2000)};
  g.graph.inputs = {0};
  g.graph.outputs = {layers - 1};
  for (const Skip& skip : skips) {
    if (skip.source == 0) {
      g.graph.inputs.push_back(skip.target - 1);
    } else {
      g.graph.edges.push_back({.from = skip.source - 1, .to = skip.target - 1});
    }
  }
  Problem& p = both.chain;
  p.objective = g.objective;
  p.layers = layers;
  p.device_ms = p.device_mj = p.cloud_ms = p.cloud_mj = GroupCosts(layers);
  for (int first = 1; first <= layers; ++first) {
    double device_ms = 0, device_mj = 0, cloud_ms = 0;
    for (int last = first; last <= layers; ++last) {
      const GraphNode& node = g.graph.nodes[last - 1];
      p.device_ms.at(first, last) = device_ms += node.device.count();
      p.device_mj.at(first, last) = device_mj += node.device_energy.value;
      p.cloud_ms.at(first, last) = cloud_ms += node.cloud.count();
    }
  }
  for (int k = 0; k <= layers; ++k) {
    const Bytes bytes = k == 0 ? g.graph.input : g.graph.nodes[k - 1].output;
    p.uploads.push_back({.codec = "raw", .on_link = g.link.upload_time(bytes), .energy = g.link.upload_energy(bytes)});
    p.downloads.push_back(
        {.codec = "raw", .on_link = g.link.download_time(bytes), .energy = g.link.download_energy(bytes)});
  }
  return both;
}

TEST(Residual, TheTwoChainsOfFig27AreTheMinimumCutOfTheGraph) {
  Random random(54);
  int divided = 0;
  for (int i = 0; i < 2500; ++i) {
    const int layers = 2 + static_cast<int>(random.below(39));
    const std::vector<Skip> skips = random_skips(random, layers);
    const Both both = random_additive(random, layers, skips);
    const auto chains = solve(both.chain, skips);
    const auto cut = solve(both.graph);
    ASSERT_THAT(chains, IsOk());
    ASSERT_THAT(cut, IsOk());
    const bool latency = both.chain.objective == Objective::latency;
    const double least = latency ? cut->totals.latency.count() : cut->totals.energy.value;
    ASSERT_NEAR(cost_of(both.chain, chains->totals), least, 1e-9 * (1 + least)) << i;
    if (cut->transfers.size() > 2) ++divided;
  }
  EXPECT_GT(divided, 500);
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
