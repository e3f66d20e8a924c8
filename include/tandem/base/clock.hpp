// Time, passed in: what plans, measures or emulates takes a Clock, so that a test can replay it exactly.
//
//   const Instant start = clock.now();
//   clock.sleep_until(start + Milliseconds{5});
#pragma once

#include <chrono>

#include "tandem/base/units.hpp"

namespace tandem {

using Instant = std::chrono::time_point<std::chrono::steady_clock, Milliseconds>;

class Clock {
 public:
  virtual ~Clock() = default;
  // Monotonic. Safe to call from any thread.
  [[nodiscard]] virtual Instant now() const = 0;
  // Returns at once where `when` has passed.
  virtual void sleep_until(Instant when) const = 0;
};

// The machine's monotonic clock; lives for the whole program. Its sleep ends within about 60 µs of the wish.
const Clock& steady_clock();

}  // namespace tandem
