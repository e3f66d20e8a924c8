#include "tandem/engine/energy.hpp"

#include <cmath>
#include <numbers>

#include "fake_sysfs.hpp"
#include "matchers.hpp"

namespace tandem::engine {
namespace {

using testing::FakeSysfs;
using testing::Follower;
using ::testing::HasSubstr;

// Milliwatts at a time in milliseconds, and the millijoules since 0: a load that comes and goes, five times a second.
constexpr double kBase = 3000;
constexpr double kSwing = 2000;
constexpr double kOmega = 2 * std::numbers::pi / 200;  // per millisecond
double curve_mw(double ms) {
  return kBase + kSwing * std::sin(kOmega * ms);
}
double curve_mj(double ms) {
  return (kBase * ms + kSwing / kOmega * (1 - std::cos(kOmega * ms))) / 1000;
}

Instant at(double ms) {
  return Instant{Milliseconds{ms}};
}

TEST(EnergyTrace, IntegratesACurveSampledAtIrregularTimes) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Random random(seed);
    EnergyTrace trace;
    for (double ms = 0; ms < 2200; ms += random.uniform(1, 12)) trace.add(at(ms), Milliwatts{curve_mw(ms)});
    for (const auto& [from, to] : {std::pair{0.0, 2000.0}, std::pair{333.3, 1000.0}, std::pair{150.0, 250.0}}) {
      const auto energy = trace.between(at(from), at(to));
      ASSERT_THAT(energy, IsOk());
      const double truth = curve_mj(to) - curve_mj(from);
      EXPECT_NEAR(energy->value, truth, 0.01 * truth) << from << ".." << to;
    }
  }
}

TEST(EnergyTrace, InterpolatesACounter) {
  EnergyTrace trace;
  for (const double ms : {0.0, 7.0, 30.0, 31.0, 100.0}) trace.add(at(ms), Millijoules{5000 + 2 * ms});
  EXPECT_NEAR(trace.between(at(3), at(57))->value, 108, 1e-9);
}

TEST(EnergyTrace, RefusesTimesItDoesNotCover) {
  EnergyTrace trace;
  EXPECT_THAT(trace.between(at(0), at(1)), HasErrc(Errc::failed_precondition, HasSubstr("not read")));
  trace.add(at(10), Milliwatts{1});
  trace.add(at(20), Milliwatts{1});
  EXPECT_THAT(trace.between(at(9), at(15)), HasErrc(Errc::failed_precondition, HasSubstr("not read")));
  EXPECT_THAT(trace.between(at(15), at(21)), HasErrc(Errc::failed_precondition, HasSubstr("not read")));
  EXPECT_THAT(trace.between(at(10), at(20)), IsOk());
}

TEST(EnergyTrace, ForgetsWhatIsNotNeededAndKeepsTheRest) {
  EnergyTrace trace;
  for (int ms = 0; ms <= 100; ++ms) trace.add(at(ms), Milliwatts{1000});
  trace.forget_before(at(50.5));
  EXPECT_LE(trace.size(), 52U);
  EXPECT_NEAR(trace.between(at(50.5), at(100))->value, 49.5, 1e-9);
}

// The energy that a meter on a fake tree finds in `ms` from now, over the truth.
double ratio_over(Meter& meter, const Follower& follower, double ms) {
  EnergyRecorder recorder(meter, Milliseconds{2});
  const Clock& clock = steady_clock();
  clock.sleep_until(clock.now() + Milliseconds{20});
  const Instant start = clock.now();
  clock.sleep_until(start + Milliseconds{ms});
  const Instant end = clock.now();
  const auto energy = recorder.between(start, end);
  if (!energy) {
    ADD_FAILURE() << energy.error().message;
    return NAN;
  }
  return energy->value / (curve_mj((end - follower.start()).count()) - curve_mj((start - follower.start()).count()));
}

// Another program may hold up the thread that plays the sensor, or the one that reads it: the best of three tries.
template <class Measure>
void expect_within_a_hundredth(const Measure& measure) {
  double best = NAN;
  for (int i = 0; i < 3 && !(std::abs(best - 1) <= 0.01); ++i) {
    const double ratio = measure();
    if (std::isnan(best) || std::abs(ratio - 1) < std::abs(best - 1)) best = ratio;
  }
  EXPECT_NEAR(best, 1, 0.01);
}

TEST(EnergyRecorder, FindsTheEnergyOfAPowerSensorWithinAHundredth) {
  const FakeSysfs sysfs;
  sysfs.write("class/hwmon/hwmon0/name", "ina226");
  sysfs.write("class/hwmon/hwmon0/power1_input", "0");
  const Follower follower([&](Milliseconds now) {
    sysfs.write("class/hwmon/hwmon0/power1_input", std::to_string(std::llround(1000 * curve_mw(now.count()))));
  });
  steady_clock().sleep_until(steady_clock().now() + Milliseconds{10});
  const auto meter = open_meter("ina226", sysfs.root());
  ASSERT_THAT(meter, IsOk());
  expect_within_a_hundredth([&] { return ratio_over(**meter, follower, 500); });
}

