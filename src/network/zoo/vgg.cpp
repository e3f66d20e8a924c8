// Simonyan and Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition" (2015).
#include <array>

#include "zoo/builder.hpp"
#include "zoo/networks.hpp"

namespace tandem::network::zoo {
namespace {

// Convolutions in each of the five stages.
using Stages = std::array<int, 5>;

enum class Layers { stated, found };

Result<Network> vgg(const std::string& name, const Stages& stages, Layers layers, const Blueprint& blueprint) {
  Builder net(name, {blueprint.batch, 3, 224, 224}, blueprint.seed);
  Value x = net.input();
  const auto layer = [&](const Value& end) { x = layers == Layers::stated ? net.end_layer(end) : end; };

  std::size_t filters = 64;
  for (std::size_t stage = 0; stage < stages.size(); ++stage) {
    const std::string number = std::to_string(stage + 1);
    for (int i = 1; i <= stages[stage]; ++i) {
      const std::string place = number + "_" + std::to_string(i);
      layer(net.conv("conv" + place, x, {.filters = filters, .kernel = 3, .pad = 1}));
      layer(net.relu("relu" + place, x));
    }
    layer(net.max_pool("pool" + number, x, {}));
    if (filters < 512) filters *= 2;
  }
  layer(net.dense("fc6", x, {.units = 4096}));
  layer(net.relu("relu6", x));
  layer(net.dense("fc7", x, {.units = 4096}));
  layer(net.relu("relu7", x));
  layer(net.dense("fc8", x, {.units = 1000}));
  layer(net.softmax("softmax", x));
  return net.finish(x);
}

}  // namespace

Result<Network> vgg16(const Blueprint& blueprint) {
  return vgg("vgg16", {2, 2, 3, 3, 3}, Layers::stated, blueprint);
}
Result<Network> vgg19(const Blueprint& blueprint) {
  return vgg("vgg19", {2, 2, 4, 4, 4}, Layers::found, blueprint);
}

}  // namespace tandem::network::zoo
