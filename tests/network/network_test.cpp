#include "tandem/network/network.hpp"

#include <gmock/gmock.h>

#include "matchers.hpp"
#include "models.hpp"

namespace tandem::network {
namespace {

using namespace testing;
using namespace ov::op;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> block_names(const Network& network) {
  std::vector<std::string> names;
  for (const Block& block : network.blocks()) names.push_back(block.name);
  return names;
}

TEST(Network, DividesWhereOneTensorCrosses) {
  const auto network = Network::from_model(residual_model(), "test").value();
  EXPECT_THAT(block_names(network),
              ElementsAre("stem", "pool", "block/a … block/add", "last", "gap", "fc", "probabilities"));
  ASSERT_EQ(network.boundaries().size(), 8U);
  EXPECT_EQ(network.boundaries()[0].tensors.at(0).name, "image");
  EXPECT_EQ(network.boundaries()[2].tensors.at(0).name, "pool");
  EXPECT_EQ(network.boundaries()[2].bytes(), 8U * 4 * 4 * 4);
  EXPECT_EQ(to_string(network.boundaries()[5].tensors.at(0)), "f32[1,16]");
}

TEST(Network, EdgesAreTheTensorsBetweenLayers) {
  const auto network = Network::from_model(residual_model(), "test").value();
  std::vector<std::pair<int, int>> ends;
  for (const Edge& edge : network.edges()) ends.emplace_back(edge.from, edge.to);
  using P = std::pair<int, int>;
  EXPECT_THAT(ends, ElementsAre(P(-1, 0), P(0, 1), P(1, 2), P(1, 4), P(2, 3), P(3, 4), P(4, 5), P(5, 6), P(6, 7),
                                P(7, 8), P(8, -1)));
}

TEST(Network, CountsWorkAndParameters) {
  const auto network = Network::from_model(residual_model(), "test").value();
  const Layer& stem = network.layers()[0];
  EXPECT_EQ(stem.macs, 8 * 8 * 8 * 3 * 3 * 3);
  EXPECT_EQ(stem.parameters, 8 * 3 * 3 * 3 + 8);
  const Layer& fc = network.layers()[7];
  EXPECT_EQ(fc.macs, 16 * 5);
  EXPECT_EQ(fc.parameters, 16 * 5 + 5);
  EXPECT_EQ(network.blocks()[2].macs, 2 * 8 * 4 * 4 * 8 * 3 * 3);
}

TEST(Network, CountsRecurrentWorkPerStep) {
  ModelBuilder b;
  const Value x = b.input("x", {2, 7, 5});
  const auto zeros = [](const ov::Shape& shape) { return v0::Constant::create(ov::element::f32, shape, {0.0F}); };
  const auto lengths = v0::Constant::create(ov::element::i64, {2}, {7, 7});
  const auto lstm = std::make_shared<v5::LSTMSequence>(x, zeros({2, 1, 4}), zeros({2, 1, 4}), lengths,
                                                       b.weights({1, 16, 5}), b.weights({1, 16, 4}), b.weights({1, 16}),
                                                       4, ov::op::RecurrentSequenceDirection::FORWARD);
  const auto network = Network::from_model(b.model({lstm->output(0)}), "test").value();
  ASSERT_EQ(network.layers().size(), 1U);
  EXPECT_EQ(network.layers()[0].macs, 2 * 7 * (16 * 5 + 16 * 4));
  EXPECT_EQ(network.layers()[0].parameters, 16 * 5 + 16 * 4 + 16);
}

TEST(Network, SharedWeightsCountOnce) {
  ModelBuilder b;
  const Value x = b.input("x", {1, 8});
  const Value w = b.weights({8, 8});
  const Value first = b.relu(b.op<v0::MatMul>("a", x, w, false, true));
  const auto network = Network::from_model(b.model({b.op<v0::MatMul>("b", first, w, false, true)}), "test").value();
  EXPECT_EQ(network.layers()[0].parameters + network.layers()[1].parameters, 64);
}

TEST(Network, SeveralInputsAndOutputsCrossTogetherAtTheEnds) {
  ModelBuilder b;
  const Value left = b.conv(b.input("left", {1, 3, 4, 4}), 4, "left/conv");
  const Value right = b.conv(b.input("right", {1, 3, 4, 4}), 4, "right/conv");
  const Value sum = b.add(left, right, "sum");
  const auto network = Network::from_model(b.model({b.conv(sum, 2, "a"), b.conv(sum, 3, "b")}), "test").value();
  EXPECT_THAT(block_names(network), ElementsAre("left/conv … sum", "a … b"));
  EXPECT_EQ(network.boundaries()[0].tensors.size(), 2U);
  EXPECT_EQ(network.boundaries()[2].tensors.size(), 2U);
  EXPECT_EQ(network.boundaries()[2].tensors[1].name, "b");
  EXPECT_EQ(network.boundaries()[0].bytes(), 2U * 48 * 4);
}

TEST(Network, ATensorOnAnEightBitGridCrossesAsCodes) {
  ModelBuilder b;
  const Value quantised = b.fake_quantize(b.relu(b.conv(b.input("x", {1, 3, 8, 8}), 4, "a")), 0, 6);
  const Value pooled = b.max_pool(quantised, "pool");
  const auto network = Network::from_model(b.model({b.conv(pooled, 4, "b")}), "test").value();
  ASSERT_EQ(network.boundaries().size(), 4U);
  EXPECT_EQ(network.boundaries()[1].quantization, (Quantization{.low = 0, .high = 6, .levels = 256}));
  EXPECT_EQ(network.boundaries()[1].bytes(), 4U * 64);
  EXPECT_EQ(network.boundaries()[2].quantization, network.boundaries()[1].quantization) << "max pooling keeps values";
  EXPECT_EQ(network.boundaries()[3].quantization, std::nullopt);
}

TEST(Network, MoreThan256LevelsOrARangePerChannelAreNoCodes) {
  ModelBuilder b;
  const Value fine = b.fake_quantize(b.conv(b.input("x", {1, 3, 8, 8}), 4, "a"), 0, 6, 65536);
  const Value next = b.conv(fine, 4, "b");
  const auto low = v0::Constant::create(ov::element::f32, {1, 4, 1, 1}, {0, 0, 0, 0});
  const auto high = v0::Constant::create(ov::element::f32, {1, 4, 1, 1}, {1, 2, 3, 4});
  const Value per_channel = b.op<v0::FakeQuantize>("", next, low, high, low, high, std::size_t{256});
  const auto network = Network::from_model(b.model({b.conv(per_channel, 4, "c")}), "test").value();
  EXPECT_EQ(network.boundaries()[1].quantization, std::nullopt);
  EXPECT_EQ(network.boundaries()[2].quantization, std::nullopt);
}

TEST(Network, LayersWithoutANameAreCountedByType) {
  ModelBuilder b;
  const Value x = b.relu(b.conv(b.input("", {1, 3, 8, 8}), 4, ""));
  const auto network = Network::from_model(b.model({b.conv(b.max_pool(x, ""), 4, "")}), "test").value();
  EXPECT_THAT(layer_names(network), ElementsAre("convolution_1", "max_pool_1", "convolution_2"));
}

TEST(Network, NamesAreUnique) {
  ModelBuilder b;
  const Value x = b.relu(b.conv(b.input("x", {1, 3, 8, 8}), 4, "conv"));
  const auto network = Network::from_model(b.model({b.conv(x, 4, "conv")}), "test").value();
  EXPECT_THAT(layer_names(network), ElementsAre("conv", "conv_2"));
}

TEST(Network, RefusesOpenShapes) {
  const auto parameter = std::make_shared<v0::Parameter>(ov::element::f32, ov::PartialShape{-1, 3});
  parameter->set_friendly_name("open");
  const auto relu = std::make_shared<v0::Relu>(parameter);
  const auto model = std::make_shared<ov::Model>(ov::OutputVector{relu}, ov::ParameterVector{parameter});
  EXPECT_THAT(Network::from_model(model, "test"), HasErrc(Errc::invalid_argument, HasSubstr("'open'")));
}

TEST(Network, RefusesTensorsLargerThanAnyMachine) {
  ModelBuilder b;
  const Value x = b.input("huge", {1U << 20U, 1U << 20U, 1U << 20U});
  EXPECT_THAT(Network::from_model(b.model({b.relu(x)}), "test"), HasErrc(Errc::invalid_argument, HasSubstr("'huge'")));
}

TEST(Network, RefusesAModelWithoutInputOrLayer) {
  const auto constant = v0::Constant::create(ov::element::f32, {1}, {1.0F});
  const auto no_input = std::make_shared<ov::Model>(ov::OutputVector{constant}, ov::ParameterVector{});
  EXPECT_THAT(Network::from_model(no_input, "test"), HasErrc(Errc::invalid_argument, HasSubstr("no input")));
  ModelBuilder b;
  EXPECT_THAT(Network::from_model(b.model({b.input("x", {1})}), "test"),
              HasErrc(Errc::invalid_argument, HasSubstr("no layer")));
}

TEST(Network, AModelThatKeepsStateIsNotDivided) {
  ModelBuilder b;
  const Value x = b.matmul(b.input("x", {1, 4}), 4, "a");
  const auto variable = std::make_shared<ov::op::util::Variable>(
      ov::op::util::VariableInfo{ov::PartialShape{1, 4}, ov::element::f32, "state"});
  const auto read = std::make_shared<v6::ReadValue>(x, variable);
  const Value sum = b.add(b.relu(x), read, "sum");
  const auto assign = std::make_shared<v6::Assign>(sum, variable);
  const auto result = std::make_shared<v0::Result>(b.matmul(sum, 2, "b"));
  const auto parameter = ov::as_type_ptr<v0::Parameter>(x.get_node()->get_input_node_shared_ptr(0));
  const auto model =
      std::make_shared<ov::Model>(ov::ResultVector{result}, ov::SinkVector{assign}, ov::ParameterVector{parameter},
                                  ov::op::util::VariableVector{variable});
  const auto network = Network::from_model(model, "test");
  ASSERT_THAT(network, IsOk());
  EXPECT_EQ(network->size(), 1);
  const auto whole = network->cut({.first = 1, .last = 1});
  ASSERT_THAT(whole, IsOk());
  EXPECT_EQ((*whole)->get_sinks().size(), 1U);
  EXPECT_EQ((*whole)->input("x").get_shape(), (ov::Shape{1, 4}));
}

}  // namespace
}  // namespace tandem::network
