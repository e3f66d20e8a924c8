// Fits a device model to one measured profile, and says how far off it is where it was not fitted.
//
//   Result<Calibration> fitted = calibrate(network, *find_device_model("raspberry-pi-4"), measured, {});
//   fmt::print("median error on held-out groups: {:.0f} %\n", 100 * fitted->held_out.median);
//
// Thread rule: free functions, any thread.
#pragma once

#include <cstdint>

#include "tandem/profile/device_model.hpp"

namespace tandem::profile {

struct CalibrationOptions {
  std::string precision = "f32";
  double held_out = 0.25;  // the part of the measured groups that the fit does not see
  std::uint64_t seed = 1;  // which they are
};

// Relative errors of modelled latencies, |modelled - measured| / measured.
struct ErrorSummary {
  int groups = 0;
  double median = 0.0;
  double percentile_95 = 0.0;
};

struct Calibration {
  DeviceModel model;
  ErrorSummary fitted, held_out;
  ErrorSummary held_out_before;  // of the model as it was given, on the same groups
};

// Least squares of relative errors, with no figure below zero, over: what each class of operation achieves, the
// memory's efficiency, and the costs of a layer and of a call. What the network gives no evidence of stays as it was.
// Peaks, fusion and power are taken over. Errors: failed_precondition (the profile is of another network),
// invalid_argument (fewer than 8 measured groups of some duration; a precision the model does not know).
Result<Calibration> calibrate(const network::Network& network, const DeviceModel& model, const CostTable& measured,
                              const CalibrationOptions& options);

}  // namespace tandem::profile
