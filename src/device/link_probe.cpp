#include "tandem/device/link_probe.hpp"

#include <fmt/format.h>

#include <memory>

#include "tandem/base/clock.hpp"
#include "tandem/rpc/client.hpp"
#include "tandem/rpc/echo.hpp"
#include "tandem/rpc/link_probe.hpp"

namespace tandem::device {
namespace {

Result<Milliseconds> exchange(rpc::Client& client, std::size_t up, std::size_t down, Milliseconds deadline) {
  if (up == 0 && down == 0) {  // the call with the fewest bytes of its own
    const Instant start = steady_clock().now();
    if (const Status live = client.server_live(deadline); !live) return forward_error(live);
    return steady_clock().now() - start;
  }
  rpc::CallTimes times;
  const auto answer = client.infer(rpc::link_probe_request(up, down), deadline, &times);
  if (!answer) return forward_error(answer);
  if (answer->outputs.size() != 1 || answer->outputs.front().payload.size() != down) {
    return fail(Errc::data_loss, fmt::format("asked for {} bytes, the answer has others", down));
  }
  return times.total;
}

// A call between two ends on this machine, after a pause as a link makes it, in which its processor may doze off.
Result<Milliseconds> call_after_pause(rpc::EchoPair& echo) {
  constexpr Milliseconds kPause{20};
  steady_clock().sleep_until(steady_clock().now() + kPause);
  return echo.call({});
}

}  // namespace

Result<link::Measurement> probe_link(const std::string& address, const LinkProbeOptions& options) {
  const auto client = rpc::Client::connect(address);
  if (!client) return forward_error(client);
  if (const auto offered = (*client)->model_ready(std::string(rpc::kLinkProbeModel), options.deadline); !offered) {
    const Errc code = offered.error().code;
    if (code == Errc::unavailable || code == Errc::deadline_exceeded) return forward_error(offered);
    return fail(Errc::unimplemented,
                fmt::format("server {} does not offer the model '{}'; probe a link to 'tandem serve'", address,
                            rpc::kLinkProbeModel));
  }
  const auto echo = rpc::EchoPair::start();
  if (!echo) return forward_error(echo);
  for (int warm_up = 0; warm_up < 2; ++warm_up) {
    if (const auto took = call_after_pause(**echo); !took) return forward_error(took);
  }
  return link::probe([&](std::size_t up, std::size_t down) { return exchange(**client, up, down, options.deadline); },
                     {.budget_bytes = options.budget_bytes,
                      .max_exchange_bytes = rpc::kMaxLinkProbeBytes,
                      .overhead_up = kCallUp,
                      .overhead_down = kCallDown,
                      .own_work = [&echo] { return call_after_pause(**echo); },
                      .progress = options.progress});
}

}  // namespace tandem::device
