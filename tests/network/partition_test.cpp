#include "partition.hpp"

#include <gmock/gmock.h>

#include "models.hpp"

namespace tandem::network {
namespace {

using namespace testing;  // of ours: ModelBuilder
using namespace ov::op;
using ::testing::ElementsAre;

std::vector<std::string> types(const std::shared_ptr<ov::Model>& model) {
  return layer_types(Network::from_model(model, "test").value());
}

TEST(Partition, AConvolutionTakesItsBiasActivationAndClampPairs) {
  ModelBuilder b;
  const Value x = b.input("x", {1, 3, 8, 8});
  const Value conv = b.bias(b.conv(x, 4, "conv"));
  const Value clamped = b.scalar(b.scalar(conv, 0, "Maximum"), 6, "Minimum");
  EXPECT_THAT(types(b.model({b.conv(clamped, 4, "next")})), ElementsAre("Convolution", "Convolution"));
}

TEST(Partition, WrittenOutActivationsBelongToTheirLayer) {
  ModelBuilder b;
  const Value conv = b.conv(b.input("x", {1, 3, 8, 8}), 4, "conv");
  const Value swish = b.op<v1::Multiply>("", conv, b.op<v0::Sigmoid>("", conv));
  const Value second = b.conv(swish, 4, "second");
  const Value hswish = b.op<v1::Multiply>("", second, b.scalar(b.scalar(second, 3, "Add"), 1.0F / 6, "Multiply"));
  const Value third = b.conv(hswish, 4, "third");
  const Value erf = b.scalar(b.op<v0::Erf>("", b.scalar(third, 0.7071F, "Multiply")), 1, "Add");
  const Value gelu = b.op<v1::Multiply>("", b.scalar(third, 0.5F, "Multiply"), erf);
  EXPECT_THAT(types(b.model({gelu})), ElementsAre("Convolution", "Convolution", "Convolution"));
}

TEST(Partition, WhatPreparesTheInputBelongsToTheFirstLayer) {
  ModelBuilder b;
  const Value pixels = b.input("pixels", {1, 8, 8, 3}, ov::element::u8);
  const Value image = b.op<v0::Convert>("", pixels, ov::element::f32);
  const Value scaled = b.scalar(b.scalar(image, 127, "Subtract"), 0.01F, "Multiply");
  const Value conv = b.relu(b.conv(b.transpose(scaled, {0, 3, 1, 2}), 4, "conv"));
  const auto network = Network::from_model(b.model({b.conv(conv, 4, "next")}), "test").value();
  EXPECT_THAT(layer_types(network), ElementsAre("Convolution", "Convolution"));
  EXPECT_EQ(to_string(network.boundaries()[0].tensors.at(0)), "u8[1,8,8,3]");
}

TEST(Partition, PaddingBelongsToTheConvolutionBehindIt) {
  ModelBuilder b;
  const Value first = b.relu(b.conv(b.input("x", {1, 3, 8, 8}), 4, "first"));
  const auto ends = v0::Constant::create(ov::element::i64, {4}, {0, 0, 1, 1});
  const Value padded = b.op<v1::Pad>("pad", first, ends, ends, PadMode::CONSTANT);
  const auto network = Network::from_model(b.model({b.conv(padded, 4, "second")}), "test").value();
  EXPECT_THAT(layer_names(network), ElementsAre("first", "second"));
  EXPECT_EQ(to_string(network.boundaries()[1].tensors.at(0)), "f32[1,4,8,8]");
}

TEST(Partition, PoolingIsALayerHoweverItIsWritten) {
  ModelBuilder b;
  const Value conv = b.relu(b.conv(b.input("x", {1, 3, 8, 8}), 4, "conv"));
  const Value pooled =
      b.op<v1::AvgPool>("pool", conv, ov::Strides{1, 1}, ov::Shape{0, 0}, ov::Shape{0, 0}, ov::Shape{8, 8}, false);
  EXPECT_THAT(types(b.model({pooled})), ElementsAre("Convolution", "GlobalAvgPool"));
  EXPECT_THAT(types(b.model({b.mean_over_image(conv, "mean")})), ElementsAre("Convolution", "GlobalAvgPool"));
}

TEST(Partition, AMergeIsALayerWithItsActivation) {
  const auto network = Network::from_model(residual_model(), "test").value();
  EXPECT_THAT(layer_names(network),
              ElementsAre("stem", "pool", "block/a", "block/b", "block/add", "last", "gap", "fc", "probabilities"));
}

TEST(Partition, ATensorReadTwiceIsNeverInsideALayer) {
  ModelBuilder b;
  const Value conv = b.conv(b.input("x", {1, 4, 8, 8}), 4, "conv");
  // The activation cannot join the convolution, whose plain result is an output too.
  const auto network = Network::from_model(b.model({conv, b.relu(conv, "relu")}), "test").value();
  EXPECT_THAT(layer_names(network), ElementsAre("conv", "relu"));
}

TEST(Partition, GlueAloneIsALayer) {
  ModelBuilder b;
  EXPECT_THAT(types(b.model({b.relu(b.input("x", {1, 4}))})), ElementsAre("Relu"));
  ModelBuilder c;
  const Value scaled = c.scalar(c.input("x", {1, 4}), 2, "Multiply");
  EXPECT_THAT(
      types(c.model({c.op<v1::Reshape>("", c.relu(scaled), v0::Constant::create(ov::element::i64, {1}, {4}), false)})),
      ElementsAre("Multiply"));
}

TEST(Partition, AWrittenOutNormalisationJoinsTheLayerBeforeIt) {
  ModelBuilder b;
  const Value x = b.matmul(b.input("x", {2, 8}), 8, "fc");
  const auto axis = v0::Constant::create(ov::element::i64, {1}, {1});
  const Value centred = b.op<v1::Subtract>("", x, b.op<v1::ReduceMean>("", x, axis, true));
  const Value variance = b.op<v1::ReduceMean>("", b.op<v1::Multiply>("", centred, centred), axis, true);
  const Value deviation = b.op<v0::Sqrt>("", b.scalar(variance, 1e-5F, "Add"));
  const Value normal = b.op<v1::Divide>("", centred, deviation);
  EXPECT_THAT(types(b.model({b.matmul(normal, 4, "next")})), ElementsAre("MatMul", "MatMul"));
}

TEST(Partition, UnpackedWeightsBelongToTheirLayer) {
  ModelBuilder b;
  const Value x = b.input("x", {1, 4, 8, 8});
  const auto packed = v0::Constant::create(ov::element::u8, {4, 1, 1, 4}, std::vector<int>(16, 130));
  const Value unpacked =
      b.scalar(b.scalar(b.op<v0::Convert>("", packed, ov::element::f32), 128, "Subtract"), 0.1F, "Multiply");
  const Value kernel = b.transpose(unpacked, {0, 3, 1, 2});
  const Value conv = b.op<v1::Convolution>("conv", x, kernel, ov::Strides{1, 1}, ov::CoordinateDiff{0, 0},
                                           ov::CoordinateDiff{0, 0}, ov::Strides{1, 1});
  const auto network = Network::from_model(b.model({conv}), "test").value();
  ASSERT_THAT(layer_types(network), ElementsAre("Convolution"));
  EXPECT_EQ(network.layers()[0].parameters, 16);
  EXPECT_EQ(network.layers()[0].macs, 4 * 8 * 8 * 4);
}

}  // namespace
}  // namespace tandem::network
