#include "tandem/engine/measure.hpp"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "matchers.hpp"

namespace tandem::engine {
namespace {

using ::testing::HasSubstr;

std::vector<Milliseconds> times(const std::vector<double>& ms) {
  std::vector<Milliseconds> result;
  result.reserve(ms.size());
  for (const double value : ms) result.emplace_back(value);
  return result;
}

double naive_median(std::vector<double> values) {
  std::ranges::sort(values);
  const std::size_t n = values.size();
  return n % 2 == 1 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

// Mean and its standard error over what lies within three scaled median absolute deviations.
std::pair<double, double> naive_robust_mean(const std::vector<double>& values) {
  const double median = naive_median(values);
  std::vector<double> deviations;
  deviations.reserve(values.size());
  for (const double v : values) deviations.push_back(std::abs(v - median));
  const double reach = 3 * 1.4826 * naive_median(deviations);
  std::vector<double> kept;
  for (const double v : values) {
    if (reach == 0 || std::abs(v - median) <= reach) kept.push_back(v);
  }
  const double n = static_cast<double>(kept.size());
  const double mean = std::accumulate(kept.begin(), kept.end(), 0.0) / n;
  double squares = 0;
  for (const double v : kept) squares += (v - mean) * (v - mean);
  return {mean, n > 1 ? std::sqrt(squares / (n - 1) / n) : 0.0};
}

// The probability that values `rank` and n-1-rank of n sorted ones do not enclose the median.
double miss_probability(int n, int rank) {
  std::vector<double> heads(static_cast<std::size_t>(n) + 1, 0.0);
  heads[0] = 1;
  for (int coin = 0; coin < n; ++coin) {
    for (int k = n; k >= 0; --k) heads[k] = 0.5 * heads[k] + (k > 0 ? 0.5 * heads[k - 1] : 0.0);
  }
  double below = 0;
  for (int k = 0; k <= rank; ++k) below += heads[k];
  return 2 * below;
}

RC_GTEST_PROP(Summarise, EqualsTheDefinitions, ()) {
  const auto count = *rc::gen::inRange<std::size_t>(1, 60);
  std::vector<double> values(count);
  for (double& value : values) value = *rc::gen::inRange(1, 40) * (*rc::gen::inRange(0, 10) == 0 ? 100.0 : 1.0);
  const Statistics s = summarise(times(values));
  std::vector<double> sorted = values;
  std::ranges::sort(sorted);
  const auto [mean, error] = naive_robust_mean(values);
  RC_ASSERT(s.count == static_cast<int>(count));
  RC_ASSERT(s.minimum.count() == sorted.front());
  RC_ASSERT(s.median.count() == naive_median(values));
  RC_ASSERT(s.lower_quartile.count() == sorted[(count - 1) / 4]);
  RC_ASSERT(std::abs(s.mean.count() - mean) < 1e-9);
  RC_ASSERT(std::abs(s.std_error.count() - error) < 1e-9);
  RC_ASSERT(s.minimum <= s.low && s.low <= s.median && s.median <= s.high);
}

TEST(Summarise, TheIntervalIsTheNarrowestOf95PercentConfidence) {
  for (const int n : {6, 7, 10, 25, 100, 1000}) {
    std::vector<double> values(static_cast<std::size_t>(n));
    std::iota(values.begin(), values.end(), 0.0);  // each value is its rank
    const Statistics s = summarise(times(values));
    const int rank = static_cast<int>(s.low.count());
    EXPECT_EQ(s.high.count(), n - 1 - rank);
    EXPECT_LE(miss_probability(n, rank), 0.05) << n;
    EXPECT_GT(miss_probability(n, rank + 1), 0.05) << n;
  }
}

TEST(Summarise, ASpikeIsAnOutlierAndDoesNotMoveTheMean) {
  const Statistics s = summarise(times({10, 10.1, 9.9, 10.2, 9.8, 10, 500}));
  EXPECT_EQ(s.outliers, 1);
  EXPECT_NEAR(s.mean.count(), 10, 0.05);
}

TEST(Summarise, OneSampleIsEverything) {
  const Statistics s = summarise(times({3}));
  EXPECT_EQ(s.low, Milliseconds{3});
  EXPECT_EQ(s.high, Milliseconds{3});
  EXPECT_EQ(s.std_error, Milliseconds{0});
}

// Time passes only where somebody waits.
class FakeClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override { return now_; }
  void sleep_until(Instant when) const override {
    now_ = std::max(now_, when);
    ++sleeps_;
  }
  [[nodiscard]] int sleeps() const { return sleeps_; }

 private:
  mutable Instant now_{};
  mutable int sleeps_ = 0;
};

TEST(Measure, RunsForTheMinimumOfTimeAndOfCount) {
  int calls = 0;
  const auto once = [&calls]() -> Result<Milliseconds> {
    ++calls;
    return Milliseconds{10};
  };
  EXPECT_EQ(measure(once, {.warm_up = 3, .min_count = 2, .min_time = Milliseconds{95}})->count, 10);
  EXPECT_EQ(calls, 13);
  EXPECT_EQ(measure(once, {.min_count = 7, .min_time = Milliseconds{0}})->count, 7);
  EXPECT_EQ(measure(once, {.min_count = 7, .max_count = 4, .min_time = Milliseconds{1000}})->count, 4);
}

TEST(Measure, WarmUpDoesNotCount) {
  double next = 100;
  const auto s = measure([&]() -> Result<Milliseconds> { return Milliseconds{next = next > 1 ? next / 10 : 1}; },
                         {.warm_up = 2, .min_count = 5, .min_time = Milliseconds{0}});
  EXPECT_EQ(s->median, Milliseconds{1});
}

TEST(Measure, PausesBeforeEveryMeasuredRun) {
  const FakeClock clock;
  const auto s = measure([]() -> Result<Milliseconds> { return Milliseconds{1}; },
                         {.warm_up = 2, .min_count = 5, .min_time = Milliseconds{0}, .pause = Milliseconds{30}}, clock);
  ASSERT_THAT(s, IsOk());
  EXPECT_EQ(clock.sleeps(), 5);
  EXPECT_EQ(clock.now(), Instant{Milliseconds{150}});
}

TEST(Measure, TheFirstErrorEndsIt) {
  int calls = 0;
  const auto s = measure(
      [&calls]() -> Result<Milliseconds> {
        if (++calls == 4) return fail(Errc::internal, "broken");
        return Milliseconds{1};
      },
      {.warm_up = 2, .min_count = 5});
  EXPECT_THAT(s, HasErrc(Errc::internal, HasSubstr("broken")));
  EXPECT_EQ(calls, 4);
}

}  // namespace
}  // namespace tandem::engine
