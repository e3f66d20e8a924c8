// HTTP/2's windows must not hold a tensor back on a link with a long round trip.
#include <gmock/gmock.h>

#include "fake_handler.hpp"
#include "matchers.hpp"
#include "tandem/link/shaper.hpp"
#include "tandem/rpc/client.hpp"

namespace tandem::rpc {
namespace {

TEST(FlowControl, LargeTensorsCrossALongLinkAtItsRate) {
  const link::Link link{.name = "long", .up = Mbps{80}, .down = Mbps{80}, .rtt = Milliseconds{150}};
  class Sink : public FakeHandler {
    void infer(Call call) override { call.finish(InferAnswer{.model = call.request.model}); }
  } sink;
  const auto server = std::move(*Server::start({}, sink));
  const auto proxy = std::move(*link::ShapingProxy::start({.target = server->address(), .link = link}));
  const auto client = std::move(*Client::connect(proxy->address()));
  ASSERT_THAT(client->server_live(Milliseconds{5000}), IsOk());
  for (const std::int64_t bytes : {1'000'000, 100'000, 1'000'000}) {
    InferRequest request{.model = "sink"};
    request.inputs.push_back({.spec = {.name = "x", .type = network::ElementType::u8, .shape = {bytes}}});
    request.inputs[0].payload.resize(static_cast<std::size_t>(bytes));
    CallTimes times;
    ASSERT_THAT(client->infer(std::move(request), Milliseconds{20000}, &times), IsOk());
    // A window of 64 kB costs at least a round trip more.
    const Milliseconds limit = Bytes{static_cast<double>(bytes)} / link.up + link.rtt;
    EXPECT_LT((times.total - limit).count(), 0.6 * link.rtt.count()) << bytes;
  }
}

}  // namespace
}  // namespace tandem::rpc
