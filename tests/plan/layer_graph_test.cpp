// Networks of the zoo as graphs of layers.
#include "tandem/plan/layer_graph.hpp"

#include <numeric>

#include "matchers.hpp"
#include "tandem/network/import.hpp"
#include "tandem/profile/device_model.hpp"

namespace tandem::plan {
namespace {

class LayersOf : public ::testing::TestWithParam<const char*> {};

TEST_P(LayersOf, AreTheNetworksWithTheBlocksCosts) {
  const auto network = network::load(std::string("zoo:") + GetParam());
  ASSERT_THAT(network, IsOk());
  const auto device = profile::model_profile(*network, *profile::find_device_model("jetson-tx2"), {});
  const auto cloud = profile::model_profile(*network, *profile::find_device_model("tesla-k40c"), {});
  ASSERT_THAT(device, IsOk());
  ASSERT_THAT(cloud, IsOk());
  const auto layers = layer_graph(*network, *device, *cloud, {.device = 2, .cloud = 3});
  ASSERT_THAT(layers, IsOk());
  ASSERT_EQ(layers->graph.nodes.size(), network->layers().size());
  ASSERT_EQ(layers->blocks.size(), static_cast<std::size_t>(network->size()));
  int branchy = 0;
  for (int b = 1; b <= network->size(); ++b) {
    const auto [first, last] = layers->blocks[b - 1];
    branchy += last > first ? 1 : 0;
    Milliseconds on_device{}, in_cloud{};
    for (int i = first; i <= last; ++i) {
      on_device += layers->graph.nodes[i].device;
      in_cloud += layers->graph.nodes[i].cloud;
    }
    EXPECT_NEAR(on_device.count(), 2 * device->cost({.first = b, .last = b}).latency.count(), 1e-9);
    EXPECT_NEAR(in_cloud.count(), 3 * cloud->cost({.first = b, .last = b}).latency.count(), 1e-9);
  }
  EXPECT_GT(branchy, 5);

  for (const Objective objective : {Objective::latency, Objective::energy}) {
    for (const char* name : {"3g", "4g", "wifi"}) {
      const link::Link link = *link::find(name);
      const auto chain = make_problem(*device, *cloud, link, objective, {.loads = {.device = 2, .cloud = 3}});
      ASSERT_THAT(chain, IsOk());
      const auto inside = solve_inside_blocks(*chain, *layers, {.link = link});
      ASSERT_THAT(inside, IsOk());
      const double between = cost_of(*chain, solve(*chain).totals), least = cost_of(*chain, inside->totals);
      EXPECT_LE(least, between * (1 + 1e-9));
      EXPECT_EQ(inside->proven_optimal, inside->costs == Costs::fused);
      if (inside->costs == Costs::fused) {
        EXPECT_NEAR(least, between, 1e-9 * between);
      }
      // The same layers at additive costs alone, with and without a limit.
      GraphProblem additive{.graph = layers->graph, .link = link, .objective = objective};
      const auto cut = solve(additive);
      ASSERT_THAT(cut, IsOk());
      EXPECT_TRUE(cut->proven_optimal);
      additive.constraints.cloud_time = cut->totals.cloud / 2;
      const auto limited = solve(additive);
      ASSERT_THAT(limited, IsOk());
      EXPECT_TRUE(limited->proven_optimal);
      EXPECT_LE(limited->totals.cloud.count(), additive.constraints.cloud_time->count() * (1 + 1e-9));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Zoo, LayersOf, ::testing::Values("resnet50", "inceptionv3"),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace tandem::plan