TEST(EnergyRecorder, FindsTheEnergyOfACounterThatWrapsWithinAHundredth) {
  const FakeSysfs sysfs;
  constexpr long long kRange = 300'000;  // µJ: wraps about ten times a second
  const std::string zone = "class/powercap/intel-rapl:0/";
  sysfs.write(zone + "name", "package-0");
  sysfs.write(zone + "max_energy_range_uj", std::to_string(kRange));
  sysfs.write(zone + "energy_uj", "0");
  const Follower follower([&](Milliseconds now) {
    sysfs.write(zone + "energy_uj", std::to_string(std::llround(1000 * curve_mj(now.count())) % kRange));
  });
  const auto meter = open_meter("rapl", sysfs.root());
  ASSERT_THAT(meter, IsOk());
  expect_within_a_hundredth([&] { return ratio_over(**meter, follower, 700); });
}

TEST(EnergyRecorder, AFileThatGoesAwayMidRunIsAnErrorAndNotAZero) {
  const FakeSysfs sysfs;
  sysfs.write("class/hwmon/hwmon0/name", "ina226");
  sysfs.write("class/hwmon/hwmon0/power1_input", "2000000");
  const auto meter = open_meter("ina226", sysfs.root());
  ASSERT_THAT(meter, IsOk());
  EnergyRecorder recorder(**meter, Milliseconds{2});
  const Instant start = steady_clock().now();
  steady_clock().sleep_until(start + Milliseconds{30});
  sysfs.remove("class/hwmon/hwmon0/power1_input");
  EXPECT_THAT(recorder.between(start, start + Milliseconds{100}),
              HasErrc(Errc::not_found, HasSubstr("power1_input: the file is not there (any more)")));
}

// A meter and a clock of its own: power is high while something runs.
class SimulatedBoard : public Clock, public Meter {
 public:
  [[nodiscard]] Instant now() const override {
    const std::lock_guard lock(mutex_);
    if (is_measured()) seen_ = now_;
    return now_;
  }
  // Whoever sleeps lets time pass. The recorder, which never does anything else, gets only a little ahead of the thread
  // that is measured: else time would fly whenever the system does not run that one.
  void sleep_until(Instant when) const override {
    for (Instant reached = now(); reached < when; std::this_thread::yield()) {
      const std::lock_guard lock(mutex_);
      const Instant next = std::min(when, now_ + Milliseconds{0.2});
      if (!is_measured() && next > seen_ + 2 * period()) break;  // reads the meter again meanwhile
      reached = now_ = std::max(now_, next);
      if (is_measured()) seen_ = now_;
    }
    std::this_thread::yield();
  }
  [[nodiscard]] const std::string& name() const override { return name_; }
  [[nodiscard]] const std::string& description() const override { return name_; }
  [[nodiscard]] Milliseconds period() const override { return Milliseconds{1}; }
  Result<Reading> read() override { return Milliwatts{busy ? 4000.0 : 1000.0}; }

  std::atomic<bool> busy = false;

 private:
  [[nodiscard]] bool is_measured() const { return std::this_thread::get_id() == measured_; }

  std::thread::id measured_ = std::this_thread::get_id();
  mutable std::mutex mutex_;
  mutable Instant now_{};
  mutable Instant seen_{};  // by the thread that is measured
  std::string name_ = "simulated";
};

TEST(MeasureEnergy, RepeatsRunsShorterThanTheMetersPeriod) {
  SimulatedBoard board;
  EnergyRecorder recorder(board, {}, board);
  board.busy = true;
  const auto once = [&board]() -> Result<Milliseconds> {
    board.sleep_until(board.now() + Milliseconds{0.2});
    return Milliseconds{0.2};
  };
  const auto energy = measure_energy(recorder, once, {});
  ASSERT_THAT(energy, IsOk());
  EXPECT_GE(energy->runs, 100);
  EXPECT_GE(energy->batches, 3);
  EXPECT_LE(energy->std_error.value, 0.02 * energy->energy.value);
}

TEST(MeasureEnergy, TakesOffWhatWouldHaveBeenBurntAnyway) {
  SimulatedBoard board;
  EnergyRecorder recorder(board, {}, board);
  const auto idle = measure_idle(recorder, Milliseconds{100});
  ASSERT_THAT(idle, IsOk());
  EXPECT_NEAR(idle->value, 1000, 1e-6);
  board.busy = true;
  Milliseconds whole{};
  int runs = 0;
  const auto once = [&]() -> Result<Milliseconds> {
    const Instant start = board.now();
    board.sleep_until(start + Milliseconds{10});
    whole += board.now() - start;
    ++runs;
    return Milliseconds{10};
  };
  const auto energy = measure_energy(recorder, once, {.idle = *idle});
  ASSERT_THAT(energy, IsOk());
  const double mean_ms = whole.count() / runs;
  EXPECT_NEAR(energy->energy.value, 3 * mean_ms, 0.02 * 3 * mean_ms);
}

TEST(MeasureEnergy, PassesErrorsOn) {
  SimulatedBoard board;
  EnergyRecorder recorder(board, {}, board);
  EXPECT_THAT(measure_energy(recorder, []() -> Result<Milliseconds> { return fail(Errc::internal, "broken"); }, {}),
              HasErrc(Errc::internal, HasSubstr("broken")));
}

}  // namespace
}  // namespace tandem::engine
