// Counts what waits and what runs, and says how long a request would wait if it came now.
#pragma once

#include <mutex>

#include "tandem/base/units.hpp"
#include "tandem/rpc/message.hpp"

namespace tandem::cloud {

// Thread rule: all functions are safe from any thread.
class LoadMeter {
 public:
  explicit LoadMeter(int workers) : workers_(workers) {}

  void queued();
  void started();  // one that was queued
  // One that was started, after `service` on its worker.
  void finished(Milliseconds service);
  void dropped();  // likewise, but nothing was computed

  // What others there are, `own` of the running ones left out. The wait: first come, first served, a worker that is
  // free takes a request at once; else those in front have to start first, and the next worker is half-way through.
  [[nodiscard]] rpc::ServerLoad report(int own = 0) const;

 private:
  const int workers_;
  mutable std::mutex mutex_;
  int queued_ = 0;
  int running_ = 0;
  Milliseconds mean_service_{};  // of the last ten or so
  bool any_ = false;
};

}  // namespace tandem::cloud
