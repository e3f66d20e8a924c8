// A TCP proxy that makes loopback behave like a wireless link: a token bucket per direction and a propagation delay.
// Needs no root.
//
//   auto proxy = ShapingProxy::start({.target = "127.0.0.1:8001", .link = *link::find("3g")});
//   connect_to(proxy->address());        // "127.0.0.1:port"
//   proxy->set_link(*link::find("4g"));  // from the next chunk on
//
// A byte leaves a direction's bucket at the link's rate, counted over TCP payload and all connections together, and
// arrives rtt/2 later. Buffers are bounded; a fast sender is held back by TCP itself. A peer that closes half is passed
// on. Thread rule: all functions are safe from any thread; the proxy runs on threads of its own until destroyed.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "tandem/base/result.hpp"
#include "tandem/link/link.hpp"

namespace tandem::link {

struct ShaperOptions {
  std::string target;                  // HOST:PORT that connections are passed on to
  std::string listen = "127.0.0.1:0";  // port 0: any free port
  Link link;
};

class ShapingProxy {
 public:
  struct Traffic {
    std::uint64_t up_bytes = 0;  // client to target
    std::uint64_t down_bytes = 0;
  };

  // Error: invalid_argument (an address that does not parse or cannot be listened on, such as a port in use; a rate of
  // zero).
  static Result<std::unique_ptr<ShapingProxy>> start(const ShaperOptions& options);
  virtual ~ShapingProxy() = default;

  [[nodiscard]] virtual std::string address() const = 0;
  virtual void set_link(const Link& link) = 0;
  // Bytes passed so far, for measuring what really crossed.
  [[nodiscard]] virtual Traffic traffic() const = 0;
};

}  // namespace tandem::link
