// Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks" (2018), width 1.
#include <array>

#include "zoo/builder.hpp"
#include "zoo/networks.hpp"

namespace tandem::network::zoo {
namespace {

constexpr double kBranchPower = 0.25;

// Table 2 of the paper.
struct Stage {
  std::size_t expansion;
  std::size_t channels;
  int blocks;
  std::size_t stride;  // of its first block
};
constexpr std::array kStages{Stage{1, 16, 1, 1}, Stage{6, 24, 2, 2},  Stage{6, 32, 3, 2}, Stage{6, 64, 4, 2},
                             Stage{6, 96, 3, 1}, Stage{6, 160, 3, 2}, Stage{6, 320, 1, 1}};

Value rectified_conv(Builder& net, const std::string& name, const Value& x, const ConvOptions& options) {
  return net.clipped_relu(name + "/relu6", net.conv(name, x, options), 6.0);
}

Value inverted_residual(Builder& net, const std::string& name, const Value& x, const Stage& stage, std::size_t stride) {
  const std::size_t wide = stage.expansion * x.channels();
  const bool residual = stride == 1 && x.channels() == stage.channels;
  Value y = x;
  if (stage.expansion > 1) y = rectified_conv(net, name + "/expand", y, {.filters = wide});
  y = rectified_conv(net, name + "/depthwise", y,
                     {.filters = wide, .kernel = 3, .stride = stride, .pad = 1, .groups = wide});
  y = net.conv(name + "/project", y, {.filters = stage.channels, .power = residual ? kBranchPower : 1.0});
  return residual ? net.add(name + "/add", x, y) : y;
}

}  // namespace

Result<Network> mobilenetv2(const Blueprint& blueprint) {
  Builder net("mobilenetv2", {blueprint.batch, 3, 224, 224}, blueprint.seed);
  Value x = rectified_conv(net, "conv1", net.input(), {.filters = 32, .kernel = 3, .stride = 2, .pad = 1});
  int number = 0;
  for (const Stage& stage : kStages) {
    for (int block = 0; block < stage.blocks; ++block) {
      x = inverted_residual(net, "block" + std::to_string(++number), x, stage, block == 0 ? stage.stride : 1);
    }
  }
  x = rectified_conv(net, "conv_last", x, {.filters = 1280});
  x = net.dense("fc", net.global_average_pool("pool", x), {.units = 1000});
  return net.finish(net.softmax("softmax", x));
}

}  // namespace tandem::network::zoo
