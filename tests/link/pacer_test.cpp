#include "pacer.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "matchers.hpp"

namespace tandem::link {
namespace {

Instant at(double ms) {
  return Instant(Milliseconds{ms});
}

TEST(Pacer, SerialisesThenDelays) {
  Pacer pacer(Mbps{8}, Milliseconds{30});  // 1000 bytes per millisecond
  EXPECT_DOUBLE_EQ(pacer.enter(at(100), 1500).time_since_epoch().count(), 131.5);
  EXPECT_DOUBLE_EQ(pacer.enter(at(100), 500).time_since_epoch().count(), 132);
}

TEST(Pacer, AnIdleLinkStartsAnew) {
  Pacer pacer(Mbps{8}, Milliseconds{0});
  (void)pacer.enter(at(0), 1000);
  EXPECT_DOUBLE_EQ(pacer.enter(at(500), 1000).time_since_epoch().count(), 501);
}

TEST(Pacer, ALateWakeUpCostsABackloggedLinkNoRate) {
  Pacer pacer(Mbps{8}, Milliseconds{0});
  (void)pacer.enter(at(0), 1000);
  pacer.set_backlogged(true);
  EXPECT_DOUBLE_EQ(pacer.enter(at(3), 1000).time_since_epoch().count(), 2);
}

TEST(Pacer, AStoppedProcessSavesUpLittleCredit) {
  Pacer pacer(Mbps{8}, Milliseconds{0});
  (void)pacer.enter(at(0), 1000);
  pacer.set_backlogged(true);
  EXPECT_DOUBLE_EQ(pacer.enter(at(5000), 1000).time_since_epoch().count(), 4901);
}

TEST(Pacer, ArrivalsStayInOrderWhenTheDelayShrinks) {
  Pacer pacer(Mbps{8}, Milliseconds{100});
  const Instant before = pacer.enter(at(0), 1000);
  pacer.change(Mbps{80}, Milliseconds{1});
  EXPECT_GE(pacer.enter(at(0), 1000), before);
}

TEST(Pacer, ReadsAboutAMillisecondsWorthButAPacketAtLeast) {
  EXPECT_EQ(Pacer(Mbps{1}, Milliseconds{0}).chunk_bytes(), 1500U);
  EXPECT_EQ(Pacer(Mbps{100}, Milliseconds{0}).chunk_bytes(), 12'500U);
}

RC_GTEST_PROP(Pacer, NeverCarriesMoreThanItsRate, ()) {
  const double mbps = *rc::gen::inRange(1, 1000);
  Pacer pacer(Mbps{mbps}, Milliseconds{5});
  double now = 0;
  std::size_t total = 0;
  Instant last{};
  const auto gaps = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 3000));
  for (const int gap : gaps) {
    now += gap / 1000.0;
    const auto bytes = static_cast<std::size_t>(gap % 977 + 1);
    total += bytes;
    const Instant arrival = pacer.enter(at(now), bytes);
    RC_ASSERT(arrival >= last);
    RC_ASSERT(arrival >= at(now) + Milliseconds{5});
    last = arrival;
  }
  if (gaps.empty()) return;
  RC_ASSERT(last.time_since_epoch().count() + 1e-9 >= 5 + (Bytes{static_cast<double>(total)} / Mbps{mbps}).count());
}

}  // namespace
}  // namespace tandem::link
