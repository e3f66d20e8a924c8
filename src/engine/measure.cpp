#include "tandem/engine/measure.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

namespace tandem::engine {
namespace {

// Of sorted, non-empty values.
double median_of(const std::vector<double>& sorted) {
  const std::size_t half = sorted.size() / 2;
  return sorted.size() % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

// The median absolute deviation, scaled to equal the standard deviation of normally distributed values.
double scaled_deviation(const std::vector<double>& sorted, double median) {
  std::vector<double> deviations;
  deviations.reserve(sorted.size());
  for (const double value : sorted) deviations.push_back(std::abs(value - median));
  std::ranges::sort(deviations);
  return 1.4826 * median_of(deviations);
}

// The 0-based rank r such that values r and n-1-r of n sorted ones enclose the median with at least 95 % confidence: as
// many values lie below the median as coins of n show heads. Below six values there is none, and 0 is the widest.
std::size_t rank_of_lower_bound(std::size_t n) {
  const auto count = static_cast<double>(n);
  const auto probability = [count](double heads) {
    return std::exp(std::lgamma(count + 1) - std::lgamma(heads + 1) - std::lgamma(count - heads + 1) -
                    count * std::log(2.0));
  };
  double below = probability(0.0);  // of at most `rank` heads
  std::size_t rank = 0;
  while (rank < n / 2) {
    below += probability(static_cast<double>(rank) + 1);
    if (2 * below > 0.05) break;
    ++rank;
  }
  return rank;
}

}  // namespace

Statistics summarise(const std::vector<Milliseconds>& samples) {
  assert(!samples.empty());
  std::vector<double> sorted;
  sorted.reserve(samples.size());
  for (const Milliseconds sample : samples) sorted.push_back(sample.count());
  std::ranges::sort(sorted);

  const double median = median_of(sorted);
  const double deviation = scaled_deviation(sorted, median);
  // Where more than half of the values are equal there is no scale to tell outliers by.
  const double reach = deviation > 0 ? 3 * deviation : std::numeric_limits<double>::infinity();
  double sum = 0;
  double count = 0;
  for (const double value : sorted) {
    if (std::abs(value - median) > reach) continue;
    sum += value;
    ++count;
  }
  const double mean = sum / count;
  double squares = 0;
  for (const double value : sorted) {
    if (std::abs(value - median) <= reach) squares += (value - mean) * (value - mean);
  }
  const std::size_t rank = rank_of_lower_bound(sorted.size());
  return {.count = static_cast<int>(sorted.size()),
          .minimum = Milliseconds{sorted.front()},
          .lower_quartile = Milliseconds{sorted[(sorted.size() - 1) / 4]},
          .median = Milliseconds{median},
          .mean = Milliseconds{mean},
          .std_error = Milliseconds{count > 1 ? std::sqrt(squares / (count - 1) / count) : 0.0},
          .low = Milliseconds{sorted[rank]},
          .high = Milliseconds{sorted[sorted.size() - 1 - rank]},
          .outliers = static_cast<int>(sorted.size()) - static_cast<int>(count)};
}

Result<Statistics> measure(const std::function<Result<Milliseconds>()>& once, const MeasureOptions& options,
                           const Clock& clock) {
  for (int i = 0; i < options.warm_up; ++i) {
    if (const auto took = once(); !took) return forward_error(took);
  }
  std::vector<Milliseconds> samples;
  Milliseconds total{};
  const auto enough = [&] {
    const int count = static_cast<int>(samples.size());
    return count > 0 && (count >= options.max_count || (count >= options.min_count && total >= options.min_time));
  };
  while (!enough()) {
    if (options.pause > Milliseconds{0}) clock.sleep_until(clock.now() + options.pause);
    const auto took = once();
    if (!took) return forward_error(took);
    samples.push_back(*took);
    total += *took;
  }
  return summarise(samples);
}

}  // namespace tandem::engine
