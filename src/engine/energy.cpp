#include "tandem/engine/energy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>
#include <vector>

namespace tandem::engine {
namespace {

// The ends of a batch are interpolated between two readings: of so many periods, an error of half of one at either end
// is two per cent of the difference between busy and idle at most, and falls on either side.
constexpr double kPeriodsOfABatch = 50;
constexpr Milliseconds kShortestBatch{100};

}  // namespace

void EnergyTrace::add(Instant time, const Reading& reading) {
  if (const auto* counted = std::get_if<Millijoules>(&reading)) {
    if (points_.empty()) last_value_ = counted->value;
    const double before = points_.empty() ? 0 : points_.back().energy_mj;
    points_.push_back({.time = time, .energy_mj = before + (counted->value - last_value_)});
    last_value_ = counted->value;
    return;
  }
  const double power = std::get<Milliwatts>(reading).value;
  double energy = 0;
  if (!points_.empty()) {
    const Milliwatts mean{(last_value_ + power) / 2};
    energy = points_.back().energy_mj + (mean * (time - points_.back().time)).value;
  }
  points_.push_back({.time = time, .energy_mj = energy});
  last_value_ = power;
}

double EnergyTrace::at(Instant time) const {
  auto after = std::ranges::lower_bound(points_, time, {}, &Point::time);
  if (after == points_.begin()) return after->energy_mj;
  const auto before = after - 1;
  const Milliseconds span = after->time - before->time;
  const double share = span > Milliseconds{0} ? (time - before->time) / span : 1.0;
  return before->energy_mj + share * (after->energy_mj - before->energy_mj);
}

Result<Millijoules> EnergyTrace::between(Instant from, Instant to) const {
  if (points_.empty() || from < points_.front().time || to > points_.back().time) {
    return fail(Errc::failed_precondition, "the meter was not read over the whole time");
  }
  return Millijoules{at(to) - at(from)};
}

void EnergyTrace::forget_before(Instant time) {
  while (points_.size() > 2 && points_[1].time <= time) points_.pop_front();
}

EnergyRecorder::EnergyRecorder(Meter& meter, Milliseconds period, const Clock& clock)
    : meter_(meter), period_(period > Milliseconds{0} ? period : meter.period()), clock_(clock) {
  thread_ = std::thread([this] { run(); });
}

EnergyRecorder::~EnergyRecorder() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  sampled_.notify_all();
  thread_.join();
}

void EnergyRecorder::run() {
  Instant next = clock_.now();
  std::unique_lock lock(mutex_);
  while (!ended_ && failed_) {
    lock.unlock();
    // Reading takes time of its own on a slow bus: the value is of about its middle.
    const Instant before = clock_.now();
    const Result<Reading> reading = meter_.read();
    const Instant after = clock_.now();
    next = std::max(next + period_, after);
    lock.lock();
    if (reading) {
      latest_ = before + (after - before) / 2;
      trace_.add(latest_, *reading);
    } else {
      failed_ = forward_error(reading);
    }
    sampled_.notify_all();
    if (ended_ || !failed_) return;
    lock.unlock();
    clock_.sleep_until(next);
    lock.lock();
  }
}

Status EnergyRecorder::wait_for_first() {
  std::unique_lock lock(mutex_);
  sampled_.wait(lock, [this] { return !failed_ || trace_.size() > 0; });
  return failed_;
}

Result<Millijoules> EnergyRecorder::between(Instant from, Instant to) {
  std::unique_lock lock(mutex_);
  sampled_.wait(lock, [&] { return !failed_ || (trace_.size() > 0 && latest_ >= to); });
  if (!failed_) return forward_error(failed_);
  return trace_.between(from, to);
}

void EnergyRecorder::forget_before(Instant time) {
  const std::lock_guard lock(mutex_);
  trace_.forget_before(time);
}

Result<EnergyStatistics> measure_energy(EnergyRecorder& recorder, const std::function<Result<Milliseconds>()>& once,
                                        const EnergyOptions& options) {
  const Clock& clock = recorder.clock();
  const Milliseconds batch = std::max(kShortestBatch, kPeriodsOfABatch * recorder.period());
  const Instant begin = clock.now();
  if (const Status reading = recorder.wait_for_first(); !reading) return forward_error(reading);
  std::vector<double> energies;
  EnergyStatistics result;
  for (;;) {
    const Instant start = clock.now();
    int runs = 0;
    do {
      if (const auto took = once(); !took) return forward_error(took);
      ++runs;
    } while (clock.now() - start < batch);
    const Instant end = clock.now();
    const auto energy = recorder.between(start, end);
    if (!energy) return forward_error(energy);
    recorder.forget_before(end);
    energies.push_back((*energy - options.idle * (end - start)).value / runs);
    result.runs += runs;
    const auto count = static_cast<double>(energies.size());
    const double mean = std::accumulate(energies.begin(), energies.end(), 0.0) / count;
    double squares = 0;
    for (const double value : energies) squares += (value - mean) * (value - mean);
    result.batches = static_cast<int>(energies.size());
    result.energy = Millijoules{std::max(0.0, mean)};
    if (energies.size() < 2) continue;
    result.std_error = Millijoules{std::sqrt(squares / (count - 1) / count)};
    const bool enough =
        result.batches >= options.min_batches && result.std_error.value <= options.relative_error * std::abs(mean);
    if (enough || clock.now() - begin > options.max_time) return result;
  }
}

Result<Milliwatts> measure_idle(EnergyRecorder& recorder, Milliseconds time) {
  const Clock& clock = recorder.clock();
  if (const Status reading = recorder.wait_for_first(); !reading) return forward_error(reading);
  const Instant start = clock.now();
  clock.sleep_until(start + time);
  const auto energy = recorder.between(start, start + time);
  if (!energy) return forward_error(energy);
  return Milliwatts{energy->value * 1000 / time.count()};
}

}  // namespace tandem::engine
