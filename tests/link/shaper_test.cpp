#include "tandem/link/shaper.hpp"

#include <fcntl.h>

#include <algorithm>
#include <future>
#include <thread>

#include "matchers.hpp"
#include "shaper_path.hpp"

namespace tandem::link {
namespace {

using ::testing::HasSubstr;

TEST(ShapingProxy, AnIdleLinkSavesUpNoCredit) {
  const Path path(link_of(10, 10, 0));
  (void)transfer_time(path.client, path.server, 50'000);
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_GE(transfer_time(path.client, path.server, 50'000).count(), 40 - 0.2);
}

TEST(ShapingProxy, PassesOnAHalfClose) {
  const Path path(link_of(50, 50, 4));
  EXPECT_TRUE(path.client.send_all(noise(10'000)));
  path.client.end_sending();
  EXPECT_EQ(path.server.receive(10'000).size(), 10'000U);
  EXPECT_EQ(path.server.read_end(), 0);
  EXPECT_TRUE(path.server.send_all(noise(20'000)));  // the other direction still works
  path.server.end_sending();
  EXPECT_EQ(path.client.receive(20'000).size(), 20'000U);
  EXPECT_EQ(path.client.read_end(), 0);
}

TEST(ShapingProxy, PassesOnAnEndWithoutAnyBytes) {
  Path path(link_of(50, 50, 4));
  path.client.close();
  EXPECT_EQ(path.server.read_end(), 0);
}

TEST(ShapingProxy, PassesOnAReset) {
  Path path(link_of(50, 50, 4));
  EXPECT_TRUE(path.client.send_all(noise(10)));
  EXPECT_EQ(path.server.receive(10).size(), 10U);
  path.client.reset();
  EXPECT_EQ(path.server.read_end(), -1);
  EXPECT_EQ(errno, ECONNRESET);
}

TEST(ShapingProxy, ClosesTheClientWhenTheTargetClosesHalfWay) {
  Path path(link_of(10, 10, 4));
  auto sender = std::async(std::launch::async, [&] { return path.client.send_all(noise(5'000'000)); });
  (void)path.server.receive(10'000);
  path.server.close();  // with unread bytes: a reset
  EXPECT_FALSE(sender.get());
}

TEST(ShapingProxy, ClosesTheClientWhenTheTargetCannotBeReached) {
  std::string nobody;
  {
    nobody = TcpListener().address();
  }
  const auto proxy = ShapingProxy::start({.target = nobody, .link = link_of(10, 10, 4)}).value();
  const Tcp client = Tcp::connect(proxy->address());
  EXPECT_LE(client.read_end(), 0);
  const Tcp again = Tcp::connect(proxy->address());  // the proxy itself lives on
  EXPECT_LE(again.read_end(), 0);
}

TEST(ShapingProxy, HoldsBackASenderWhoseReceiverDoesNotRead) {
  const Path path(link_of(1000, 1000, 10));
  const int flags = ::fcntl(path.client.fd(), F_GETFL);
  ::fcntl(path.client.fd(), F_SETFL, flags | O_NONBLOCK);
  const std::vector<char> block(std::size_t{64} * 1024);
  std::size_t taken = 0;
  Instant last_progress = steady_clock().now();
  while (since(last_progress) < Milliseconds{300} && taken < 200'000'000) {
    const ssize_t n = ::send(path.client.fd(), block.data(), block.size(), MSG_NOSIGNAL);
    if (n > 0) {
      taken += static_cast<std::size_t>(n);
      last_progress = steady_clock().now();
    } else {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
  // The kernel's buffers on both sides, up to a few megabytes each, and the proxy's own 2 MB.
  EXPECT_LT(taken, 40'000'000U);
}

TEST(ShapingProxy, CountsWhatCrossed) {
  const Path path(link_of(100, 100, 2));
  (void)transfer_time(path.client, path.server, 12'345);
  (void)transfer_time(path.server, path.client, 678);
  EXPECT_EQ(path.proxy->traffic().up_bytes, 12'345U);
  EXPECT_EQ(path.proxy->traffic().down_bytes, 678U);
}

TEST(ShapingProxy, SurvivesManyShortConnections) {
  const TcpListener listener;
  const auto proxy = ShapingProxy::start({.target = listener.address(), .link = link_of(1000, 1000, 1)}).value();
  for (int i = 0; i < 200; ++i) {
    Tcp client = Tcp::connect(proxy->address());
    Tcp server = listener.accept();
    ASSERT_TRUE(client.valid() && server.valid());
    if (i % 3 == 0) client.reset();
    if (i % 3 == 1) server.reset();
    if (i % 3 == 2) {
      EXPECT_TRUE(client.send_all(noise(100)));
    }
  }
  const Tcp client = Tcp::connect(proxy->address());
  const Tcp server = listener.accept();
  EXPECT_TRUE(client.send_all(noise(100)));
  EXPECT_EQ(server.receive(100).size(), 100U);
}

TEST(ShapingProxy, EndsWithConnectionsOpen) {
  Path path(link_of(1, 1, 1000));
  EXPECT_TRUE(path.client.send_all(noise(10'000)));
  path.proxy.reset();
  EXPECT_LE(path.client.read_end(), 0);
}

TEST(ShapingProxy, RefusesBadOptions) {
  EXPECT_THAT(ShapingProxy::start({.target = "127.0.0.1:1", .link = link_of(0, 1, 1)}),
              HasErrc(Errc::invalid_argument, HasSubstr("rates must be above 0")));
  EXPECT_THAT(ShapingProxy::start({.target = "nowhere", .link = link_of(1, 1, 1)}),
              HasErrc(Errc::invalid_argument, HasSubstr("'nowhere' is not HOST:PORT")));
  EXPECT_THAT(ShapingProxy::start({.target = "127.0.0.1:99999", .link = link_of(1, 1, 1)}),
              HasErrc(Errc::invalid_argument, HasSubstr("HOST:PORT")));
  const TcpListener listener;
  EXPECT_THAT(
      ShapingProxy::start(
          {.target = "127.0.0.1:1", .listen = "127.0.0.1:" + listener.address().substr(10), .link = link_of(1, 1, 1)}),
      HasErrc(Errc::invalid_argument, HasSubstr(listener.address())));
}

}  // namespace
}  // namespace tandem::link
