#include "tandem/network/zoo.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "matchers.hpp"
#include "tandem/engine/codec_costs.hpp"
#include "tandem/engine/model.hpp"

namespace tandem::network {
namespace {

using ::testing::HasSubstr;

struct Published {
  int layers = 0;         // Table 2.2 of the dissertation; 0: not one of its benchmarks
  double parameters = 0;  // millions
  double macs = 0;        // thousands of millions
};

// Parameters and multiply-accumulates as papers and model collections state them; 0 where they do not.
const std::map<std::string_view, Published>& published() {
  static const std::map<std::string_view, Published> table{
      {"alexnet", {.layers = 21, .parameters = 61.0, .macs = 0.72}},
      {"overfeat", {.layers = 14, .parameters = 145.9, .macs = 2.8}},
      {"deepspeech", {.layers = 10}},
      {"resnet", {.layers = 70, .parameters = 25.6, .macs = 3.86}},
      {"vgg16", {.layers = 37, .parameters = 138.4, .macs = 15.5}},
      {"nin", {.layers = 29, .parameters = 7.6, .macs = 1.1}},
      {"chair", {.layers = 10}},
      {"pix2pix", {.layers = 32}},
      {"resnet50", {.parameters = 25.6, .macs = 3.86}},
      {"vgg19", {.parameters = 143.7, .macs = 19.6}},
      {"mobilenetv2", {.parameters = 3.5, .macs = 0.30}},
      {"inceptionv3", {.parameters = 23.8, .macs = 5.7}},
      {"mlp", {.parameters = 12.1}},
  };
  return table;
}

std::int64_t total(const Network& network, std::int64_t Layer::* what) {
  const auto& layers = network.layers();
  return std::accumulate(layers.begin(), layers.end(), std::int64_t{0},
                         [what](std::int64_t sum, const Layer& layer) { return sum + layer.*what; });
}

// "3x224x224": the shape without the batch.
std::string extents(const TensorSpec& spec) {
  std::string text;
  for (std::size_t i = 1; i < spec.shape.size(); ++i) {
    if (i > 1) text += 'x';
    text += std::to_string(spec.shape[i]);
  }
  return text;
}

class ZooNetwork : public ::testing::TestWithParam<zoo::Entry> {
 protected:
  static Network build(const zoo::BuildOptions& options = {}) { return zoo::build(GetParam().name, options).value(); }
};

TEST_P(ZooNetwork, IsAsItsEntrySays) {
  const zoo::Entry& entry = GetParam();
  const Network network = build();
  EXPECT_EQ(network.layers().size(), entry.layers);
  EXPECT_EQ(total(network, &Layer::macs), entry.macs);
  EXPECT_EQ(total(network, &Layer::parameters), entry.parameters);
  EXPECT_EQ(extents(network.boundaries().front().tensors.at(0)), entry.input);
  EXPECT_EQ(extents(network.boundaries().back().tensors.at(0)), entry.output);
  EXPECT_EQ(network.boundaries().size(), network.blocks().size() + 1);
}

TEST_P(ZooNetwork, IsAsPublished) {
  const zoo::Entry& entry = GetParam();
  const Published& paper = published().at(entry.name);
  const auto near = [](double published_figure, std::int64_t ours, double unit, double tolerance) {
    if (published_figure == 0) return;
    EXPECT_NEAR(static_cast<double>(ours) / unit, published_figure, tolerance * published_figure);
  };
  near(paper.layers, entry.layers, 1, 0);
  near(paper.parameters, entry.parameters, 1e6, 0.005);
  near(paper.macs, entry.macs, 1e9, 0.01);
}

TEST_P(ZooNetwork, LayersHaveUniqueNames) {
  const Network network = build();
  std::set<std::string> names;
  for (const Layer& layer : network.layers()) EXPECT_TRUE(names.insert(layer.name).second) << layer.name;
}

TEST_P(ZooNetwork, ComputesFiniteVariedOutputs) {
  const Network network = build();
  const auto model = engine::compile(network.cut({.first = 1, .last = network.size()}).value());
  ASSERT_THAT(model, IsOk());
  engine::Run run = model->new_run();
  std::ranges::copy(engine::synthetic_sample(network, 1).at(0).data, run.input_bytes(0).begin());
  ASSERT_THAT(run.infer(), IsOk());
  const auto output = run.output<float>(0);
  EXPECT_TRUE(std::ranges::all_of(output, [](float value) { return std::isfinite(value); }));
  const auto [low, high] = std::ranges::minmax(output);
  EXPECT_LT(low, high);
  if (GetParam().type == "discriminative") {
    EXPECT_LT(high, 0.9F) << "the softmax is saturated";
  }
}

INSTANTIATE_TEST_SUITE_P(Zoo, ZooNetwork, ::testing::ValuesIn(zoo::entries().begin(), zoo::entries().end()),
                         [](const auto& network) { return std::string(network.param.name); });

TEST(Zoo, AllOfTheDissertationsChainsHaveABoundaryAfterEachLayer) {
  for (const std::string_view name : {"alexnet", "overfeat", "deepspeech", "vgg16", "nin", "chair", "pix2pix"}) {
    const Network network = zoo::build(name).value();
    EXPECT_EQ(network.size(), network.layers().size()) << name;
  }
}

TEST(Zoo, ResNetIsDividedBetweenItsSixteenResidualBlocks) {
  EXPECT_EQ(zoo::build("resnet")->size(), 1 + 16 + 1);
}

TEST(Zoo, WeightsAreAFunctionOfTheSeed) {
  const std::string first = zoo::build("nin", {.seed = 1})->fingerprint();
  EXPECT_EQ(zoo::build("nin", {.seed = 1})->fingerprint(), first);
  EXPECT_NE(zoo::build("nin", {.seed = 2})->fingerprint(), first);
}

TEST(Zoo, TheBatchIsTheFirstDimensionThroughout) {
  for (const std::string_view name : {"mobilenetv2", "chair", "deepspeech"}) {
    const Network network = zoo::build(name, {.batch = 3}).value();
    for (const Boundary& boundary : network.boundaries()) EXPECT_EQ(boundary.tensors.at(0).shape.at(0), 3) << name;
  }
}

TEST(Zoo, BuildsTheLargestWithinSeconds) {
  const auto start = std::chrono::steady_clock::now();
  ASSERT_THAT(zoo::build("overfeat"), IsOk());
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));  // about one on an idle core
}

TEST(Zoo, AnUnknownNameIsRefusedWithThoseThereAre) {
  EXPECT_THAT(zoo::build("alexnett"), HasErrc(Errc::not_found, HasSubstr("resnet50")));
  EXPECT_THAT(zoo::build("alexnet", {.batch = 0}), HasErrc(Errc::invalid_argument, HasSubstr("batch")));
}

}  // namespace
}  // namespace tandem::network
