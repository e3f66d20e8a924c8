// The independent check of the shaping proxy: the same bytes over TCP between two network namespaces whose veth pair
// the kernel's own token bucket (tbf) and, where there is one, delay (netem) shape. See docs/link-emulation.md.
//
// Needs root and kernel modules; skipped with a message where they are not to be had. All traffic stays inside the two
// namespaces and on loopback.
#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>

#include <cstdlib>
#include <future>

#include "link/tcp.hpp"
#include "matchers.hpp"
#include "tandem/link/shaper.hpp"

namespace tandem::link {
namespace {

bool run(const std::string& command) {
  return std::system((command + " >/dev/null 2>&1").c_str()) == 0;
}

// Two namespaces joined by a shaped veth pair; gone when it dies.
class ShapedNamespaces {
 public:
  static constexpr const char* kServerAddress = "10.213.77.2";

  ~ShapedNamespaces() {
    for (const std::string& name : {device_, cloud_}) (void)run("ip netns del " + name);
  }

  // What is missing; empty where all is there.
  std::string set_up(const Link& link) {
    if (::geteuid() != 0) return "needs root";
    if (!run("ip -V") || !run("tc -V")) return "needs ip and tc (iproute2)";
    if (!run("ip netns add " + device_) || !run("ip netns add " + cloud_))
      return "network namespaces are not permitted";
    if (!run(fmt::format("ip -n {0} link add veth0 type veth peer name veth0 netns {1}", device_, cloud_)) ||
        !run(fmt::format("ip -n {} addr add 10.213.77.1/30 dev veth0", device_)) ||
        !run(fmt::format("ip -n {} addr add {}/30 dev veth0", cloud_, kServerAddress)) ||
        !run(fmt::format("ip -n {} link set veth0 up", device_)) ||
        !run(fmt::format("ip -n {} link set veth0 up", cloud_))) {
      return "the kernel has no veth";
    }
    if (!shape(device_, link.up) || !shape(cloud_, link.down)) return "the kernel has no tbf";
    has_delay_ = delay(device_, link.rtt / 2) && delay(cloud_, link.rtt / 2);
    return {};
  }

  [[nodiscard]] bool has_delay() const { return has_delay_; }
  [[nodiscard]] const std::string& device() const { return device_; }
  [[nodiscard]] const std::string& cloud() const { return cloud_; }

 private:
  static bool shape(const std::string& name, Mbps rate) {
    return run(fmt::format("tc -n {} qdisc add dev veth0 root handle 1: tbf rate {}mbit burst 5kb limit 2mb", name,
                           rate.value));
  }
  static bool delay(const std::string& name, Milliseconds time) {
    return run(fmt::format("tc -n {} qdisc add dev veth0 parent 1:1 handle 10: netem delay {}ms limit 5000", name,
                           time.count()));
  }

  std::string device_ = fmt::format("tandem-{}-device", ::getpid());
  std::string cloud_ = fmt::format("tandem-{}-cloud", ::getpid());
  bool has_delay_ = false;
};

// Makes something while this thread stands in the network namespace `name`: its sockets stay there.
template <class Make>
auto inside(const std::string& name, const Make& make) {
  return std::async(std::launch::async,
                    [&] {
                      const FileDescriptor space(::open(("/run/netns/" + name).c_str(), O_RDONLY | O_CLOEXEC));
                      EXPECT_EQ(::setns(space.get(), CLONE_NEWNET), 0);
                      return make();
                    })
      .get();
}

Milliseconds transfer_time(const Tcp& from, const Tcp& to, std::size_t bytes) {
  const std::vector<char> data(bytes, 'x');
  const Instant start = steady_clock().now();
  auto sender = std::async(std::launch::async, [&] { return from.send_all(data); });
  EXPECT_EQ(to.receive(bytes).size(), bytes);
  const Milliseconds took = steady_clock().now() - start;
  EXPECT_TRUE(sender.get());
  return took;
}

TEST(NetworkNamespaces, AgreeWithTheShapingProxy) {
  Link link{.name = "test", .up = Mbps{20}, .down = Mbps{40}, .rtt = Milliseconds{20}};
  ShapedNamespaces spaces;
  if (const std::string missing = spaces.set_up(link); !missing.empty()) GTEST_SKIP() << missing;
  if (!spaces.has_delay()) {
    link.rtt = Milliseconds{0};
    fmt::print("the kernel has no netem: rates are compared, the round trip is not\n");
  }

  const TcpListener far =
      inside(spaces.cloud(), [] { return TcpListener(fmt::format("{}:0", ShapedNamespaces::kServerAddress)); });
  const Tcp device = inside(spaces.device(), [&] { return Tcp::connect(far.address()); });
  ASSERT_TRUE(device.valid());
  const Tcp cloud = far.accept();

  const TcpListener near;
  const auto proxy = ShapingProxy::start({.target = near.address(), .link = link}).value();
  const Tcp client = Tcp::connect(proxy->address());
  const Tcp server = near.accept();

  // The kernel's bucket counts whole Ethernet frames, ours counts payload: 1448 bytes of 1514, with TCP's timestamps.
  constexpr double kFrame = 1514.0 / 1448.0;
  constexpr std::size_t kBytes = 3'000'000;
  // Headers are accounted for; what remains is TCP's slow start and the bucket's burst.
  constexpr double kTolerance = 0.08;
  for (int attempt = 0; attempt < 3; ++attempt) {
    const double up = transfer_time(device, cloud, kBytes) / transfer_time(client, server, kBytes) / kFrame;
    const double down = transfer_time(cloud, device, kBytes) / transfer_time(server, client, kBytes) / kFrame;
    fmt::print("time in namespaces over time through the proxy, headers taken off: up {:.3f}, down {:.3f}\n", up, down);
    if (std::abs(up - 1) <= kTolerance && std::abs(down - 1) <= kTolerance) return;
  }
  FAIL() << "the proxy and the kernel's shaping disagree by more than " << kTolerance * 100 << " %";
}

}  // namespace
}  // namespace tandem::link
