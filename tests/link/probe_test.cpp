#include "tandem/link/probe.hpp"

#include <algorithm>
#include <cmath>

#include "matchers.hpp"
#include "tandem/base/random.hpp"

namespace tandem::link {
namespace {

using ::testing::HasSubstr;

// A link in arithmetic: a propagation delay, a rate behind a token bucket, TCP's window, and noise.
struct SimulatedLink {
  double up_mbps = 6;
  double down_mbps = 14;
  double rtt_ms = 60;
  double noise_ms = 0;      // of each exchange, exponential: it only ever adds
  double bucket_bytes = 0;  // passes at once after a pause
  double window_bytes = 1e12;
  double head_bytes = 70;  // of the protocol, each way

  double now_ms = 0;
  double bucket_full_at = 0;  // when the bucket will be full again
  Random random{1};

  // Per round trip a window's worth leaves; the window opens by what is acknowledged where it was full.
  double slow_start_ms(double bytes) {
    double waits = 0;
    double left = bytes;
    for (; left > window_bytes; window_bytes *= 2) {
      waits += rtt_ms;
      left -= window_bytes;
    }
    if (waits > 0) window_bytes += left;
    return waits;
  }

  double way_ms(double bytes, double mbps) {
    const double rate = 125 * mbps;
    const double missing = std::max(0.0, bucket_full_at - now_ms) * rate;
    const double free = std::clamp(bucket_bytes - missing, 0.0, bytes);
    bucket_full_at = std::max(bucket_full_at, now_ms) + bytes / rate;
    return (bytes - free) / rate + slow_start_ms(bytes);
  }

  Result<Milliseconds> exchange(std::size_t up, std::size_t down) {
    double took = rtt_ms - noise_ms * std::log(1 - random.uniform());
    took += way_ms(static_cast<double>(up) + head_bytes, up_mbps);
    took += way_ms(static_cast<double>(down) + head_bytes, down_mbps);
    now_ms += took;
    return Milliseconds{took};
  }

