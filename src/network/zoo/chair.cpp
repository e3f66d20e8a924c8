// Dosovitskiy et al., "Learning to Generate Chairs with Convolutional Neural Networks" (2015), the 128x128 model
// without its mask: from a description to an image.
//
// Input: one vector, 809 numbers for the chair (one-hot), 4 for the view, 12 for the transformation. The first two
// layers treat the three apart. An up-convolution sets the values of its input apart by zeros and convolves: a
// transposed convolution.
#include "zoo/builder.hpp"
#include "zoo/networks.hpp"

namespace tandem::network::zoo {
namespace {

constexpr std::size_t kClass = 809;
constexpr std::size_t kView = 4;
constexpr std::size_t kTransformation = 12;
constexpr std::size_t kStreamUnits = 512;

// A dense layer with ReLU for each part of the vector.
Value streams(Builder& net, const std::string& name, const Value& x, const std::vector<std::int64_t>& sizes) {
  std::vector<Value> parts = net.split(name + "/split", x, sizes);
  const char* const kNames[] = {"/class", "/view", "/transformation"};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    parts[i] = net.dense(name + kNames[i], parts[i], {.units = kStreamUnits});
  }
  return net.end_layer(net.relu(name, net.concat(name + "/concat", parts)));
}

}  // namespace

Result<Network> chair(const Blueprint& blueprint) {
  Builder net("chair", {blueprint.batch, kClass + kView + kTransformation}, blueprint.seed);
  constexpr double kSparseInput = 0.05;  // most of it is the one-hot vector's zeros
  Value x = net.input(kSparseInput);
  x = streams(net, "fc1", x, {kClass, kView, kTransformation});
  x = streams(net, "fc2", x, {kStreamUnits, kStreamUnits, kStreamUnits});
  const auto dense = [&](const std::string& name, std::size_t units) {
    return net.relu(name, net.dense(name + "/linear", x, {.units = units}));
  };
  x = net.end_layer(dense("fc3", 1024));
  x = net.end_layer(dense("fc4", 1024));
  x = dense("fc5/vector", std::size_t{256} * 8 * 8);
  x = net.end_layer(net.reshape("fc5", x, {256, 8, 8}));
  const auto upconv = [&](const std::string& name, std::size_t filters) {
    x = net.deconv(name + "/linear", x, {.filters = filters, .kernel = 5, .pad = 2, .extra = 1});
    x = net.end_layer(net.relu(name, x));
  };
  upconv("upconv1", 256);
  upconv("upconv2", 92);
  upconv("upconv3", 48);
  upconv("upconv4", 32);
  return net.finish(net.end_layer(net.conv("image", x, {.filters = 3, .kernel = 5, .pad = 2})));
}

}  // namespace tandem::network::zoo
