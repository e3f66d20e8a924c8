// Emulates a slower device for what is not inference (engine::Run does its own): preparing inputs and coding tensors.
#pragma once

#include "tandem/base/clock.hpp"

namespace tandem::device {

// Work that began at `start` and has just ended is made to last `slowdown` times as long.
inline void stretch(Instant start, double slowdown) {
  if (slowdown <= 1.0) return;
  const Clock& clock = steady_clock();
  clock.sleep_until(start + (clock.now() - start) * slowdown);
}

}  // namespace tandem::device
