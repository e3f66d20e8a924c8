// `tandem profile --device-model`: the profile of a device one does not have.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "command.hpp"
#include "tandem/network/network.hpp"

namespace tandem::cli {

struct DeviceModelOptions {
  std::string model;  // a preset or a file; empty: measure
  std::string precision = "f32";
  std::string calibrate;  // a measured profile
  std::string save;       // where the calibrated model goes
  bool png = false;       // sizes of features after PNG, too
};
// --device-model --device-model-precision --calibrate --save-device-model --png-features
void add_device_model_options(CLI::App* command, DeviceModelOptions& options);

// Models, calibrates where wanted, saves the profile as `output`, and tells.
Outcome profile_with_model(const network::Network& network, const DeviceModelOptions& options,
                           const std::string& output, bool json);

}  // namespace tandem::cli
