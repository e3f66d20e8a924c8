// Well-known architectures built in code, with random weights from a seed: for speed, never for accuracy.
//
//   Result<Network> network = zoo::build("resnet50", {.batch = 1});
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "tandem/base/result.hpp"
#include "tandem/network/network.hpp"

namespace tandem::network::zoo {

struct Entry {
  std::string_view name;   // "resnet50"
  std::string_view title;  // "ResNet-50"
  std::string_view type;   // "discriminative", "generative" or "autoencoder"
  int layers = 0;          // of Table 2.2 where the dissertation uses it, else as a runtime executes it
  std::int64_t macs = 0;   // at batch 1
  std::int64_t parameters = 0;
  std::string_view input;  // shape without the batch: "3x224x224"
  std::string_view output;
  std::string_view source;  // the paper
};

std::span<const Entry> entries();

struct BuildOptions {
  int batch = 1;
  std::uint64_t seed = 1;
};

// Weights are scaled (He et al. 2015) so that activations neither vanish nor explode.
// Errors: not_found, with the names there are; invalid_argument for a batch below 1.
Result<Network> build(std::string_view name, const BuildOptions& options = {});

}  // namespace tandem::network::zoo
