#include "tandem/profile/load.hpp"

#include <algorithm>
#include <cmath>

namespace tandem::profile {

void LoadRatio::observe(Milliseconds observed, Milliseconds profiled) {
  const bool valid = std::isfinite(observed.count()) && std::isfinite(profiled.count()) && observed >= kShortest &&
                     profiled >= kShortest;
  if (!valid) return;
  ratios_[count_ % kWindow] = std::clamp(observed / profiled, kLeast, kMost);
  ++count_;
}

double LoadRatio::value() const {
  const std::size_t count = std::min(count_, kWindow);
  if (count == 0) return 1.0;
  std::array<double, kWindow> sorted = ratios_;
  const auto end = sorted.begin() + static_cast<std::ptrdiff_t>(count);
  std::sort(sorted.begin(), end);
  return count % 2 == 1 ? sorted[count / 2] : (sorted[count / 2 - 1] + sorted[count / 2]) / 2;
}

double cloud_factor(double compute_ratio, Milliseconds wait, Milliseconds profiled) {
  if (!(profiled > Milliseconds{0})) return 1.0;
  return std::clamp(compute_ratio + std::max(wait, Milliseconds{0}) / profiled, LoadRatio::kLeast, LoadRatio::kMost);
}

}  // namespace tandem::profile
