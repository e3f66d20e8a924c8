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
  options.groups = Groups::prefix;
  options.measure = MeasureOptions{.warm_up = 1, .min_count = 2, .max_count = 2, .min_time = Milliseconds{0}};
  return options;
}

// Always says the same power.
class SteadyMeter : public Meter {
 public:
  [[nodiscard]] const std::string& name() const override { return name_; }
  [[nodiscard]] const std::string& description() const override { return name_; }
  [[nodiscard]] Milliseconds period() const override { return Milliseconds{1}; }
  Result<Reading> read() override {
    if (reads_left_-- == 0) return fail(Errc::not_found, "power1_input: the file is not there (any more)");
    return Milliwatts{3000};
  }
  void fail_after(int reads) { reads_left_ = reads; }

 private:
  std::string name_ = "steady";
  int reads_left_ = -1;
};

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

ProfileOptions quick_prediction() {
  ProfileOptions options = quick();
  options.groups = Groups::predicted;
  return options;
}

TEST_F(Profiler, PredictsMostGroupsFromAFew) {
  const network::Network network = chain_network(9);
  const auto table = measure_profile(network, quick_prediction());
  ASSERT_THAT(table, IsOk());
  EXPECT_EQ(table->group_count(), 45U);
  EXPECT_LE(table->measured_count(), 9U + 11U) << "with the three that tell the counters, N + 14 are compiled";
  for (const auto& [range, cost] : table->groups()) {
    EXPECT_GT(cost.latency.count(), 0) << range.first << ".." << range.last;
    EXPECT_GT(cost.std.count(), 0);
    EXPECT_LT(cost.latency, 3 * table->cost({.first = 1, .last = 9}).latency) << range.first << ".." << range.last;
  }
  EXPECT_FALSE(table->cost({.first = 1, .last = 9}).predicted) << "the whole network is always measured";
}

TEST_F(Profiler, MeasuresAllGroupsWhereTheyAreNoMoreThanAPredictionNeeds) {
  const auto table = measure_profile(network_, quick_prediction());
  ASSERT_THAT(table, IsOk());
  const auto n = static_cast<std::size_t>(network_.size());
  EXPECT_EQ(table->measured_count(), n * (n + 1) / 2);
}

TEST_F(Profiler, SaysHowRequestsFollowedEachOther) {
  ProfileOptions options = quick_prediction();
  options.requests = profile::Requests::back_to_back;
  const auto table = measure_profile(network_, options);
  ASSERT_THAT(table, IsOk());
  EXPECT_EQ(table->requests, profile::Requests::back_to_back);
  EXPECT_EQ(profile::key_of(*table), profile_key(network_, options));
  options.requests = profile::Requests::spaced;
  EXPECT_NE(profile::key_of(*table), profile_key(network_, options)) << "they are kept apart";
}

TEST_F(Profiler, DoesNotPredictEnergy) {
  SteadyMeter meter;
  ProfileOptions options = quick_prediction();
  options.meter = &meter;
  EXPECT_THAT(measure_profile(network_, options), HasErrc(Errc::invalid_argument, HasSubstr("not predicted")));
}

TEST_F(Profiler, APredictionCanBeInterrupted) {
  ProfileOptions options = quick_prediction();
  const std::atomic<bool> interrupted = true;
  options.interrupted = &interrupted;
  EXPECT_THAT(measure_profile(network_, options), HasErrc(Errc::cancelled, HasSubstr("nothing is kept")));
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

TEST_F(Profiler, EnergyIsMeasuredWhereThereIsAMeterAndLabelledSo) {
  SteadyMeter meter;
  ProfileOptions options = quick();
  options.meter = &meter;
  options.idle_time = Milliseconds{50};
  options.energy = {.relative_error = 1, .min_batches = 2};
  const auto table = measure_profile(network_, options);
  ASSERT_THAT(table, IsOk());
  EXPECT_EQ(table->energy_source, "measured:steady");
  EXPECT_NEAR(table->idle_power.value, 3000, 1);
  EXPECT_EQ(table->busy_power.value, 0);
  for (const auto& [range, cost] : table->groups()) EXPECT_GT(cost.energy.value, 0);
  options.subtract_idle = true;
  const auto beyond = measure_profile(network_, options);
  ASSERT_THAT(beyond, IsOk());
  EXPECT_EQ(beyond->idle_power.value, 0) << "waiting costs nothing beyond idling";
  for (const auto& [range, cost] : beyond->groups()) EXPECT_NEAR(cost.energy.value, 0, 1e-6);
}

TEST_F(Profiler, AMeterThatFailsEndsTheProfileWithItsError) {
  SteadyMeter meter;
  meter.fail_after(60);
  ProfileOptions options = quick();
  options.meter = &meter;
  options.idle_time = Milliseconds{50};
  EXPECT_THAT(measure_profile(network_, options), HasErrc(Errc::not_found, HasSubstr("not there")));
  options.compile.slowdown = 2;
  EXPECT_THAT(measure_profile(network_, options),
              HasErrc(Errc::invalid_argument, HasSubstr("no slowdown with a meter")));
}

TEST_F(Profiler, SaysWhatItWasMadeBy) {
  ProfileOptions options = quick();
  options.compile.threads = 1;
  const auto table = measure_profile(network_, options);
  ASSERT_THAT(table, IsOk());
  EXPECT_EQ(table->precision, "f32");
  EXPECT_EQ(table->threads, 1);
  EXPECT_THAT(table->runtime, HasSubstr("openvino 20"));
  EXPECT_EQ(profile::key_of(*table), profile_key(network_, options));
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