  Result<Measurement> probe(ProbeOptions options = {}) {
    options.overhead_up = options.overhead_down = Bytes{head_bytes};
    return link::probe([this](std::size_t up, std::size_t down) { return exchange(up, down); }, options);
  }
};

void expect_within(const Interval<Mbps>& measured, double truth, double share) {
  EXPECT_NEAR(measured.value.value / truth, 1, share) << truth << " Mbps";
  EXPECT_LE(measured.low, measured.value);
  EXPECT_GE(measured.high, measured.value);
}

TEST(Probe, FindsAnUndisturbedLinkExactly) {
  for (const double mbps : {0.05, 1.0, 6.0, 20.0, 100.0, 1000.0}) {
    SimulatedLink link{.up_mbps = mbps, .down_mbps = 2 * mbps, .rtt_ms = 40};
    const auto measured = link.probe();
    ASSERT_THAT(measured, IsOk());
    expect_within(measured->up, mbps, 1e-6);
    expect_within(measured->down, 2 * mbps, 1e-6);
    EXPECT_NEAR(measured->rtt.value.count(), 40, 1e-6);
    EXPECT_NEAR(measured->jitter.count(), 0, 1e-6);
  }
}

TEST(Probe, StaysWithinItsBudget) {
  for (const std::size_t budget : {kLeastBudget, std::size_t{100'000}, std::size_t{800'000}, std::size_t{5'000'000}}) {
    for (const double mbps : {0.05, 1.0, 20.0, 1000.0}) {
      SimulatedLink link{.up_mbps = mbps, .down_mbps = mbps, .noise_ms = 2};
      const auto measured = link.probe({.budget_bytes = budget});
      ASSERT_THAT(measured, IsOk());
      EXPECT_LE(measured->up_bytes, budget / 2);
      EXPECT_LE(measured->down_bytes, budget / 2);
    }
  }
}

TEST(Probe, SpendsLessOnASlowLink) {
  SimulatedLink slow{.up_mbps = 1, .down_mbps = 1};
  const auto measured = slow.probe();
  ASSERT_THAT(measured, IsOk());
  EXPECT_LT(measured->up_bytes, 200'000U);
  EXPECT_LT(slow.now_ms, 6000);
}

TEST(Probe, SeesThroughNoise) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    SimulatedLink link{.noise_ms = 1, .random = Random(seed)};
    const auto measured = link.probe();
    ASSERT_THAT(measured, IsOk());
    expect_within(measured->up, 6, 0.05);
    expect_within(measured->down, 14, 0.08);
    EXPECT_NEAR(measured->rtt.value.count(), 61, 1);
    EXPECT_GT(measured->jitter.count(), 0.2);
  }
}

TEST(Probe, ItsIntervalsHoldTheTruthAboutAsOftenAsTheySay) {
  int rates = 0;
  int round_trips = 0;
  constexpr int kRounds = 300;
  for (std::uint64_t seed = 1; seed <= kRounds; ++seed) {
    SimulatedLink link{.noise_ms = 3, .random = Random(seed)};
    const auto measured = link.probe();
    ASSERT_THAT(measured, IsOk());
    rates += measured->up.low.value <= 6 && 6 <= measured->up.high.value ? 1 : 0;
    const double median = 60 + 3 * std::log(2.0);
    round_trips += measured->rtt.low.count() <= median && median <= measured->rtt.high.count() ? 1 : 0;
  }
  EXPECT_GE(rates, 0.88 * kRounds);
  EXPECT_GE(round_trips, 0.92 * kRounds);
}

TEST(Probe, IsNotFooledByATokenBucketsBurst) {
  SimulatedLink link{.up_mbps = 6, .down_mbps = 20, .rtt_ms = 40, .bucket_bytes = 8'000};
  const auto measured = link.probe();
  ASSERT_THAT(measured, IsOk());
  expect_within(measured->up, 6, 0.02);
  expect_within(measured->down, 20, 0.02);
}

TEST(Probe, IsNotFooledBySlowStart) {
  // A window of ten packets, and rates whose bandwidth-delay products are many times that.
  SimulatedLink link{.up_mbps = 20, .down_mbps = 100, .rtt_ms = 40, .window_bytes = 14'600};
  const auto measured = link.probe();
  ASSERT_THAT(measured, IsOk());
  expect_within(measured->up, 20, 0.02);
  expect_within(measured->down, 100, 0.02);
}

TEST(Probe, TakesOutWhatTheProtocolAddsToARoundTrip) {
  SimulatedLink link{.up_mbps = 0.2, .down_mbps = 0.2, .rtt_ms = 10, .head_bytes = 400};
  const auto measured = link.probe();
  ASSERT_THAT(measured, IsOk());
  EXPECT_NEAR(measured->rtt.value.count(), 10, 0.1);
}

TEST(Probe, TakesOutWhatBothEndsNeed) {
  SimulatedLink link{.rtt_ms = 10.5};
  const auto measured = link.probe({.own_work = [] { return Result<Milliseconds>(Milliseconds{0.5}); }});
  ASSERT_THAT(measured, IsOk());
  EXPECT_NEAR(measured->rtt.value.count(), 10, 1e-6);
}

TEST(Probe, WhatDelaysBothEndsWhileItMeasuresDoesNotLengthenTheRoundTrip) {
  SimulatedLink link{.rtt_ms = 10};
  double busy_ms = 0;  // grows from exchange to exchange, as on a machine that others begin to use
  const Exchange exchange = [&](std::size_t up, std::size_t down) -> Result<Milliseconds> {
    busy_ms += 0.1;
    return link.exchange(up, down).value() + Milliseconds{busy_ms};
  };
  const auto measured = probe(exchange, {.overhead_up = Bytes{70}, .overhead_down = Bytes{70}, .own_work = [&] {
                                           return Result<Milliseconds>(Milliseconds{busy_ms});
                                         }});
  ASSERT_THAT(measured, IsOk());
  EXPECT_NEAR(measured->rtt.value.count(), 10, 0.05);
}

TEST(Probe, PassesAnErrorOfItsOwnWorkOn) {
  SimulatedLink link;
  EXPECT_THAT(link.probe({.own_work = [] { return Result<Milliseconds>(fail(Errc::internal, "no echo")); }}),
              HasErrc(Errc::internal, HasSubstr("no echo")));
}

TEST(Probe, PassesAnErrorOnWhereverItComes) {
  for (int last = 0; last < 30; last += 5) {
    int left = last;
    SimulatedLink link;
    const Exchange breaks = [&](std::size_t up, std::size_t down) -> Result<Milliseconds> {
      if (left-- == 0) return fail(Errc::unavailable, "gone");
      return link.exchange(up, down);
    };
    EXPECT_THAT(probe(breaks, {}), HasErrc(Errc::unavailable, HasSubstr("gone")));
  }
}

TEST(Probe, RefusesABudgetTooSmallToMeasureWith) {
  SimulatedLink link;
  EXPECT_THAT(link.probe({.budget_bytes = 1000}), HasErrc(Errc::invalid_argument, HasSubstr("at least 40000 bytes")));
}

TEST(Measurement, BecomesALinkWithTheRadioOfAnother) {
  SimulatedLink simulated;
  const Link link = simulated.probe()->link("home", {.name = "4g", .alpha_up = 438, .beta = Milliwatts{1288}});
  EXPECT_EQ(link.name, "home");
  EXPECT_NEAR(link.up.value, 6, 1e-6);
  EXPECT_EQ(link.alpha_up, 438);
  EXPECT_EQ(link.beta, Milliwatts{1288});
}

}  // namespace
}  // namespace tandem::link
