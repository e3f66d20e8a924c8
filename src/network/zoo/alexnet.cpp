// Krizhevsky et al., "ImageNet Classification with Deep Convolutional Neural Networks" (2012): each convolution, ReLU,
// normalisation and pooling is a layer. Dropout does nothing at inference and is left out.
#include "zoo/builder.hpp"
#include "zoo/networks.hpp"

namespace tandem::network::zoo {

Result<Network> alexnet(const Blueprint& blueprint) {
  Builder net("alexnet", {blueprint.batch, 3, 227, 227}, blueprint.seed);
  Value x = net.input();
  const auto conv = [&](const std::string& number, const ConvOptions& options) {
    x = net.end_layer(net.conv("conv" + number, x, options));
    x = net.end_layer(net.relu("relu" + number, x));
  };
  const auto lrn = [&](const std::string& name) { x = net.end_layer(net.lrn(name, x, {})); };
  const auto pool = [&](const std::string& name) {
    x = net.end_layer(net.max_pool(name, x, {.kernel = 3, .stride = 2}));
  };
  const auto dense = [&](const std::string& name, std::size_t units) {
    x = net.end_layer(net.dense(name, x, {.units = units}));
  };

  conv("1", {.filters = 96, .kernel = 11, .stride = 4});
  lrn("lrn1");
  pool("pool1");
  conv("2", {.filters = 256, .kernel = 5, .pad = 2, .groups = 2});
  lrn("lrn2");
  pool("pool2");
  conv("3", {.filters = 384, .kernel = 3, .pad = 1});
  conv("4", {.filters = 384, .kernel = 3, .pad = 1, .groups = 2});
  conv("5", {.filters = 256, .kernel = 3, .pad = 1, .groups = 2});
  pool("pool5");
  dense("fc6", 4096);
  x = net.end_layer(net.relu("relu6", x));
  dense("fc7", 4096);
  x = net.end_layer(net.relu("relu7", x));
  dense("fc8", 1000);
  return net.finish(net.end_layer(net.softmax("softmax", x)));
}

}  // namespace tandem::network::zoo
