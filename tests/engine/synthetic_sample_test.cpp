#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <openvino/core/model.hpp>
#include <openvino/opsets/opset13.hpp>

#include "small_network.hpp"
#include "tandem/engine/codec_costs.hpp"

namespace tandem::engine {
namespace {

namespace op = ov::opset13;

network::Network network_taking(ov::element::Type type, const ov::Shape& shape) {
  const auto input = std::make_shared<op::Parameter>(type, shape);
  const auto convert = std::make_shared<op::Convert>(input, ov::element::f32);
  const auto relu = std::make_shared<op::Relu>(convert);
  return network::Network::from_model(
             std::make_shared<ov::Model>(ov::OutputVector{relu->output(0)}, ov::ParameterVector{input}), "test")
      .value();
}

double mean_square(std::span<const float> values) {
  double sum = 0;
  for (const float value : values) sum += static_cast<double>(value) * value;
  return sum / static_cast<double>(values.size());
}

TEST(SyntheticSample, AnImageIsSmoothAndOfUnitDeviation) {
  const network::Tensor image = synthetic_sample(network_taking(ov::element::f32, {1, 3, 64, 64}), 1).at(0);
  const auto values = image.as<float>();
  EXPECT_NEAR(mean_square(values), 1.0, 1e-3);
  double steps = 0;
  for (std::size_t i = 0; i + 1 < 64; ++i) steps += std::abs(values[i + 1] - values[i]);
  EXPECT_LT(steps / 63, 0.5);  // independent values would differ by 1.1 on average
}

TEST(SyntheticSample, IsTheSameForASeedAndAnotherForAnother) {
  const network::Network network = small_network();
  EXPECT_EQ(synthetic_sample(network, 1).at(0).data, synthetic_sample(network, 1).at(0).data);
  EXPECT_NE(synthetic_sample(network, 1).at(0).data, synthetic_sample(network, 2).at(0).data);
}

TEST(SyntheticSample, PixelsUseTheRangeOfEightBits) {
  const network::Tensor image = synthetic_sample(network_taking(ov::element::u8, {1, 48, 48, 3}), 1).at(0);
  const auto [low, high] = std::ranges::minmax(image.as<std::uint8_t>());
  EXPECT_LT(low, 60);
  EXPECT_GT(high, 190);
}

TEST(SyntheticSample, AVectorIsUniformAndIndicesAreSmall) {
  const network::Tensor vector = synthetic_sample(network_taking(ov::element::f32, {1, 500}), 1).at(0);
  EXPECT_NEAR(mean_square(vector.as<float>()), 1.0 / 3, 0.05);
  const network::Tensor indices = synthetic_sample(network_taking(ov::element::i64, {1, 16}), 1).at(0);
  for (const std::int64_t index : indices.as<std::int64_t>()) EXPECT_TRUE(index == 0 || index == 1);
}

}  // namespace
}  // namespace tandem::engine
