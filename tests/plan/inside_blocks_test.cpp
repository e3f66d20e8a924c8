#include <cmath>

#include "matchers.hpp"
#include "random_graph.hpp"
#include "random_problem.hpp"
#include "tandem/plan/layer_graph.hpp"

namespace tandem::plan {
namespace {

using ::testing::HasSubstr;

// Blocks of one to three layers; the last layer of each reads all others of its block that nobody reads, and hands on.
LayerGraph random_layers(Random& random, int blocks) {
  LayerGraph layers;
  Graph& graph = layers.graph;
  int maker = -1;
  for (int b = 0; b < blocks; ++b) {
    const int first = static_cast<int>(graph.nodes.size());
    const int size = 1 + static_cast<int>(random.below(3));
    std::vector<bool> read(size, false);
    for (int i = 0; i < size; ++i) {
      graph.nodes.push_back({.id = fmt::format("b{}l{}", b, i),
                             .device = Milliseconds{random.uniform(0, 6)},
                             .device_energy = Millijoules{random.uniform(0, 6)},
                             .cloud = Milliseconds{random.uniform(0, 6)},
                             .output = Bytes{random.uniform(0, 200)}});
      const auto reads = [&](int from) {
        graph.edges.push_back({.from = from, .to = first + i});
        if (from >= first) read[from - first] = true;
      };
      const bool last = i == size - 1 && i > 0;
      const bool from_before = !last || random.below(2) == 0;
      if (from_before && maker >= 0) reads(maker);
      if (from_before && maker < 0) graph.inputs.push_back(first + i);
      for (int from = 0; from < i; ++from) {
        if (last ? !read[from] || random.below(2) == 0 : random.below(2) == 0) reads(first + from);
      }
    }
    layers.blocks.push_back({.first = first, .last = first + size - 1});
    maker = first + size - 1;
  }
  graph.outputs = {maker};
  graph.input = Bytes{random.uniform(0, 200)};
  return layers;
}

// Every schedule of groups and of blocks divided in every way, priced from the definitions.
class BruteForce {
 public:
  BruteForce(const Problem& chain, const LayerGraph& layers, const InsideBlocks& options)
      : chain_(chain), layers_(layers), options_(options) {}

  [[nodiscard]] double least(int next = 1, Place at = Place::device) const {
    const bool latency = chain_.objective == Objective::latency;
    if (next > chain_.layers) return at == Place::device ? 0 : std::numeric_limits<double>::infinity();
    double best = std::numeric_limits<double>::infinity();
    if (next == 1 && at == Place::device) best = price(chain_.uploads[0]) + least(1, Place::cloud);
    for (int last = next; last <= chain_.layers; ++last) {
      const bool device = at == Place::device;
      const double group = latency ? (device ? chain_.device_ms : chain_.cloud_ms).at(next, last)
                                   : (device ? chain_.device_mj : chain_.cloud_mj).at(next, last);
      best = std::min(best, group + after(last, at));
    }
    const auto [first, last] = layers_.blocks[next - 1];
    for (unsigned bits = 0; first < last && bits < 1U << static_cast<unsigned>(last - first + 1); ++bits) {
      const Place result = (bits >> static_cast<unsigned>(last - first) & 1U) != 0 ? Place::cloud : Place::device;
      const double inside = divided(next, at, bits);
      best = std::min(best, inside + (next == chain_.layers ? 0 : after(next, result)));
    }
    return best;
  }

 private:
  [[nodiscard]] double price(const Crossing& c) const {
    return chain_.objective == Objective::latency ? c.latency().count() : c.energy.value;
  }

  // The tensor after block `last` was made on `made`; the next block may want it on either place.
  [[nodiscard]] double after(int last, Place made) const {
    const bool device = made == Place::device;
    const double crossing = price((device ? chain_.uploads : chain_.downloads)[last]);
    return std::min(least(last + 1, made), crossing + least(last + 1, device ? Place::cloud : Place::device));
  }

