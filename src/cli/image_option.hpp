// Options that say how an image becomes a network's input; each overrides what the sidecar file or the shape says.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "tandem/base/result.hpp"
#include "tandem/network/image_input.hpp"
#include "tandem/network/network.hpp"

namespace tandem::cli {

struct ImageOptions {
  std::string resize;         // "stretch" or "crop"; empty: as the sidecar says
  std::vector<double> mean;   // 1 or 3 numbers, pixel scale 0..255
  std::vector<double> scale;  // 1 or 3 numbers
  bool bgr = false;
};
// --resize --mean --scale --bgr
void add_image_options(CLI::App* command, ImageOptions& options);

// Error: failed_precondition where the network takes no image.
Result<network::ImageInput> image_input_with(const ImageOptions& options, const network::Network& network,
                                             const std::string& reference);

}  // namespace tandem::cli
