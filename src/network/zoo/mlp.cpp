// Ciresan et al., "Deep, Big, Simple Neural Nets for Handwritten Digit Recognition" (2010), the largest: a multilayer
// perceptron with hyperbolic tangents.
//
// Input: a digit of 29 by 29 pixels, as a vector.
#include <array>
#include <string>

#include "zoo/builder.hpp"
#include "zoo/networks.hpp"

namespace tandem::network::zoo {

Result<Network> mlp(const Blueprint& blueprint) {
  constexpr std::size_t kPixels = std::size_t{29} * 29;
  constexpr std::array<std::size_t, 5> kHidden{2500, 2000, 1500, 1000, 500};
  constexpr std::size_t kDigits = 10;

  Builder net("mlp", {blueprint.batch, kPixels}, blueprint.seed);
  Value x = net.input();
  int number = 0;
  for (const std::size_t units : kHidden) {
    const std::string suffix = std::to_string(++number);
    x = net.end_layer(net.dense("dense" + suffix, x, {.units = units}));
    x = net.end_layer(net.tanh("tanh" + suffix, x));
  }
  x = net.end_layer(net.dense("dense6", x, {.units = kDigits}));
  return net.finish(net.end_layer(net.softmax("softmax", x)));
}

}  // namespace tandem::network::zoo
