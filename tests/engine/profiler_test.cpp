#include "tandem/engine/profiler.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include "matchers.hpp"
#include "small_network.hpp"

namespace tandem::engine {
namespace {

using profile::Completeness;
using ::testing::HasSubstr;

ProfileOptions quick() {
  ProfileOptions options;
  options.measure = {.warm_up = 1, .min_count = 2, .max_count = 2, .min_time = Milliseconds{0}};
  return options;
}

class Profiler : public ::testing::Test {
 protected:
  Profiler()
      : partial_(std::filesystem::temp_directory_path() / ("tandem_profiler_test" + std::to_string(::getpid()))) {}
  ~Profiler() override { std::filesystem::remove(partial_); }

  network::Network network_ = small_network();
  std::filesystem::path partial_;
};

TEST_F(Profiler, MeasuresEveryPrefixAndSuffix) {
  const auto table = measure_profile(network_, quick());
  ASSERT_THAT(table, IsOk());
  const int n = network_.size();
  EXPECT_EQ(table->group_count(), 2 * n - 1);
  for (int i = 1; i <= n; ++i) {
    EXPECT_TRUE(table->has({.first = 1, .last = i}));
    EXPECT_TRUE(table->has({.first = i, .last = n}));
  }
  EXPECT_THAT(profile::check_fits(*table, network_, "here"), IsOk());
  EXPECT_EQ(table->boundary_bytes.front(), 192 * 4);
  EXPECT_EQ(table->boundary_bytes.back(), 5 * 4);
  EXPECT_EQ(table->batch, 1);
}

TEST_F(Profiler, MeasuresAllGroups) {
  ProfileOptions options = quick();
  options.groups = Groups::all;
  const auto table = measure_profile(network_, options);
  ASSERT_THAT(table, IsOk());
  const int n = network_.size();
  EXPECT_EQ(table->group_count(), n * (n + 1) / 2);
}

TEST_F(Profiler, EnergyIsPowerTimesTimeAndBothAreOfTheSlowDevice) {
  ProfileOptions options = quick();
  options.compile.slowdown = 50;
  options.busy_power = Milliwatts{4000};
  options.idle_power = Milliwatts{300};
  const auto table = measure_profile(network_, options);
  ASSERT_THAT(table, IsOk());
  EXPECT_EQ(table->slowdown, 50);
  EXPECT_EQ(table->idle_power, Milliwatts{300});
  EXPECT_EQ(table->energy_source, "modelled");
  for (const auto& [range, cost] : table->groups()) {
    EXPECT_GT(cost.latency.count(), 0);
    EXPECT_DOUBLE_EQ(cost.energy.value, 4 * cost.latency.count());
  }
}

TEST_F(Profiler, AnInterruptKeepsWhatIsMeasuredAndTheNextRunGoesOn) {
  ProfileOptions options = quick();
  options.partial = partial_;
  std::atomic<bool> interrupted = false;
  int reports = 0;
  options.interrupted = &interrupted;
  options.progress = [&](double, const std::string&) { interrupted = ++reports == 3; };
  EXPECT_THAT(measure_profile(network_, options), HasErrc(Errc::cancelled, HasSubstr(partial_.string())));

  const auto kept = profile::load(partial_, Completeness::partial);
  ASSERT_THAT(kept, IsOk());
  EXPECT_EQ(kept->group_count(), 2);

  double first_fraction = -1;
  options.interrupted = nullptr;
  options.progress = [&](double fraction, const std::string&) {
    if (first_fraction < 0) first_fraction = fraction;
  };
  const auto table = measure_profile(network_, options);
  ASSERT_THAT(table, IsOk());
  EXPECT_DOUBLE_EQ(first_fraction, 2.0 / (2 * network_.size() - 1));
  EXPECT_FALSE(std::filesystem::exists(partial_));
}

TEST_F(Profiler, WhatAnotherRunLeftBehindIsNotTakenOver) {
  ProfileOptions options = quick();
  profile::CostTable other = measure_profile(network_, options).value();
  other.device = "another machine";
  for (const auto& [range, cost] : other.groups()) other.set(range, {.latency = Milliseconds{1e6}});
  ASSERT_THAT(profile::save(other, partial_, Completeness::partial), IsOk());
  options.partial = partial_;
  const auto table = measure_profile(network_, options);
  ASSERT_THAT(table, IsOk());
  for (const auto& [range, cost] : table->groups()) EXPECT_LT(cost.latency.count(), 1e5);
}

TEST_F(Profiler, ProgressGrowsToTheEnd) {
  ProfileOptions options = quick();
  double last = -1;
  options.progress = [&](double fraction, const std::string&) {
    EXPECT_GE(fraction, last);
    last = fraction;
  };
  ASSERT_THAT(measure_profile(network_, options), IsOk());
  EXPECT_GT(last, 0.5);
  EXPECT_LE(last, 1.0);
}

TEST_F(Profiler, ErrorsSayWhichLayers) {
  ProfileOptions options = quick();
  options.compile.threads = 0;
  EXPECT_THAT(measure_profile(network_, options), HasErrc(Errc::invalid_argument, HasSubstr("layers ")));
}

}  // namespace
}  // namespace tandem::engine
