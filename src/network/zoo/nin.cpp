// Lin et al., "Network In Network" (2014), the ImageNet model: four times a convolution and two 1x1 convolutions, each
// with a ReLU, and a pooling; the last one is global.
#include "zoo/builder.hpp"
#include "zoo/networks.hpp"

namespace tandem::network::zoo {

Result<Network> nin(const Blueprint& blueprint) {
  Builder net("nin", {blueprint.batch, 3, 224, 224}, blueprint.seed);
  Value x = net.input();
  const auto conv = [&](const std::string& name, const ConvOptions& options) {
    x = net.end_layer(net.conv(name, x, options));
    x = net.end_layer(net.relu("relu_" + name, x));
  };
  const auto pool = [&](const std::string& name) {
    x = net.end_layer(net.max_pool(name, x, {.kernel = 3, .stride = 2, .ceil = true}));
  };

  conv("conv1", {.filters = 96, .kernel = 11, .stride = 4});
  conv("cccp1", {.filters = 96});
  conv("cccp2", {.filters = 96});
  pool("pool1");
  conv("conv2", {.filters = 256, .kernel = 5, .pad = 2});
  conv("cccp3", {.filters = 256});
  conv("cccp4", {.filters = 256});
  pool("pool2");
  conv("conv3", {.filters = 384, .kernel = 3, .pad = 1});
  conv("cccp5", {.filters = 384});
  conv("cccp6", {.filters = 384});
  pool("pool3");
  conv("conv4", {.filters = 1024, .kernel = 3, .pad = 1});
  conv("cccp7", {.filters = 1024});
  conv("cccp8", {.filters = 1000, .power = 8.0});  // averaging takes most of it away again
  x = net.end_layer(net.global_average_pool("pool4", x));
  return net.finish(net.end_layer(net.softmax("softmax", x)));
}

}  // namespace tandem::network::zoo
