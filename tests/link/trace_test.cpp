#include "tandem/link/trace.hpp"

#include <cmath>

#include "matchers.hpp"
#include "tandem/base/clock.hpp"
#include "tandem/base/random.hpp"
#include "tandem/link/mobile_trace.hpp"

namespace tandem::link {
namespace {

using ::testing::HasSubstr;

const std::string kHeader = "time_ms,up_mbps,down_mbps,rtt_ms\n";

TEST(Trace, ReadsWhatItWrote) {
  Random random(3);
  for (int round = 0; round < 50; ++round) {
    Trace trace;
    double time = 0;
    for (std::uint64_t i = 0, n = 1 + random.below(20); i < n; ++i) {
      trace.points.push_back({Milliseconds{time}, Mbps{random.uniform(0.01, 1000)}, Mbps{random.uniform(0.01, 1000)},
                              Milliseconds{random.uniform(0, 500)}});
      time += random.uniform(0.1, 5000);
    }
    const auto read = parse_trace(to_csv(trace));
    ASSERT_THAT(read, IsOk());
    EXPECT_EQ(*read, trace);
  }
}

TEST(Trace, RefusesAndNamesTheLine) {
  const auto refused = [](const std::string& text, const std::string& line, const std::string& why) {
    EXPECT_THAT(parse_trace(text), HasErrc(Errc::invalid_argument, HasSubstr(line))) << text;
    EXPECT_THAT(parse_trace(text), HasErrc(Errc::invalid_argument, HasSubstr(why))) << text;
  };
  refused("", "line 1", "header");
  refused("time,up,down,rtt\n0,1,1,1\n", "line 1", "header");
  refused(kHeader, "line 2", "no point");
  refused(kHeader + "0,1,1,1\n1000,1,1\n", "line 3", "four numbers");
  refused(kHeader + "0,1,1,1,1\n", "line 2", "four numbers");
  refused(kHeader + "0,1,x,1\n", "line 2", "down_mbps must be a number, is 'x'");
  refused(kHeader + "0,1, 1,1\n", "line 2", "down_mbps");
  refused(kHeader + "0,nan,1,1\n", "line 2", "up_mbps");
  refused(kHeader + "0,0,1,1\n", "line 2", "up_mbps must be 0.01 to");
  refused(kHeader + "0,1,1,-1\n", "line 2", "rtt_ms must be 0 to");
  refused(kHeader + "5,1,1,1\n", "line 2", "start at 0");
  refused(kHeader + "0,1,1,1\n1000,1,1,1\n1000,1,1,1\n", "line 4", "must rise");
  refused(kHeader + "0,1,1,1\n\n1000,1,1,1\n", "line 3", "empty");
  EXPECT_THAT(load_trace("/nowhere.csv"), HasErrc(Errc::not_found, HasSubstr("nowhere.csv")));
}

TEST(Trace, TakesWindowsLineEndsAndBlankLinesAtTheEnd) {
  EXPECT_THAT(parse_trace("time_ms,up_mbps,down_mbps,rtt_ms\r\n0,1,2,3\r\n\r\n"), IsOk());
}

TEST(Trace, HoldsAPointUntilTheNextAndStartsAgainAtItsEnd) {
  const Trace trace = parse_trace(kHeader + "0,1,10,5\n1000,2,20,6\n3000,3,30,7\n").value();
  EXPECT_EQ(trace.duration(), Milliseconds{5000});
  const auto up = [&](double ms) { return trace.at(Milliseconds{ms}).up.value; };
  EXPECT_EQ(up(0), 1);
  EXPECT_EQ(up(999), 1);
  EXPECT_EQ(up(1000), 2);
  EXPECT_EQ(up(4999), 3);
  EXPECT_EQ(up(5000), 1);
  EXPECT_EQ(up(11000), 2);
  const Link link = trace.at(Milliseconds{3500}, {.name = "x", .alpha_up = 7, .beta = Milliwatts{9}});
  EXPECT_EQ(
      link,
      (Link{
          .name = "x", .up = Mbps{3}, .down = Mbps{30}, .rtt = Milliseconds{7}, .alpha_up = 7, .beta = Milliwatts{9}}));
}

TEST(Trace, ALonePointHoldsForEver) {
  const Trace trace = parse_trace(kHeader + "0,1,10,5\n").value();
  EXPECT_EQ(trace.at(Milliseconds{1e9}).down, Mbps{10});
}

// Remembers the links it was given.
class FakeProxy : public ShapingProxy {
 public:
  [[nodiscard]] std::string address() const override { return ""; }
  [[nodiscard]] Traffic traffic() const override { return {}; }
  void set_link(const Link& link) override {
    const std::lock_guard lock(mutex_);
    links_.push_back(link);
  }
  std::vector<double> rates() {
    const std::lock_guard lock(mutex_);
    std::vector<double> rates;
    for (const Link& link : links_) rates.push_back(link.up.value);
    return rates;
  }

 private:
  std::mutex mutex_;
  std::vector<Link> links_;
};

TEST(TraceReplay, SetsTheLinksInOrderAndAgainFromTheStart) {
  FakeProxy proxy;
  {
    const TraceReplay replay(proxy, {}, parse_trace(kHeader + "0,1,1,1\n5,2,2,2\n10,3,3,3\n").value());
    while (proxy.rates().size() < 8) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  const auto rates = proxy.rates();
  EXPECT_THAT(std::vector(rates.begin(), rates.begin() + 8), ::testing::ElementsAre(1, 1, 2, 3, 1, 2, 3, 1));
}

TEST(TraceReplay, EndsAtOnceInALongTrace) {
  FakeProxy proxy;
  const Instant start = steady_clock().now();
  {
    const TraceReplay replay(proxy, {}, parse_trace(kHeader + "0,1,1,1\n1e6,2,2,2\n").value());
  }
  EXPECT_LT((steady_clock().now() - start).count(), 1000);
}

TEST(MobileTrace, IsTheSameForTheSameSeedAndAnotherForAnother) {
  for (const Movement& movement : movements()) {
    const Trace once = mobile_trace(movement, {.seed = 5});
    EXPECT_EQ(once, mobile_trace(movement, {.seed = 5}));
    EXPECT_NE(once, mobile_trace(movement, {.seed = 6}));
    EXPECT_EQ(once.points.size(), 300U);
    EXPECT_EQ(parse_trace(to_csv(once)).value(), once);
  }
}

TEST(MobileTrace, HasTheMeanOfTheLogItWasMadeFrom) {
  for (const Movement& movement : movements()) {
    const Trace trace = mobile_trace(movement, {.seed = 1, .seconds = 50'000});
    double sum = 0;
    for (const TracePoint& point : trace.points) sum += point.down.value;
    const double mean = sum / static_cast<double>(trace.points.size());
    EXPECT_NEAR(mean, movement.mean_down.value, 0.1 * movement.mean_down.value) << movement.name;
  }
}

TEST(MobileTrace, NamesTheKindsThereAre) {
  EXPECT_THAT(find_movement("swimming"), HasErrc(Errc::not_found, HasSubstr("walking, driving, train")));
}

}  // namespace
}  // namespace tandem::link
