// A network small enough to be compiled and run in milliseconds: input [1,3,8,8], a convolution with ReLU, another one,
// and a dense layer with softmax.
#pragma once

#include <memory>
#include <openvino/core/model.hpp>
#include <openvino/opsets/opset13.hpp>

#include "tandem/network/network.hpp"

namespace tandem::engine {

inline std::shared_ptr<ov::Model> small_model() {
  namespace op = ov::opset13;
  const auto weights = [](const ov::Shape& shape) {
    std::vector<float> values(ov::shape_size(shape));
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = 0.1F * static_cast<float>(i * 7 % 11) - 0.5F;
    return op::Constant::create(ov::element::f32, shape, values);
  };
  const auto named = [](const auto& node, const char* name) {
    node->set_friendly_name(name);
    return node;
  };
  const ov::CoordinateDiff pad{1, 1};
  const auto input = named(std::make_shared<op::Parameter>(ov::element::f32, ov::Shape{1, 3, 8, 8}), "input");
  const auto a = named(
      std::make_shared<op::Convolution>(input, weights({4, 3, 3, 3}), ov::Strides{1, 1}, pad, pad, ov::Strides{1, 1}),
      "conv1");
  const auto b = named(std::make_shared<op::Relu>(a), "relu1");
  const auto c =
      named(std::make_shared<op::Convolution>(b, weights({2, 4, 3, 3}), ov::Strides{1, 1}, pad, pad, ov::Strides{1, 1}),
            "conv2");
  const auto flat = std::make_shared<op::Reshape>(c, op::Constant::create(ov::element::i64, {2}, {1, -1}), false);
  const auto fc = named(std::make_shared<op::MatMul>(flat, weights({5, 128}), false, true), "fc");
  const auto softmax = named(std::make_shared<op::Softmax>(fc, 1), "softmax");
  const auto result = named(std::make_shared<op::Result>(softmax), "output");
  return std::make_shared<ov::Model>(ov::ResultVector{result}, ov::ParameterVector{input}, "small");
}

// Convolutions with a ReLU each, all of one size: `layers` blocks.
inline network::Network chain_network(int layers) {
  namespace op = ov::opset13;
  const auto input = std::make_shared<op::Parameter>(ov::element::f32, ov::Shape{1, 8, 16, 16});
  const ov::CoordinateDiff pad{1, 1};
  std::shared_ptr<ov::Node> last = input;
  for (int layer = 0; layer < layers; ++layer) {
    const auto weights = op::Constant::create(ov::element::f32, {8, 8, 3, 3}, std::vector<float>(576, 0.05F));
    last = std::make_shared<op::Convolution>(last, weights, ov::Strides{1, 1}, pad, pad, ov::Strides{1, 1});
    last = std::make_shared<op::Relu>(last);
  }
  const auto result = std::make_shared<op::Result>(last);
  const auto model = std::make_shared<ov::Model>(ov::ResultVector{result}, ov::ParameterVector{input}, "chain");
  return network::Network::from_model(model, "chain").value();
}

inline network::Network small_network() {
  return network::Network::from_model(small_model(), "small").value();
}

}  // namespace tandem::engine
