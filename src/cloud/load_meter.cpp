#include "load_meter.hpp"

#include <algorithm>

namespace tandem::cloud {

void LoadMeter::queued() {
  const std::lock_guard lock(mutex_);
  ++queued_;
}

void LoadMeter::started() {
  const std::lock_guard lock(mutex_);
  --queued_;
  ++running_;
}

void LoadMeter::finished(Milliseconds service) {
  constexpr double kGain = 0.1;
  const std::lock_guard lock(mutex_);
  --running_;
  mean_service_ = any_ ? mean_service_ + (service - mean_service_) * kGain : service;
  any_ = true;
}

void LoadMeter::dropped() {
  const std::lock_guard lock(mutex_);
  --running_;
}

rpc::ServerLoad LoadMeter::report(int own) const {
  const std::lock_guard lock(mutex_);
  const int running = std::max(0, running_ - own);
  rpc::ServerLoad load{.queued = queued_, .running = running, .workers = workers_};
  if (running + queued_ >= workers_) load.wait = mean_service_ * (queued_ + 0.5) / workers_;
  return load;
}

}  // namespace tandem::cloud
