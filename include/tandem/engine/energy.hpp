// The energy something took, from a meter that is sampled meanwhile.
//
//   EnergyRecorder recorder(*meter);                       // samples on a thread of its own until destroyed
//   auto e = measure_energy(recorder, [&] { return run.infer(); }, {});
//   fmt::print("{} mJ, give or take {}", e->energy.value, e->std_error.value);
//
// Power is integrated by the trapezoidal rule over the times at which it was really read; a counter is interpolated
// between them. A meter that fails ends the measurement with its error: there is no energy without readings.
// Thread rule: EnergyTrace is a value; the functions of an EnergyRecorder are safe from any thread.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "tandem/base/clock.hpp"
#include "tandem/base/result.hpp"
#include "tandem/base/units.hpp"
#include "tandem/engine/meter.hpp"

namespace tandem::engine {

// Readings over time, as energy since the first.
class EnergyTrace {
 public:
  // In order of time; readings of one meter.
  void add(Instant time, const Reading& reading);
  // Error: failed_precondition where the readings do not reach from `from` to `to`.
  [[nodiscard]] Result<Millijoules> between(Instant from, Instant to) const;
  // What lies more than one reading before `time` is not needed any more.
  void forget_before(Instant time);
  [[nodiscard]] std::size_t size() const { return points_.size(); }

 private:
  struct Point {
    Instant time;
    double energy_mj;  // since the first
  };
  [[nodiscard]] double at(Instant time) const;

  std::deque<Point> points_;
  double last_value_ = 0.0;
};

class EnergyRecorder {
 public:
  // `meter` and `clock` must outlive the recorder. Reads every `period` (zero: the meter's own).
  explicit EnergyRecorder(Meter& meter, Milliseconds period = {}, const Clock& clock = steady_clock());
  ~EnergyRecorder();
  EnergyRecorder(const EnergyRecorder&) = delete;
  EnergyRecorder& operator=(const EnergyRecorder&) = delete;

  // Waits for the first reading. Error: the meter's.
  Status wait_for_first();
  // Waits for a reading at or after `to`. Errors: the meter's, once it has failed; failed_precondition for a time
  // before the recorder began or that was forgotten.
  Result<Millijoules> between(Instant from, Instant to);
  void forget_before(Instant time);

  [[nodiscard]] const Meter& meter() const { return meter_; }
  [[nodiscard]] Milliseconds period() const { return period_; }
  [[nodiscard]] const Clock& clock() const { return clock_; }

 private:
  void run();

  Meter& meter_;
  const Milliseconds period_;
  const Clock& clock_;
  std::mutex mutex_;
  std::condition_variable sampled_;
  bool ended_ = false;
  EnergyTrace trace_;
  Instant latest_{};
  Status failed_;
  std::thread thread_;  // last: it uses the others
};

struct EnergyOptions {
  double relative_error = 0.02;  // of the mean: repeated until it is this small
  Milliseconds max_time{20000};  // or until then
  int min_batches = 3;           // a batch: runs one after the other, for many of the meter's periods
  Milliwatts idle{};             // taken off, times the time: what would have been burnt anyway; 0: nothing is
};

struct EnergyStatistics {
  Millijoules energy{};     // of one run, idle taken off
  Millijoules std_error{};  // of it
  int runs = 0;
  int batches = 0;
};

// `once` runs what is measured and says how long it took. A run shorter than the meter's period is repeated within a
// batch. Errors: those of `once`, of the meter.
Result<EnergyStatistics> measure_energy(EnergyRecorder& recorder, const std::function<Result<Milliseconds>()>& once,
                                        const EnergyOptions& options);

// The mean power over `time` from now on, in which the caller's machine should do nothing.
Result<Milliwatts> measure_idle(EnergyRecorder& recorder, Milliseconds time);

}  // namespace tandem::engine
