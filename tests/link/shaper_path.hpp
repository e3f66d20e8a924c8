// A shaping proxy between two ends of a test's own.
#pragma once

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <vector>

#include "tandem/base/clock.hpp"
#include "tandem/base/random.hpp"
#include "tandem/link/shaper.hpp"
#include "tcp.hpp"

namespace tandem::link {

inline Link link_of(double up, double down, double rtt) {
  return {.name = "test", .up = Mbps{up}, .down = Mbps{down}, .rtt = Milliseconds{rtt}};
}

inline std::vector<char> noise(std::size_t size, std::uint64_t seed = 1) {
  Random random(seed);
  std::vector<char> data(size);
  for (char& c : data) c = static_cast<char>(random.next());
  return data;
}

inline Milliseconds since(Instant start) {
  return steady_clock().now() - start;
}

// A proxy in front of a listener, and one connection through both.
struct Path {
  explicit Path(const Link& link) : proxy(ShapingProxy::start({.target = listener.address(), .link = link}).value()) {
    client = Tcp::connect(proxy->address());
    server = listener.accept();
  }
  TcpListener listener;
  std::unique_ptr<ShapingProxy> proxy;
  Tcp client, server;
};

// Time from the first byte sent to the last received; checks that they are the same bytes.
inline Milliseconds transfer_time(const Tcp& from, const Tcp& to, std::size_t bytes) {
  const std::vector<char> data = noise(bytes);
  const Instant start = steady_clock().now();
  auto sender = std::async(std::launch::async, [&] { return from.send_all(data); });
  const std::vector<char> got = to.receive(bytes);
  const Milliseconds took = since(start);
  EXPECT_TRUE(sender.get());
  EXPECT_TRUE(got == data);
  return took;
}

}  // namespace tandem::link
