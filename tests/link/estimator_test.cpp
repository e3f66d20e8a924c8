#include "tandem/link/estimator.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <vector>

#include "tandem/base/random.hpp"

namespace tandem::link {
namespace {

constexpr Bytes kUp{150'000};
constexpr Bytes kDown{4'000};

Link link_of(double up, double down, double rtt) {
  return {.name = "test", .up = Mbps{up}, .down = Mbps{down}, .rtt = Milliseconds{rtt}};
}

Milliseconds time_on(const Link& link, Bytes up = kUp, Bytes down = kDown) {
  return link.upload_time(up) + link.download_time(down);
}

// Requests over a link, with times that scatter by `noise`.
class Requests {
 public:
  explicit Requests(const Link& prior, double noise = 0.05, std::uint64_t seed = 1)
      : estimator(prior), noise_(noise), random_(seed) {}

  void send(const Link& link, int count = 1, double slower = 1.0) {
    for (int i = 0; i < count; ++i) {
      const double scatter = std::exp(noise_ * normal());
      estimator.observe({.up = kUp, .down = kDown, .time = time_on(link) * (scatter * slower)});
    }
  }
  // The share by which the expected time is off.
  [[nodiscard]] double error(const Link& link) const {
    return std::abs(estimator.expected(kUp, kDown) / time_on(link) - 1);
  }

  Estimator estimator;

 private:
  double normal() {
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += random_.uniform();
    return sum;
  }
  double noise_;
  Random random_;
};

TEST(Estimator, BelievesThePriorBeforeAnythingIsSeen) {
  const Link prior = link_of(5.85, 13.76, 60);
  const Estimator estimator(prior);
  const Link now = estimator.current();
  EXPECT_NEAR(now.up.value, prior.up.value, 1e-9);
  EXPECT_NEAR(now.down.value, prior.down.value, 1e-9);
  EXPECT_NEAR(now.rtt.count(), prior.rtt.count(), 1e-9);
  EXPECT_GT(estimator.standard_error(kUp, kDown).count(), 0);
}

TEST(Estimator, FollowsAStepWithinFiveRequestsWhateverItsSize) {
  for (const double factor : {0.1, 0.3, 0.5, 2.0, 4.0, 20.0}) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      const Link before = link_of(6, 14, 60);
      const Link after = link_of(6 * factor, 14 * factor, 60);
      Requests requests(before, 0.05, seed);
      requests.send(before, 30);
      EXPECT_LT(requests.error(before), 0.1);
      requests.send(after, 5);
      EXPECT_LT(requests.error(after), 0.12) << "rates times " << factor << ", seed " << seed;
      if (factor > 2) continue;  // then the round trip is most of the time, and a rate hardly to be told from it
      EXPECT_NEAR(requests.estimator.current().up.value / after.up.value, 1, 0.2) << factor << ", seed " << seed;
    }
  }
}

TEST(Estimator, FollowsAStepOfTheRoundTrip) {
  const Link before = link_of(20, 20, 20);
  const Link after = link_of(20, 20, 200);
  Requests requests(before);
  requests.send(before, 20);
  requests.send(after, 5);
  EXPECT_LT(requests.error(after), 0.12);
}

TEST(Estimator, IgnoresOneOutlier) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    for (const double slower : {3.0, 10.0, 100.0}) {
      const Link link = link_of(6, 14, 60);
      Requests requests(link, 0.05, seed);
      requests.send(link, 20);
      const Milliseconds before = requests.estimator.expected(kUp, kDown);
      requests.send(link, 1, slower);
      EXPECT_NEAR(requests.estimator.expected(kUp, kDown) / before, 1, 1e-9) << "right after it";
      requests.send(link, 1);
      EXPECT_LT(requests.error(link), 0.1) << "seed " << seed;
    }
  }
}

