// The probe over the real protocol, a shaped link between. What it measures against the clock is in `tandem bench
// link`.
#include "tandem/device/link_probe.hpp"

#include <gmock/gmock.h>

#include <cmath>

#include "matchers.hpp"
#include "network/models.hpp"
#include "tandem/base/clock.hpp"
#include "tandem/cloud/server.hpp"
#include "tandem/link/shaper.hpp"
#include "tandem/rpc/client.hpp"
#include "tandem/rpc/link_probe.hpp"

namespace tandem::device {
namespace {

using ::testing::HasSubstr;

std::unique_ptr<cloud::Server> serve() {
  cloud::Options options;
  options.networks.push_back(
      {.network = network::Network::from_model(network::testing::residual_model(), "net").value()});
  return std::move(*cloud::Server::start(std::move(options)));
}

std::unique_ptr<link::ShapingProxy> shape(const cloud::Server& server, double up, double down, double rtt) {
  return std::move(*link::ShapingProxy::start(
      {.target = server.address(),
       .link = {.name = "test", .up = Mbps{up}, .down = Mbps{down}, .rtt = Milliseconds{rtt}}}));
}

TEST(LinkProbe, FindsTheShapedLink) {
  const auto server = serve();
  const auto proxy = shape(*server, 6, 20, 20);
  const auto measured = probe_link(proxy->address(), {.budget_bytes = 300'000});
  ASSERT_THAT(measured, IsOk());
  // Whatever else the machine does; a tenth of this is what holds on a quiet one.
  EXPECT_NEAR(measured->up.value.value, 6, 3);
  EXPECT_NEAR(measured->down.value.value, 20, 10);
  EXPECT_GE(measured->rtt.value.count(), 19.5);
  EXPECT_LE(measured->up_bytes + measured->down_bytes, 300'000U);
}

// What a call without payload carries is what the probe takes out of the round trip.
TEST(LinkProbe, KnowsWhatACallCarries) {
  const auto server = serve();
  const auto proxy = shape(*server, 1000, 1000, 1);
  const auto client = std::move(*rpc::Client::connect(proxy->address()));
  for (int i = 0; i < 3; ++i) ASSERT_THAT(client->server_live(Milliseconds{5000}), IsOk());
  steady_clock().sleep_until(steady_clock().now() + Milliseconds{20});
  const auto before = proxy->traffic();
  constexpr int kCalls = 50;
  for (int i = 0; i < kCalls; ++i) ASSERT_THAT(client->server_live(Milliseconds{5000}), IsOk());
  steady_clock().sleep_until(steady_clock().now() + Milliseconds{20});
  const auto after = proxy->traffic();
  // Eight bytes take 64 µs on a link of 1 Mbps.
  EXPECT_NEAR(static_cast<double>(after.up_bytes - before.up_bytes) / kCalls, kCallUp.value, 8);
  EXPECT_NEAR(static_cast<double>(after.down_bytes - before.down_bytes) / kCalls, kCallDown.value, 8);
}

TEST(LinkProbe, SaysWhatIsWrong) {
  EXPECT_THAT(probe_link("127.0.0.1:1", {.deadline = Milliseconds{500}}), HasErrc(Errc::unavailable, HasSubstr(":1")));
  EXPECT_THAT(probe_link("nonsense", {}), HasErrc(Errc::invalid_argument, HasSubstr("nonsense")));
}

TEST(LinkProbe, TheServerGivesNoMoreThanItsLimit) {
  const auto server = serve();
  const auto client = std::move(*rpc::Client::connect(server->address()));
  EXPECT_THAT(client->infer(rpc::link_probe_request(0, rpc::kMaxLinkProbeBytes + 1), Milliseconds{5000}),
              HasErrc(Errc::invalid_argument, HasSubstr("at most 262144 bytes")));
  int served = 0;
  Result<rpc::InferAnswer> answer;
  do {
    answer = client->infer(rpc::link_probe_request(0, rpc::kMaxLinkProbeBytes), Milliseconds{5000});
    served += answer ? 1 : 0;
  } while (answer && served < 2000);
  EXPECT_THAT(answer, HasErrc(Errc::unavailable, HasSubstr("too many link probes")));
}

}  // namespace
}  // namespace tandem::device
