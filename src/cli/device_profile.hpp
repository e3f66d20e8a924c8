// The device's own profile for a network: from a file, from the user's store (profile/store.hpp), or measured now.
//
// The store keeps what was measured without slowdown or modelled power; both are applied when a table is taken from it.
#pragma once

#include <CLI/CLI.hpp>
#include <span>
#include <string>
#include <vector>

#include "inputs.hpp"
#include "tandem/base/result.hpp"
#include "tandem/engine/codec_costs.hpp"
#include "tandem/engine/model.hpp"
#include "tandem/network/network.hpp"
#include "tandem/profile/cost_table.hpp"

namespace tandem::cli {

// How the device computes, and what that costs it.
struct DeviceOptions {
  engine::CompileOptions compile;
  double idle_mw = 0.0;
  double busy_mw = 0.0;
  // Whether a profile from a file must have been measured by the runtime that will execute its groups here.
  bool check_runtime = false;
  codec::Priors priors{};  // of the network, with which codecs are measured
};
// --threads --precision --slowdown --power-idle-mw --power-busy-mw
void add_device_options(CLI::App* command, DeviceOptions& options);

struct DeviceProfile {
  profile::CostTable table;
  std::string origin;  // for people: "measured now", "measured before", or the file
};

// The quality at which the input image goes as a JPEG file.
inline constexpr int kInputJpegQuality = 90;

// The few of the inputs on which the sizes and times of coded tensors are measured.
std::vector<engine::Sample> codec_samples(std::span<const Input> inputs);

// `file` empty: kept, or a few groups measured and the others predicted, with a progress bar unless quiet. `inputs` are
// the samples on which the sizes of coded tensors are measured; without them, synthetic ones. A file is taken as it is.
Result<DeviceProfile> device_profile(const network::Network& network, const DeviceOptions& options,
                                     const std::string& file, std::span<const Input> inputs,
                                     const Result<network::ImageInput>& image_input, bool quiet);

}  // namespace tandem::cli
