// He et al., "Deep Residual Learning for Image Recognition" (2016), ResNet-50 with the paper's stride in the first 1x1
// convolution of a stage. The dissertation's 70 layers: the stem, 48 convolutions, 4 projections, 16 additions, the
// head.
#include <array>

#include "zoo/builder.hpp"
#include "zoo/networks.hpp"

namespace tandem::network::zoo {
namespace {

enum class Layers { stated, found };

// The branch adds a quarter of the shortcut's power, so that sixteen sums do not explode.
constexpr double kBranchPower = 0.25;

struct Stage {
  std::size_t filters;  // of the narrow convolutions; the block gives four times as many
  int blocks;
  std::size_t stride;  // of its first block
};
constexpr std::array kStages{Stage{64, 3, 1}, Stage{128, 4, 2}, Stage{256, 6, 2}, Stage{512, 3, 2}};

class ResNet {
 public:
  ResNet(const std::string& name, Layers layers, const Blueprint& blueprint)
      : net_(name, {blueprint.batch, 3, 224, 224}, blueprint.seed), layers_(layers) {}

  Result<Network> build() {
    Value x = conv("conv1", net_.input(), {.filters = 64, .kernel = 7, .stride = 2, .pad = 3});
    x = layer(net_.max_pool("pool1", x, {.kernel = 3, .stride = 2, .pad = 1}));
    for (std::size_t i = 0; i < kStages.size(); ++i) {
      for (int block = 0; block < kStages[i].blocks; ++block) {
        const std::string name = "res" + std::to_string(i + 2) + static_cast<char>('a' + block);
        x = residual(name, x, kStages[i], block == 0);
      }
    }
    x = net_.dense("fc1000", net_.global_average_pool("pool5", x), {.units = 1000});
    return net_.finish(layer(net_.softmax("softmax", x)));
  }

 private:
  Value layer(const Value& end) { return layers_ == Layers::stated ? net_.end_layer(end) : end; }
  // A layer has the name of its last operation where it is stated, and of its main one where it is found.
  std::string main_of(const std::string& name) const { return layers_ == Layers::stated ? name + "/linear" : name; }
  std::string end_of(const std::string& name) const { return layers_ == Layers::stated ? name : name + "/relu"; }

  Value conv(const std::string& name, const Value& x, const ConvOptions& options) {
    return net_.relu(end_of(name), net_.conv(main_of(name), x, options));
  }

  Value residual(const std::string& name, const Value& x, const Stage& stage, bool first) {
    const std::size_t stride = first ? stage.stride : 1;
    const std::string branch = name + "_branch2";
    Value y = layer(conv(branch + "a", x, {.filters = stage.filters, .stride = stride}));
    y = layer(conv(branch + "b", y, {.filters = stage.filters, .kernel = 3, .pad = 1}));
    y = layer(net_.conv(branch + "c", y, {.filters = 4 * stage.filters, .power = kBranchPower}));
    Value shortcut = x;
    if (first) {
      shortcut = layer(net_.conv(name + "_branch1", x, {.filters = 4 * stage.filters, .stride = stride, .power = 1.0}));
    }
    const Value sum = net_.add(main_of(name), shortcut, y);
    // The shortcut is mostly positive already: unlike elsewhere, the ReLU takes little of the power away.
    return layer({net_.relu(end_of(name), sum).output, sum.power});
  }

  Builder net_;
  Layers layers_;
};

}  // namespace

Result<Network> resnet(const Blueprint& blueprint) {
  return ResNet("resnet", Layers::stated, blueprint).build();
}
Result<Network> resnet50(const Blueprint& blueprint) {
  return ResNet("resnet50", Layers::found, blueprint).build();
}

}  // namespace tandem::network::zoo