  [[nodiscard]] double divided(int block, Place at, unsigned bits) const {
    const auto [first, last] = layers_.blocks[block - 1];
    GraphProblem p;
    p.objective = chain_.objective;
    p.link = options_.link;
    p.idle_power = options_.idle_power;
    const Bytes bytes = first == 0 ? layers_.graph.input : layers_.graph.nodes[first - 1].output;
    p.graph.nodes.push_back({.id = "before", .output = bytes});
    std::vector<Place> places{at};
    for (int i = first; i <= last; ++i) {
      p.graph.nodes.push_back(layers_.graph.nodes[i]);
      places.push_back((bits >> static_cast<unsigned>(i - first) & 1U) != 0 ? Place::cloud : Place::device);
    }
    for (const auto& [from, to] : layers_.graph.edges) {
      if (to >= first && to <= last)
        p.graph.edges.push_back({.from = std::max(0, from - first + 1), .to = to - first + 1});
    }
    if (first == 0) {
      for (const int reader : layers_.graph.inputs) p.graph.edges.push_back({.from = 0, .to = reader + 1});
    }
    if (block == chain_.layers) p.graph.outputs = {last - first + 1};
    return cost_of(p, used_by(p, places));
  }

  const Problem& chain_;
  const LayerGraph& layers_;
  const InsideBlocks& options_;
};

TEST(InsideBlocks, EqualsBruteForceOnRandomNetworks) {
  Random random(40);
  int divided = 0, whole = 0;
  for (int i = 0; i < 2000; ++i) {
    const int blocks = 1 + static_cast<int>(random.below(4));
    const LayerGraph layers = random_layers(random, blocks);
    const Problem chain = random_problem(random, blocks, random.below(2) == 0 ? Objective::latency : Objective::energy);
    const InsideBlocks options{.link = {.name = "test", .up = Mbps{2}, .down = Mbps{4}, .beta = Milliwatts{500}},
                               .idle_power = Milliwatts{random.uniform(0, 300)}};
    const Result<GraphPlan> plan = solve_inside_blocks(chain, layers, options);
    ASSERT_THAT(plan, IsOk());
    ASSERT_TRUE(plan->feasible);
    const double cost =
        chain.objective == Objective::latency ? plan->totals.latency.count() : plan->totals.energy.value;
    ASSERT_NEAR(cost, BruteForce(chain, layers, options).least(), 1e-9) << "network " << i;
    EXPECT_EQ(plan->places.size(), layers.graph.nodes.size());
    EXPECT_EQ(plan->proven_optimal, plan->costs == Costs::fused);
    ++(plan->costs == Costs::fused ? whole : divided);
  }
  EXPECT_GT(divided, 100);
  EXPECT_GT(whole, 50);
}

TEST(InsideBlocks, WithoutBlocksOfSeveralLayersIsTheChainsPlan) {
  Random random(41);
  for (int i = 0; i < 100; ++i) {
    const int blocks = 1 + static_cast<int>(random.below(20));
    const Problem chain = random_problem(random, blocks, Objective::latency);
    LayerGraph layers;
    for (int b = 0; b < blocks; ++b) {
      layers.graph.nodes.push_back({.id = fmt::format("l{}", b)});
      if (b > 0) layers.graph.edges.push_back({.from = b - 1, .to = b});
      layers.blocks.push_back({.first = b, .last = b});
    }
    layers.graph.inputs = {0};
    layers.graph.outputs = {blocks - 1};
    const InsideBlocks options{.link = {.name = "test", .up = Mbps{1}, .down = Mbps{1}}};
    const Result<GraphPlan> plan = solve_inside_blocks(chain, layers, options);
    ASSERT_THAT(plan, IsOk());
    const Plan expected = solve(chain);
    EXPECT_TRUE(plan->proven_optimal);
    EXPECT_NEAR(plan->totals.latency.count(), expected.totals.latency.count(), 1e-9);
    EXPECT_EQ(plan->transfers.size(), expected.transfers.size());
  }
}

TEST(InsideBlocks, BlocksThatDoNotFitAreRefused) {
  Random random(1);
  const LayerGraph layers = random_layers(random, 3);
  const InsideBlocks options{.link = {.name = "test", .up = Mbps{1}, .down = Mbps{1}}};
  EXPECT_THAT(solve_inside_blocks(random_problem(random, 4, Objective::latency), layers, options),
              HasErrc(Errc::invalid_argument, HasSubstr("blocks")));
  Problem limited = random_problem(random, 3, Objective::latency);
  limited.constraints.deadline = Milliseconds{5};
  EXPECT_THAT(solve_inside_blocks(limited, layers, options), HasErrc(Errc::invalid_argument, HasSubstr("limits")));
}

}  // namespace
}  // namespace tandem::plan
