// Isola et al., "Image-to-Image Translation with Conditional Adversarial Networks" (2017): the encoder-decoder
// generator of the paper's Section 3.2.1 without the U-Net's skips, so that one narrow tensor is all that passes the
// middle.
#include <array>

#include "zoo/builder.hpp"
#include "zoo/networks.hpp"

namespace tandem::network::zoo {

Result<Network> pix2pix(const Blueprint& blueprint) {
  constexpr std::array<std::size_t, 8> kEncoder{64, 128, 256, 512, 512, 512, 512, 512};
  constexpr std::array<std::size_t, 7> kDecoder{512, 512, 512, 512, 256, 128, 64};
  constexpr double kSlope = 0.2;

  Builder net("pix2pix", {blueprint.batch, 3, 256, 256}, blueprint.seed);
  Value x = net.input();
  for (std::size_t i = 0; i < kEncoder.size(); ++i) {
    const std::string number = std::to_string(i + 1);
    x = net.end_layer(net.conv("conv" + number, x, {.filters = kEncoder[i], .kernel = 4, .stride = 2, .pad = 1}));
    x = net.end_layer(net.leaky_relu("lrelu" + number, x, kSlope));
  }
  for (std::size_t i = 0; i < kDecoder.size(); ++i) {
    const std::string number = std::to_string(i + 1);
    x = net.end_layer(net.deconv("deconv" + number, x, {.filters = kDecoder[i]}));
    x = net.end_layer(net.relu("relu" + number, x));
  }
  x = net.end_layer(net.deconv("deconv8", x, {.filters = 3, .power = 1.0}));
  return net.finish(net.end_layer(net.tanh("tanh", x)));
}

}  // namespace tandem::network::zoo
