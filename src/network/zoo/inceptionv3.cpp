// Szegedy et al., "Rethinking the Inception Architecture for Computer Vision" (2016), with the channel counts that
// trained networks use today and without the auxiliary classifier, which only training needs.
#include "zoo/builder.hpp"
#include "zoo/networks.hpp"

namespace tandem::network::zoo {
namespace {

class InceptionV3 {
 public:
  explicit InceptionV3(const Blueprint& blueprint)
      : net_("inceptionv3", {blueprint.batch, 3, 299, 299}, blueprint.seed) {}

  Result<Network> build() {
    Value x = conv("conv1", net_.input(), {.filters = 32, .kernel = 3, .stride = 2});
    x = conv("conv2", x, {.filters = 32, .kernel = 3});
    x = conv("conv3", x, {.filters = 64, .kernel = 3, .pad = 1});
    x = net_.max_pool("pool1", x, kHalve);
    x = conv("conv4", x, {.filters = 80});
    x = conv("conv5", x, {.filters = 192, .kernel = 3});
    x = net_.max_pool("pool2", x, kHalve);
    x = mixed_35("mixed0", x, 32);
    x = mixed_35("mixed1", x, 64);
    x = mixed_35("mixed2", x, 64);
    x = reduce_35("mixed3", x);
    x = mixed_17("mixed4", x, 128);
    x = mixed_17("mixed5", x, 160);
    x = mixed_17("mixed6", x, 160);
    x = mixed_17("mixed7", x, 192);
    x = reduce_17("mixed8", x);
    x = mixed_8("mixed9", x);
    x = mixed_8("mixed10", x);
    x = net_.dense("fc", net_.global_average_pool("pool3", x), {.units = 1000});
    return net_.finish(net_.softmax("softmax", x));
  }

 private:
  static constexpr std::size_t kSeven = 7;
  inline static const PoolOptions kHalve{.kernel = 3, .stride = 2};
  inline static const PoolOptions kSmooth{.kernel = 3, .stride = 1, .pad = 1};

  Value conv(const std::string& name, const Value& x, const ConvOptions& options) {
    return net_.relu(name + "/relu", net_.conv(name, x, options));
  }
  Value pooled_conv(const std::string& name, const Value& x, std::size_t filters) {
    return conv(name + "/pool_proj", net_.average_pool(name + "/pool", x, kSmooth), {.filters = filters});
  }
  // A 1x7 convolution after or before a 7x1 one: a 7x7 in less.
  Value row(const std::string& name, const Value& x, std::size_t filters) {
    return conv(name, x, {.filters = filters, .kernel = {1, kSeven}, .pad = {0, 3}});
  }
  Value column(const std::string& name, const Value& x, std::size_t filters) {
    return conv(name, x, {.filters = filters, .kernel = {kSeven, 1}, .pad = {3, 0}});
  }

  // Modules on the 35x35 grid (Fig. 5 of the paper).
  Value mixed_35(const std::string& name, const Value& x, std::size_t pool_filters) {
    const Value a = conv(name + "/1x1", x, {.filters = 64});
    Value b = conv(name + "/5x5_reduce", x, {.filters = 48});
    b = conv(name + "/5x5", b, {.filters = 64, .kernel = 5, .pad = 2});
    Value c = conv(name + "/3x3_reduce", x, {.filters = 64});
    c = conv(name + "/3x3_1", c, {.filters = 96, .kernel = 3, .pad = 1});
    c = conv(name + "/3x3_2", c, {.filters = 96, .kernel = 3, .pad = 1});
    return net_.concat(name, {a, b, c, pooled_conv(name, x, pool_filters)});
  }

  // To the 17x17 grid (Fig. 10).
  Value reduce_35(const std::string& name, const Value& x) {
    const Value a = conv(name + "/3x3", x, {.filters = 384, .kernel = 3, .stride = 2});
    Value b = conv(name + "/double_reduce", x, {.filters = 64});
    b = conv(name + "/double_1", b, {.filters = 96, .kernel = 3, .pad = 1});
    b = conv(name + "/double_2", b, {.filters = 96, .kernel = 3, .stride = 2});
    return net_.concat(name, {a, b, net_.max_pool(name + "/pool", x, kHalve)});
  }

  // Modules on the 17x17 grid (Fig. 6).
  Value mixed_17(const std::string& name, const Value& x, std::size_t narrow) {
    const Value a = conv(name + "/1x1", x, {.filters = 192});
    Value b = conv(name + "/7x7_reduce", x, {.filters = narrow});
    b = row(name + "/1x7", b, narrow);
    b = column(name + "/7x1", b, 192);
    Value c = conv(name + "/double_reduce", x, {.filters = narrow});
    c = column(name + "/double_7x1_1", c, narrow);
    c = row(name + "/double_1x7_1", c, narrow);
    c = column(name + "/double_7x1_2", c, narrow);
    c = row(name + "/double_1x7_2", c, 192);
    return net_.concat(name, {a, b, c, pooled_conv(name, x, 192)});
  }

  // To the 8x8 grid.
  Value reduce_17(const std::string& name, const Value& x) {
    Value a = conv(name + "/3x3_reduce", x, {.filters = 192});
    a = conv(name + "/3x3", a, {.filters = 320, .kernel = 3, .stride = 2});
    Value b = conv(name + "/7x7_reduce", x, {.filters = 192});
    b = row(name + "/1x7", b, 192);
    b = column(name + "/7x1", b, 192);
    b = conv(name + "/7x7_3x3", b, {.filters = 192, .kernel = 3, .stride = 2});
    return net_.concat(name, {a, b, net_.max_pool(name + "/pool", x, kHalve)});
  }

  // Modules on the 8x8 grid (Fig. 7): the last convolutions lie side by side.
  Value mixed_8(const std::string& name, const Value& x) {
    const Value a = conv(name + "/1x1", x, {.filters = 320});
    const Value b = conv(name + "/3x3_reduce", x, {.filters = 384});
    Value c = conv(name + "/double_reduce", x, {.filters = 448});
    c = conv(name + "/double_3x3", c, {.filters = 384, .kernel = 3, .pad = 1});
    return net_.concat(name, {a, fork(name + "/3x3", b), fork(name + "/double", c), pooled_conv(name, x, 192)});
  }
  Value fork(const std::string& name, const Value& x) {
    const Value wide = conv(name + "_1x3", x, {.filters = 384, .kernel = {1, 3}, .pad = {0, 1}});
    const Value high = conv(name + "_3x1", x, {.filters = 384, .kernel = {3, 1}, .pad = {1, 0}});
    return net_.concat(name + "_fork", {wide, high});
  }

  Builder net_;
};

}  // namespace

Result<Network> inceptionv3(const Blueprint& blueprint) {
  return InceptionV3(blueprint).build();
}

}  // namespace tandem::network::zoo
