// How much slower device and cloud are now than when they were profiled: the load factors K_mobile and K_cloud of
// Algorithm 3 of the dissertation, by which the latencies of a profile are multiplied before planning.
//
//   LoadRatio device;
//   device.observe(measured, profiled);        // after each run of a group
//   LoadFactors now{.device = device.value()};
//
// Whether the processor is throttled by heat, shared with another program, or clocked up: it shows in the ratio of
// observed to profiled time, and needs no sensor. Thread rule: values.
#pragma once

#include <array>
#include <cstddef>

#include "tandem/base/units.hpp"

namespace tandem::profile {

struct LoadFactors {
  double device = 1.0;  // K_mobile
  double cloud = 1.0;   // K_cloud
  bool operator==(const LoadFactors&) const = default;
};

// The median of the last few ratios: a change of load is believed when most of them show it, three requests after it
// began, and two disturbed requests are not.
class LoadRatio {
 public:
  static constexpr std::size_t kWindow = 5;
  // Below this, a clock's noise and a function's call are what is measured.
  static constexpr Milliseconds kShortest{0.05};
  static constexpr double kLeast = 0.05;
  static constexpr double kMost = 1000.0;

  // Ignored where either time is not finite or shorter than kShortest. The ratio is kept within kLeast..kMost.
  void observe(Milliseconds observed, Milliseconds profiled);
  // 1 before anything was observed.
  [[nodiscard]] double value() const;
  [[nodiscard]] std::size_t observed() const { return count_; }

 private:
  std::array<double, kWindow> ratios_{};
  std::size_t count_ = 0;
};

// K_cloud for a part of a network that was profiled at `profiled`: it computes `compute_ratio` times as long, after
// waiting for a worker for `wait`. A wait is the same for small and large parts: the factor holds for parts about as
// large. 1 where `profiled` is not positive; within LoadRatio's bounds.
double cloud_factor(double compute_ratio, Milliseconds wait, Milliseconds profiled);

}  // namespace tandem::profile
