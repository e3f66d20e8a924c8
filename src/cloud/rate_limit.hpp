// A token bucket over bytes: so many a second, and a burst. Who is over it is refused.
//
//   RateLimit limit({.bytes_per_second = 32e6, .burst = 64e6}, steady_clock());
//   if (!limit.take(bytes)) return refuse();
#pragma once

#include <algorithm>
#include <mutex>

#include "tandem/base/clock.hpp"

namespace tandem::cloud {

// Thread rule: all functions are safe from any thread.
class RateLimit {
 public:
  struct Options {
    double bytes_per_second;
    double burst;
  };
  RateLimit(const Options& options, const Clock& clock)
      : options_(options), clock_(clock), level_(options.burst), filled_(clock.now()) {}

  bool take(double bytes) {
    const std::lock_guard lock(mutex_);
    const Instant now = clock_.now();
    level_ = std::min(options_.burst, level_ + options_.bytes_per_second * (now - filled_).count() / 1000);
    filled_ = now;
    if (bytes > level_) return false;
    level_ -= bytes;
    return true;
  }

 private:
  const Options options_;
  const Clock& clock_;
  std::mutex mutex_;
  double level_;
  Instant filled_;
};

}  // namespace tandem::cloud
