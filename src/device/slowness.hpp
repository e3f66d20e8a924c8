// Emulates a slower device for what is not inference (engine::Run does its own): preparing inputs and coding tensors.
#pragma once

#include <chrono>
#include <ctime>

#include "tandem/base/clock.hpp"

namespace tandem::device {

// Work that began at `start` and has just ended is made to last `slowdown` times as long.
inline void stretch(Instant start, double slowdown) {
  if (slowdown <= 1.0) return;
  const Clock& clock = steady_clock();
  clock.sleep_until(start + (clock.now() - start) * slowdown);
}

// What the calling thread has had of the processor: what a slow device would take longer for. That others had it
// meanwhile (the link, the cloud on the same machine) would not be.
inline Milliseconds thread_time() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::duration<double>(static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9);
}

// The result of `work`, after `slowdown` times as long as it takes. A slow device goes from computing to coding
// without a pause; here the caches went cold during the wait that stood for its computing, and that loss would be
// multiplied, too. So `rehearse`, which must do the same, is done before the work is timed, within the same time.
template <class Rehearse, class Work>
auto slowed(double slowdown, const Rehearse& rehearse, const Work& work) {
  if (slowdown <= 1.0) return work();
  const Clock& clock = steady_clock();
  const Instant start = clock.now();
  rehearse();
  const Milliseconds warm = thread_time();
  auto result = work();
  clock.sleep_until(start + (thread_time() - warm) * slowdown);
  return result;
}

// Of work that can be done again.
template <class Work>
auto slowed(double slowdown, const Work& work) {
  return slowed(slowdown, work, work);
}

}  // namespace tandem::device
