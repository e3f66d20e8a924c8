// Builds the zoo's networks from a few kinds of layers, with random weights that keep every tensor at a sane scale.
//
//   Builder net("tiny", {1, 3, 32, 32}, seed);
//   Value x = net.relu("relu1", net.conv("conv1", net.input(), {.filters = 16, .kernel = 3, .pad = 1}));
//   return net.finish(net.softmax("softmax", net.dense("fc", x, {.units = 10})));
//
// Weights are uniform and scaled so that a layer's output has the wished mean square given that of its input, after
// He et al., "Delving Deep into Rectifiers" (2015): activations neither vanish nor explode, and a softmax is not
// saturated. Batch normalisation is folded into weights and bias, as exporters of trained networks do.
#pragma once

#include <cstdint>
#include <openvino/core/node_output.hpp>
#include <openvino/op/parameter.hpp>
#include <string>
#include <vector>

#include "tandem/base/result.hpp"
#include "tandem/network/network.hpp"

namespace tandem::network::zoo {

struct Value {
  ov::Output<ov::Node> output;
  double power = 1.0;  // expected mean square

  [[nodiscard]] std::size_t channels() const { return output.get_shape().at(1); }
};

// Height and width; one number stands for both.
struct Extent {
  std::size_t height = 1;
  std::size_t width = 1;

  Extent(std::size_t both) : height(both), width(both) {}  // NOLINT(google-explicit-constructor): {.kernel = 3}
  Extent(std::size_t h, std::size_t w) : height(h), width(w) {}
};

// Mean square of a convolution's output that a ReLU halves to one.
inline constexpr double kBeforeRelu = 2.0;

struct ConvOptions {
  std::size_t filters = 1;
  Extent kernel = 1;
  std::size_t stride = 1;
  Extent pad = 0;
  std::size_t groups = 1;
  double power = kBeforeRelu;  // wished mean square of the output
};

// Doubles height and width where kernel = 2 * pad + 2 - extra.
struct DeconvOptions {
  std::size_t filters = 1;
  Extent kernel = 4;
  std::size_t stride = 2;
  Extent pad = 1;
  std::size_t extra = 0;  // rows and columns added at the far end
  double power = kBeforeRelu;
};

struct DenseOptions {
  std::size_t units = 1;
  double power = kBeforeRelu;
};

struct PoolOptions {
  Extent kernel = 2;
  std::size_t stride = 2;
  Extent pad = 0;
  bool ceil = false;  // a last window that reaches over the edge counts
};

struct LrnOptions {
  std::size_t size = 5;
  double alpha = 1e-4;
  double beta = 0.75;
  double bias = 2.0;
};

class Builder {
 public:
  Builder(std::string name, const ov::Shape& input, std::uint64_t seed);

  [[nodiscard]] Value input(double power = 1.0) const { return {parameter_, power}; }

  // States that a layer ends with the operation that gives `x`, and is named as it is (see layering.hpp). The layers of
  // a network that states none are found as in any imported network.
  Value end_layer(const Value& x);

  Value conv(const std::string& name, const Value& x, const ConvOptions& options);
  Value deconv(const std::string& name, const Value& x, const DeconvOptions& options);
  // Over the last dimension; flattens images first.
  Value dense(const std::string& name, const Value& x, const DenseOptions& options);
  // The sum over both directions of a recurrent layer h_t = relu(W x_t + U h_(t-1) + b) over [batch, time, features].
  Value bidirectional_rnn(const std::string& name, const Value& x, std::size_t units);

  Value relu(const std::string& name, const Value& x);
  Value leaky_relu(const std::string& name, const Value& x, double slope);
  // min(max(x, 0), ceiling)
  Value clipped_relu(const std::string& name, const Value& x, double ceiling);
  Value tanh(const std::string& name, const Value& x);
  Value softmax(const std::string& name, const Value& x);

  Value max_pool(const std::string& name, const Value& x, const PoolOptions& options);
  Value average_pool(const std::string& name, const Value& x, const PoolOptions& options);
  Value global_average_pool(const std::string& name, const Value& x);  // [batch, channels]
  Value lrn(const std::string& name, const Value& x, const LrnOptions& options);

  Value add(const std::string& name, const Value& a, const Value& b);
  Value concat(const std::string& name, const std::vector<Value>& parts);
  // Splits the channels into parts of the given sizes.
  std::vector<Value> split(const std::string& name, const Value& x, const std::vector<std::int64_t>& sizes);
  // `shape` without the batch.
  Value reshape(const std::string& name, const Value& x, const std::vector<std::int64_t>& shape);

  Result<Network> finish(const Value& output);

 private:
  ov::Output<ov::Node> weights(const std::string& name, const ov::Shape& shape, double mean_square) const;
  // Adds a bias along dimension `axis` of x; the sum is the layer's result and has its name.
  [[nodiscard]] ov::Output<ov::Node> with_bias(const std::string& name, const ov::Output<ov::Node>& x,
                                               std::size_t axis) const;

  std::string name_;
  std::uint64_t seed_;
  std::shared_ptr<ov::op::v0::Parameter> parameter_;
  std::vector<std::string> layer_ends_;
};

}  // namespace tandem::network::zoo
