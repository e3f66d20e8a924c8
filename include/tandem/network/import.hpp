// Reading networks: whatever ov::Core::read_model reads (ONNX, TensorFlow Lite, OpenVINO IR, TensorFlow, PaddlePaddle),
// and the zoo by name.
//
//   Result<Network> a = network::load("model.onnx", {.batch = 4});
//   Result<Network> b = network::load("zoo:alexnet");
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "tandem/base/result.hpp"
#include "tandem/network/network.hpp"

namespace tandem::network {

struct ImportOptions {
  int batch = 1;  // taken for an open first dimension
  // Shapes for inputs whose other dimensions are open, by input name: {"input", {1, 3, 32, 32}}.
  std::map<std::string, std::vector<std::int64_t>> shapes{};
  std::uint64_t seed = 1;  // of the zoo's random weights
};

// `reference` is a file, or "zoo:NAME". Errors: not_found; invalid_argument (not a network, an operator OpenVINO does
// not know, an open dimension that no option fixes), in one line that names the file and the cause.
Result<Network> load(const std::string& reference, const ImportOptions& options = {});

// Writes `model` as OpenVINO IR: `path` (.xml) and the weights beside it (.bin), complete or not at all.
Status save_ir(const ov::Model& model, const std::filesystem::path& path);

}  // namespace tandem::network
