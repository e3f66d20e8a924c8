// A measuring loop for latencies: warm-up, a minimum of time and of count, robust statistics.
//
//   Statistics s = measure([&] { return run.infer(); }, {.min_time = Milliseconds{200}}).value();
#pragma once

#include <functional>
#include <vector>

#include "tandem/base/clock.hpp"
#include "tandem/base/result.hpp"
#include "tandem/base/units.hpp"

namespace tandem::engine {

struct MeasureOptions {
  int warm_up = 2;
  int min_count = 5;
  int max_count = 1000;
  Milliseconds min_time{100};  // of the measured runs together
  Milliseconds pause{0};       // between runs: a request that comes alone finds colder caches than a hot loop
};

struct Statistics {
  int count = 0;
  Milliseconds minimum{};
  // Of a quiet moment of a machine that others use too, and yet not of a single lucky run.
  Milliseconds lower_quartile{};
  Milliseconds median{};
  Milliseconds mean{};       // of what is left without outliers
  Milliseconds std_error{};  // of the mean, outliers left out
  Milliseconds low{};        // 95 % confidence interval of the median (order statistics)
  Milliseconds high{};
  int outliers = 0;  // beyond 3 scaled median absolute deviations
};

// Precondition: samples is not empty. Below six samples the interval is their whole range.
Statistics summarise(const std::vector<Milliseconds>& samples);

// `once` runs what is measured and says how long it took. Its first error ends the measurement.
Result<Statistics> measure(const std::function<Result<Milliseconds>()>& once, const MeasureOptions& options,
                           const Clock& clock = steady_clock());

}  // namespace tandem::engine
