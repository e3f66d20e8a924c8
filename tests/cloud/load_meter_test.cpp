#include "load_meter.hpp"

#include <gtest/gtest.h>

#include "rate_limit.hpp"

namespace tandem::cloud {
namespace {

TEST(LoadMeter, AnIdleServerMakesNobodyWait) {
  const LoadMeter meter(2);
  const rpc::ServerLoad load = meter.report();
  EXPECT_EQ(load.queued, 0);
  EXPECT_EQ(load.running, 0);
  EXPECT_EQ(load.workers, 2);
  EXPECT_EQ(load.wait.count(), 0);
}

TEST(LoadMeter, AFreeWorkerTakesARequestAtOnce) {
  LoadMeter meter(2);
  meter.queued();
  meter.started();
  EXPECT_EQ(meter.report().running, 1);
  EXPECT_EQ(meter.report().wait.count(), 0);
}

TEST(LoadMeter, TheWaitIsWhatThoseInFrontNeed) {
  LoadMeter meter(2);
  for (int i = 0; i < 50; ++i) {
    meter.queued();
    meter.started();
    meter.finished(Milliseconds{20});
  }
  for (int i = 0; i < 5; ++i) meter.queued();
  meter.started();
  meter.started();
  // Three wait, two run half-way through: 3.5 services of 20 ms on two workers.
  EXPECT_EQ(meter.report().queued, 3);
  EXPECT_DOUBLE_EQ(meter.report().wait.count(), 35);
}

TEST(LoadMeter, LeavesOutTheOneThatAsks) {
  LoadMeter meter(1);
  meter.queued();
  meter.started();
  EXPECT_EQ(meter.report(1).running, 0);
  EXPECT_EQ(meter.report(1).wait.count(), 0);
}

TEST(LoadMeter, WhatIsDroppedSaysNothingAboutService) {
  LoadMeter meter(1);
  meter.queued();
  meter.started();
  meter.finished(Milliseconds{30});
  for (int i = 0; i < 20; ++i) {
    meter.queued();
    meter.started();
    meter.dropped();
  }
  meter.queued();
  meter.started();
  EXPECT_DOUBLE_EQ(meter.report().wait.count(), 15);
}

class StoppedClock : public Clock {
 public:
  [[nodiscard]] Instant now() const override { return now_; }
  void sleep_until(Instant when) const override { now_ = when; }

 private:
  mutable Instant now_{};
};

TEST(RateLimit, GivesTheBurstAtOnceAndThenTheRate) {
  const StoppedClock clock;
  RateLimit limit({.bytes_per_second = 1000, .burst = 500}, clock);
  EXPECT_TRUE(limit.take(500));
  EXPECT_FALSE(limit.take(1));
  clock.sleep_until(clock.now() + Milliseconds{100});
  EXPECT_TRUE(limit.take(100));
  EXPECT_FALSE(limit.take(1));
  clock.sleep_until(clock.now() + Milliseconds{1e6});
  EXPECT_FALSE(limit.take(501));
  EXPECT_TRUE(limit.take(500));
}

}  // namespace
}  // namespace tandem::cloud
