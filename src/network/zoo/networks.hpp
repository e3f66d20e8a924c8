// One function per architecture; zoo.cpp lists them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "tandem/base/result.hpp"
#include "tandem/network/network.hpp"

namespace tandem::network::zoo {

struct Blueprint {
  std::size_t batch = 1;
  std::uint64_t seed = 1;
};

// With the layers of the dissertation's Table 2.2, stated in the model.
Result<Network> alexnet(const Blueprint& blueprint);
Result<Network> overfeat(const Blueprint& blueprint);
Result<Network> deepspeech(const Blueprint& blueprint);
Result<Network> resnet(const Blueprint& blueprint);
Result<Network> vgg16(const Blueprint& blueprint);
Result<Network> nin(const Blueprint& blueprint);
Result<Network> chair(const Blueprint& blueprint);
Result<Network> pix2pix(const Blueprint& blueprint);

// With layers as a runtime executes them, found as in any imported network.
Result<Network> resnet50(const Blueprint& blueprint);
Result<Network> vgg19(const Blueprint& blueprint);
Result<Network> mobilenetv2(const Blueprint& blueprint);
Result<Network> inceptionv3(const Blueprint& blueprint);
Result<Network> mlp(const Blueprint& blueprint);

}  // namespace tandem::network::zoo