TEST(Estimator, KeepsUpWithARamp) {
  for (const double per_request : {1.03, 1.07, 0.97, 0.93}) {
    Requests requests(link_of(6, 14, 60));
    double up = 6;
    requests.send(link_of(6, 14, 60), 10);
    double worst = 0;
    for (int i = 0; i < 30; ++i) {
      up *= per_request;
      const Link now = link_of(up, up * 14 / 6, 60);
      requests.send(now);
      if (i > 5) worst = std::max(worst, requests.error(now));
    }
    EXPECT_LT(worst, 0.35) << per_request << " a request";
  }
}

TEST(Estimator, ComesBackAfterABurst) {
  const Link link = link_of(6, 14, 60);
  Requests requests(link);
  requests.send(link, 20);
  for (int burst = 0; burst < 10; ++burst) {
    requests.send(link, 4, 3.0);
    requests.send(link, 5);
    EXPECT_LT(requests.error(link), 0.12) << "after burst " << burst;
    requests.send(link, 10);
  }
}

TEST(Estimator, IsCalmOnASteadyNoisyLink) {
  for (const double noise : {0.02, 0.1, 0.3}) {
    const Link link = link_of(6, 14, 60);
    Requests requests(link, noise);
    requests.send(link, 40);
    double sum = 0;
    for (int i = 0; i < 300; ++i) {
      requests.send(link);
      sum += requests.error(link);
    }
    EXPECT_LT(sum / 300, 0.5 * noise + 0.01) << "the estimate must scatter less than the times";
    EXPECT_LT(requests.estimator.changes(), 30);
  }
}

TEST(Estimator, TellsRatesAndRoundTripApartByTransfersOfManySizes) {
  const Link truth = link_of(3, 30, 90);
  Estimator estimator(link_of(6, 14, 60));
  Random random(9);
  for (int i = 0; i < 200; ++i) {
    const Bytes up{random.uniform(0, 200'000)}, down{random.uniform(0, 400'000)};
    estimator.observe({.up = up, .down = down, .time = time_on(truth, up, down) * random.uniform(0.97, 1.03)});
  }
  const Link now = estimator.current();
  EXPECT_NEAR(now.up.value, 3, 0.15);
  EXPECT_NEAR(now.down.value, 30, 3);
  EXPECT_NEAR(now.rtt.count(), 90, 10);
}

TEST(Estimator, FindsALinkItWasToldNothingAbout) {
  const Link truth = link_of(1.1, 2, 150);
  Requests requests(Link{});
  requests.send(truth, 5);
  EXPECT_LT(requests.error(truth), 0.12);
}

TEST(Estimator, IgnoresWhatIsNoTransfer) {
  const Link link = link_of(6, 14, 60);
  Estimator estimator(link);
  const double nan = std::nan("");
  estimator.observe({.up = kUp, .down = kDown, .time = Milliseconds{0}});
  estimator.observe({.up = kUp, .down = kDown, .time = Milliseconds{-5}});
  estimator.observe({.up = kUp, .down = kDown, .time = Milliseconds{nan}});
  estimator.observe({.up = Bytes{-1}, .down = kDown, .time = Milliseconds{5}});
  estimator.observe({.up = Bytes{INFINITY}, .down = kDown, .time = Milliseconds{5}});
  EXPECT_EQ(estimator.observed(), 0);
  EXPECT_NEAR(estimator.current().up.value, 6, 1e-9);
}

TEST(Estimator, StaysFiniteAndPositiveWhateverItSees) {
  Random random(4);
  Estimator estimator(link_of(6, 14, 60));
  for (int i = 0; i < 20'000; ++i) {
    const auto any = [&](double most) { return std::pow(10.0, random.uniform(-3, most)); };
    estimator.observe({.up = Bytes{any(8)}, .down = Bytes{any(8)}, .time = Milliseconds{any(7)}});
    const Link now = estimator.current();
    ASSERT_TRUE(std::isfinite(now.up.value) && now.up.value > 0);
    ASSERT_TRUE(std::isfinite(now.down.value) && now.down.value > 0);
    ASSERT_TRUE(std::isfinite(now.rtt.count()) && now.rtt.count() >= 0);
    ASSERT_TRUE(std::isfinite(estimator.standard_error(kUp, kDown).count()));
  }
}

}  // namespace
}  // namespace tandem::link
