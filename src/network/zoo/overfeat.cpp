// Sermanet et al., "OverFeat: Integrated Recognition, Localization and Detection using Convolutional Networks" (2014),
// the fast model. Fourteen layers: a convolution includes its ReLU, a fully connected layer does not.
#include "zoo/builder.hpp"
#include "zoo/networks.hpp"

namespace tandem::network::zoo {

Result<Network> overfeat(const Blueprint& blueprint) {
  Builder net("overfeat", {blueprint.batch, 3, 231, 231}, blueprint.seed);
  Value x = net.input();
  const auto conv = [&](const std::string& name, const ConvOptions& options) {
    x = net.end_layer(net.relu(name, net.conv(name + "/linear", x, options)));
  };
  const auto pool = [&](const std::string& name) { x = net.end_layer(net.max_pool(name, x, {})); };
  const auto dense = [&](const std::string& name, std::size_t units) {
    x = net.end_layer(net.dense(name, x, {.units = units}));
  };

  conv("conv1", {.filters = 96, .kernel = 11, .stride = 4});
  pool("pool1");
  conv("conv2", {.filters = 256, .kernel = 5});
  pool("pool2");
  conv("conv3", {.filters = 512, .kernel = 3, .pad = 1});
  conv("conv4", {.filters = 1024, .kernel = 3, .pad = 1});
  conv("conv5", {.filters = 1024, .kernel = 3, .pad = 1});
  pool("pool5");
  dense("fc6", 3072);
  x = net.end_layer(net.relu("relu6", x));
  dense("fc7", 4096);
  x = net.end_layer(net.relu("relu7", x));
  dense("fc8", 1000);
  return net.finish(net.end_layer(net.softmax("softmax", x)));
}

}  // namespace tandem::network::zoo
