#include "zoo/builder.hpp"

#include <algorithm>
#include <cmath>
#include <openvino/core/model.hpp>
#include <openvino/opsets/opset13.hpp>

#include "tandem/network/layering.hpp"
#include "zoo/random_weights.hpp"

namespace tandem::network::zoo {
namespace {

namespace op = ov::opset13;
using Node = ov::Output<ov::Node>;

constexpr double kBiasMeanSquare = 0.01;

// What taking the largest of a window does to the mean square, for rectified, spatially correlated values.
double gain_of_maximum(const Extent& kernel) {
  return kernel.height * kernel.width > 4 ? 3.0 : 2.0;
}
// The square of the mean over the mean square, for rectified normally distributed values: what is left by averaging.
constexpr double kGainOfGlobalMean = 1.0 / 3.0;

template <class Op, class... Args>
Node make(const std::string& name, Args&&... args) {
  auto node = std::make_shared<Op>(std::forward<Args>(args)...);
  node->set_friendly_name(name);
  return node->output(0);
}

Node constant(const std::vector<std::int64_t>& values) {
  return op::Constant::create(ov::element::i64, {values.size()}, values)->output(0);
}
Node scalar(std::int64_t value) {
  return op::Constant::create(ov::element::i64, {}, {value})->output(0);
}
Node scalar(float value) {
  return op::Constant::create(ov::element::f32, {}, {value})->output(0);
}

ov::Strides both(std::size_t stride) {
  return {stride, stride};
}

std::vector<std::ptrdiff_t> signed_pad(const Extent& pad) {
  return {static_cast<std::ptrdiff_t>(pad.height), static_cast<std::ptrdiff_t>(pad.width)};
}

ov::op::RoundingType rounding(const PoolOptions& options) {
  return options.ceil ? ov::op::RoundingType::CEIL : ov::op::RoundingType::FLOOR;
}

}  // namespace

Builder::Builder(std::string name, const ov::Shape& input, std::uint64_t seed)
    : name_(std::move(name)), seed_(seed), parameter_(std::make_shared<op::Parameter>(ov::element::f32, input)) {
  parameter_->set_friendly_name("input");
  parameter_->output(0).set_names({"input"});
}

Value Builder::end_layer(const Value& x) {
  layer_ends_.push_back(x.output.get_node()->get_friendly_name());
  return x;
}

Node Builder::weights(const std::string& name, const ov::Shape& shape, double mean_square) const {
  const auto node = random_weights(shape, std::sqrt(3 * mean_square), seed_, name);
  node->set_friendly_name(name);
  return node->output(0);
}

Node Builder::with_bias(const std::string& name, const Node& x, std::size_t axis) const {
  ov::Shape shape(x.get_shape().size(), 1);
  shape[axis] = x.get_shape()[axis];
  return make<op::Add>(name, x, weights(name + "/bias", shape, kBiasMeanSquare));
}

Value Builder::conv(const std::string& name, const Value& x, const ConvOptions& options) {
  const std::size_t inputs = x.channels() / options.groups;
  const Extent& kernel = options.kernel;
  const double mean_square = options.power / (x.power * static_cast<double>(inputs * kernel.height * kernel.width));
  const auto strides = both(options.stride);
  const auto pads = signed_pad(options.pad);
  const std::string inner = name + "/WithoutBiases";
  Node y;
  if (options.groups == 1) {
    const Node w = weights(name + "/weights", {options.filters, inputs, kernel.height, kernel.width}, mean_square);
    y = make<op::Convolution>(inner, x.output, w, strides, pads, pads, both(1));
  } else {
    const ov::Shape shape{options.groups, options.filters / options.groups, inputs, kernel.height, kernel.width};
    const Node w = weights(name + "/weights", shape, mean_square);
    y = make<op::GroupConvolution>(inner, x.output, w, strides, pads, pads, both(1));
  }
  return {with_bias(name, y, 1), options.power};
}

Value Builder::deconv(const std::string& name, const Value& x, const DeconvOptions& options) {
  const Extent& kernel = options.kernel;
  const auto terms = static_cast<double>(x.channels() * kernel.height * kernel.width) /
                     static_cast<double>(options.stride * options.stride);
  const Node w = weights(name + "/weights", {x.channels(), options.filters, kernel.height, kernel.width},
                         options.power / (x.power * terms));
  const auto pads = signed_pad(options.pad);
  const auto extra = signed_pad(Extent(options.extra));
  const Node y = make<op::ConvolutionBackpropData>(name + "/WithoutBiases", x.output, w, both(options.stride), pads,
                                                   pads, both(1), ov::op::PadType::EXPLICIT, extra);
  return {with_bias(name, y, 1), options.power};
}

Value Builder::dense(const std::string& name, const Value& x, const DenseOptions& options) {
  Node flat = x.output;
  if (flat.get_shape().size() == 4) flat = make<op::Reshape>(name + "/flatten", flat, constant({0, -1}), true);
  const std::size_t inputs = flat.get_shape().back();
  const Node w =
      weights(name + "/weights", {options.units, inputs}, options.power / (x.power * static_cast<double>(inputs)));
  const Node y = make<op::MatMul>(name + "/WithoutBiases", flat, w, false, true);
  return {with_bias(name, y, y.get_shape().size() - 1), options.power};
}

Value Builder::bidirectional_rnn(const std::string& name, const Value& x, std::size_t units) {
  const ov::Shape shape = x.output.get_shape();
  const std::size_t batch = shape[0];
  const auto time = static_cast<std::int64_t>(shape[1]);
  const double input_power = 1.0;
  const double recurrent_power = 0.5;  // of h; below one, so that old frames are forgotten
  const Node w =
      weights(name + "/input_weights", {2, units, shape[2]}, input_power / (x.power * static_cast<double>(shape[2])));
  const Node u = weights(name + "/recurrent_weights", {2, units, units}, recurrent_power / static_cast<double>(units));
  const Node b = weights(name + "/bias", {2, units}, kBiasMeanSquare);
  const Node start = op::Constant::create(ov::element::f32, {batch, 2, units}, {0.0F})->output(0);
  const Node lengths =
      op::Constant::create(ov::element::i64, {batch}, std::vector<std::int64_t>(batch, time))->output(0);
  const Node both_ways =
      make<op::RNNSequence>(name + "/sequence", x.output, start, lengths, w, u, b, units,
                            ov::op::RecurrentSequenceDirection::BIDIRECTIONAL, std::vector<std::string>{"relu"});
  // [batch, directions, time, units]: added over directions.
  return {make<op::ReduceSum>(name, both_ways, constant({1}), false), 2 * input_power};
}

Value Builder::relu(const std::string& name, const Value& x) {
  return {make<op::Relu>(name, x.output), x.power / 2};
}

Value Builder::leaky_relu(const std::string& name, const Value& x, double slope) {
  return {make<op::PRelu>(name, x.output, scalar(static_cast<float>(slope))), x.power * (1 + slope * slope) / 2};
}

Value Builder::clipped_relu(const std::string& name, const Value& x, double ceiling) {
  return {make<op::Clamp>(name, x.output, 0.0, ceiling), x.power / 2};
}

Value Builder::tanh(const std::string& name, const Value& x) {
  return {make<op::Tanh>(name, x.output), 0.5};
}

Value Builder::softmax(const std::string& name, const Value& x) {
  return {make<op::Softmax>(name, x.output, static_cast<std::int64_t>(x.output.get_shape().size()) - 1), x.power};
}

Value Builder::max_pool(const std::string& name, const Value& x, const PoolOptions& options) {
  const ov::Shape pad{options.pad.height, options.pad.width};
  const ov::Shape kernel{options.kernel.height, options.kernel.width};
  return {make<ov::op::v1::MaxPool>(name, x.output, both(options.stride), pad, pad, kernel, rounding(options)),
          x.power * gain_of_maximum(options.kernel)};
}

Value Builder::average_pool(const std::string& name, const Value& x, const PoolOptions& options) {
  const ov::Shape pad{options.pad.height, options.pad.width};
  const ov::Shape kernel{options.kernel.height, options.kernel.width};
  constexpr bool kPadCounts = true;
  return {
      make<ov::op::v1::AvgPool>(name, x.output, both(options.stride), pad, pad, kernel, !kPadCounts, rounding(options)),
      x.power / 2};
}

Value Builder::global_average_pool(const std::string& name, const Value& x) {
  return {make<op::ReduceMean>(name, x.output, constant({2, 3}), false), x.power * kGainOfGlobalMean};
}

Value Builder::lrn(const std::string& name, const Value& x, const LrnOptions& options) {
  const Node y = make<op::LRN>(name, x.output, constant({1}), options.alpha, options.beta, options.bias, options.size);
  return {y, x.power / std::pow(options.bias, 2 * options.beta)};
}

Value Builder::add(const std::string& name, const Value& a, const Value& b) {
  return {make<op::Add>(name, a.output, b.output), a.power + b.power};
}

Value Builder::concat(const std::string& name, const std::vector<Value>& parts) {
  ov::OutputVector outputs;
  double power = 0;
  double channels = 0;
  for (const Value& part : parts) {
    outputs.push_back(part.output);
    power += part.power * static_cast<double>(part.channels());
    channels += static_cast<double>(part.channels());
  }
  return {make<op::Concat>(name, outputs, 1), power / channels};
}

std::vector<Value> Builder::split(const std::string& name, const Value& x, const std::vector<std::int64_t>& sizes) {
  const Node first = make<op::VariadicSplit>(name, x.output, scalar(std::int64_t{1}), constant(sizes));
  std::vector<Value> parts;
  parts.reserve(sizes.size());
  for (std::size_t i = 0; i < sizes.size(); ++i) parts.push_back({first.get_node()->output(i), x.power});
  return parts;
}

Value Builder::reshape(const std::string& name, const Value& x, const std::vector<std::int64_t>& shape) {
  std::vector<std::int64_t> with_batch{0};
  with_batch.insert(with_batch.end(), shape.begin(), shape.end());
  return {make<op::Reshape>(name, x.output, constant(with_batch), true), x.power};
}

Result<Network> Builder::finish(const Value& output) {
  output.output.get_node()->output(output.output.get_index()).set_names({"output"});
  const auto result = std::make_shared<op::Result>(output.output);
  result->set_friendly_name("output");
  const auto model = std::make_shared<ov::Model>(ov::ResultVector{result}, ov::ParameterVector{parameter_}, name_);
  if (!layer_ends_.empty()) set_layering(*model, layer_ends_);
  return Network::from_model(model, name_);
}

}  // namespace tandem::network::zoo
