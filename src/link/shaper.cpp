#include "tandem/link/shaper.hpp"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cmath>
#include <cstring>
#include <deque>
#include <limits>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "pacer.hpp"
#include "socket.hpp"
#include "tandem/base/clock.hpp"
#include "tandem/base/log.hpp"

namespace tandem::link {
namespace {

using Buffer = std::vector<std::byte>;

// A sleeping processor takes so long to notice a timer, and a link has no such delay: the timer is set earlier by that
// much, and the rest is waited out awake.
constexpr Milliseconds kWakingUp{0.08};

constexpr Instant kNever{Milliseconds{std::numeric_limits<double>::infinity()}};

// One direction of one connection: bytes are read from `source`, cross the link, arrive, and are written to `sink`.
struct Pipe {
  FileDescriptor* source = nullptr;
  FileDescriptor* sink = nullptr;
  bool readable = false;   // as far as epoll has told
  bool ended = false;      // nothing more will be read
  bool queued = false;     // stands in the direction's queue of readable pipes
  std::size_t inside = 0;  // bytes read and not yet written
  std::deque<Buffer> arrived{};
  std::size_t written = 0;  // of arrived.front()
  bool end_arrived = false;
  bool end_sent = false;
};

struct Connection {
  FileDescriptor client, target;
  bool connected = false;  // to the target
  bool closed = false;
  Pipe up{.source = &client, .sink = &target};
  Pipe down{.source = &target, .sink = &client};
};
using ConnectionPtr = std::shared_ptr<Connection>;

struct Chunk {
  enum class Kind { bytes, end, reset } kind = Kind::bytes;
  Instant arrival{};
  ConnectionPtr connection;
  Buffer bytes;
};

// One direction of the link, shared by all connections.
struct Direction {
  Pipe Connection::* pipe;
  Pacer pacer;
  std::deque<ConnectionPtr> readable{};  // take turns
  std::deque<Chunk> on_the_way{};        // in order of arrival
  std::atomic<std::uint64_t> passed{0};
};

// Who an epoll event is about: the proxy's own descriptors, or a side of a connection.
enum Token : std::uint64_t { kListener, kWakeUp, kTimer, kFirstConnection };
constexpr std::uint64_t token_of(std::uint64_t connection, bool target) {
  return connection * 2 + (target ? 1 : 0);
}

class Proxy final : public ShapingProxy {
 public:
  Proxy(FileDescriptor listener, const Address& target, const Link& link)
      : listener_(std::move(listener)),
        target_(target),
        address_(to_string(local_address(listener_))),
        epoll_(::epoll_create1(EPOLL_CLOEXEC)),
        wake_up_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
        timer_(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)),
        up_{.pipe = &Connection::up, .pacer = Pacer(link.up, link.rtt / 2)},
        down_{.pipe = &Connection::down, .pacer = Pacer(link.down, link.rtt / 2)} {}

  ~Proxy() override {
    stop_ = true;
    wake_up();
    if (thread_.joinable()) thread_.join();
  }

  Status begin() {
    if (!epoll_.valid() || !wake_up_.valid() || !timer_.valid()) {
      return fail(Errc::resource_exhausted, "no file descriptors left for the shaping proxy");
    }
    watch(listener_, kListener, EPOLLIN);
    watch(wake_up_, kWakeUp, EPOLLIN);
    watch(timer_, kTimer, EPOLLIN);
    thread_ = std::thread([this] { run(); });
    return {};
  }

  [[nodiscard]] std::string address() const override { return address_; }

  void set_link(const Link& link) override {
    {
      const std::lock_guard lock(mutex_);
      next_link_ = link;
    }
    wake_up();
  }

  [[nodiscard]] Traffic traffic() const override { return {up_.passed.load(), down_.passed.load()}; }

 private:
  void run() {
    while (!stop_) {
      take_next_link();
      for (Direction* direction : {&up_, &down_}) {
        const Instant now = steady_clock().now();
        deliver(*direction, now);
        admit(*direction, now);
      }
      set_timer(std::min(next_event(up_), next_event(down_)));
      wait();
    }
  }

  void take_next_link() {
    const std::lock_guard lock(mutex_);
    if (!next_link_) return;
    up_.pacer.change(next_link_->up, next_link_->rtt / 2);
    down_.pacer.change(next_link_->down, next_link_->rtt / 2);
    next_link_.reset();
  }

  // Reads from the pipes in turn and books the link for what they hold, until it is booked far enough ahead.
  void admit(Direction& direction, Instant now) {
    while (!direction.readable.empty() && direction.pacer.has_room(now)) {
      const ConnectionPtr connection = std::move(direction.readable.front());
      direction.readable.pop_front();
      Pipe& pipe = (*connection).*direction.pipe;
      pipe.queued = false;
      if (connection->closed) continue;
      const Transferred got = receive(*pipe.source, std::span(scratch_).first(direction.pacer.chunk_bytes()));
      switch (got.state) {
        case Transferred::State::would_block: pipe.readable = false; continue;
        case Transferred::State::more: break;
        case Transferred::State::ended:
        case Transferred::State::failed: pipe.ended = true; break;
      }
      const auto kind = got.state == Transferred::State::more    ? Chunk::Kind::bytes
                        : got.state == Transferred::State::ended ? Chunk::Kind::end
                                                                 : Chunk::Kind::reset;
      const Instant arrival = direction.pacer.enter(now, got.bytes);
      pipe.inside += got.bytes;
      direction.on_the_way.push_back(
          {kind, arrival, connection, Buffer(scratch_.begin(), scratch_.begin() + static_cast<long>(got.bytes))});
      queue_if_readable(direction, connection);
    }
    direction.pacer.set_backlogged(!direction.readable.empty());
  }

  void queue_if_readable(Direction& direction, const ConnectionPtr& connection) {
    Pipe& pipe = (*connection).*direction.pipe;
    if (!pipe.readable || pipe.ended || pipe.queued || pipe.inside >= direction.pacer.capacity()) return;
    pipe.queued = true;
    direction.readable.push_back(connection);
  }

  void deliver(Direction& direction, Instant now) {
    while (!direction.on_the_way.empty() && direction.on_the_way.front().arrival <= now) {
      Chunk chunk = std::move(direction.on_the_way.front());
      direction.on_the_way.pop_front();
      direction.passed += chunk.bytes.size();
      Connection& connection = *chunk.connection;
      if (connection.closed) continue;
      Pipe& pipe = connection.*direction.pipe;
      switch (chunk.kind) {
        case Chunk::Kind::bytes: pipe.arrived.push_back(std::move(chunk.bytes)); break;
        case Chunk::Kind::end: pipe.end_arrived = true; break;
        case Chunk::Kind::reset: abort(connection); continue;
      }
      write_out(direction, chunk.connection);
    }
  }

  // Hands what has arrived to the sink, as far as it takes it.
  void write_out(Direction& direction, const ConnectionPtr& connection) {
    if (connection->closed || !connection->connected) return;
    Pipe& pipe = (*connection).*direction.pipe;
    while (!pipe.arrived.empty()) {
      const Buffer& front = pipe.arrived.front();
      if (pipe.written == front.size()) {
        pipe.arrived.pop_front();
        pipe.written = 0;
        continue;
      }
      const Transferred sent = send(*pipe.sink, std::span(front).subspan(pipe.written));
      if (sent.state == Transferred::State::failed) return abort(*connection);
      if (sent.state == Transferred::State::would_block) return;
      pipe.written += sent.bytes;
      pipe.inside -= sent.bytes;
      queue_if_readable(direction, connection);
    }
    if (pipe.end_arrived && !pipe.end_sent) {
      end_sending(*pipe.sink);
      pipe.end_sent = true;
      if (connection->up.end_sent && connection->down.end_sent) close(*connection);
    }
  }

  // An end that one peer did not announce is passed on as such.
  void abort(Connection& connection) {
    if (connection.closed) return;
    if (connection.client.valid()) reset_on_close(connection.client);
    if (connection.target.valid()) reset_on_close(connection.target);
    close(connection);
  }

  // The descriptors close; what is still on the way finds `closed` and is dropped. The table forgets the connection
  // after this round, since events of the round may still name it.
  void close(Connection& connection) {
    connection.closed = true;
    connection.client = FileDescriptor{};
    connection.target = FileDescriptor{};
    connection.up.arrived.clear();
    connection.down.arrived.clear();
    some_closed_ = true;
  }

  static Instant next_event(const Direction& direction) {
    const Instant arrival = direction.on_the_way.empty() ? kNever : direction.on_the_way.front().arrival;
    return direction.readable.empty() ? arrival : std::min(arrival, direction.pacer.next_room());
  }

  void set_timer(Instant when) {
    if (when == timer_set_to_) return;
    timer_set_to_ = when;
    if (when != kNever) when -= kWakingUp;
    itimerspec spec{};  // all zero: disarmed
    if (when != kNever) {
      const double seconds = std::max(when.time_since_epoch().count(), 1e-3) / 1e3;
      spec.it_value.tv_sec = static_cast<time_t>(seconds);
      spec.it_value.tv_nsec =
          std::min(999'999'999L, static_cast<long>(std::ceil((seconds - std::floor(seconds)) * 1e9)));
    }
    ::timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &spec, nullptr);
  }

  void wait() {
    std::array<epoll_event, 64> events;
    const bool soon = timer_set_to_ - steady_clock().now() < kWakingUp;
    const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), soon ? 0 : -1);
    for (int i = 0; i < count; ++i) handle(events[static_cast<std::size_t>(i)]);
    if (some_closed_) {
      std::erase_if(connections_, [](const auto& entry) { return entry.second->closed; });
      some_closed_ = false;
      if (accept_later_) accept_all();  // descriptors have become free
    }
  }

  void handle(const epoll_event& event) {
    switch (event.data.u64) {
      case kListener: accept_all(); return;
      case kWakeUp: drain(wake_up_); return;
      case kTimer:
        drain(timer_);  // it is nearly, not quite, the time it was set for: `timer_set_to_` stays until then
        return;
      default: break;
    }
    const auto found = connections_.find(event.data.u64 / 2);
    if (found == connections_.end() || found->second->closed) return;
    const ConnectionPtr connection = found->second;
    const bool from_target = event.data.u64 % 2 == 1;
    if (from_target && !connection->connected) {
      if (const int error = pending_error(connection->target); error != 0) {
        logger().debug("shaping proxy: {} cannot be reached: {}", to_string(target_), std::strerror(error));
        return abort(*connection);
      }
      connection->connected = true;
    }
    if ((event.events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0U) {
      Direction& direction = from_target ? down_ : up_;
      ((*connection).*direction.pipe).readable = true;
      queue_if_readable(direction, connection);
    }
    if ((event.events & EPOLLOUT) != 0U) write_out(from_target ? up_ : down_, connection);
  }

  void accept_all() {
    accept_later_ = false;
    for (;;) {
      Accepted accepted = accept_from(listener_);
      if (!accepted.socket.valid()) {
        if (accepted.out_of_descriptors) pause_accepting();
        return;
      }
      auto connection = std::make_shared<Connection>();
      connection->client = std::move(accepted.socket);
      connection->target = start_connecting(target_);
      if (!connection->target.valid()) {
        abort(*connection);
        continue;
      }
      const std::uint64_t id = next_connection_++;
      connections_.emplace(id, connection);
      constexpr std::uint32_t kAll = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
      watch(connection->client, token_of(id, false), kAll);
      watch(connection->target, token_of(id, true), kAll);
    }
  }

  // Waiting connections would wake us without end while there is no descriptor for them.
  void pause_accepting() {
    if (!accept_later_) logger().warn("shaping proxy: out of file descriptors, new connections wait");
    accept_later_ = true;
    epoll_event event{.events = EPOLLIN | EPOLLET, .data = {.u64 = kListener}};
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, listener_.get(), &event);
  }

  void watch(const FileDescriptor& descriptor, std::uint64_t token, std::uint32_t events) {
    epoll_event event{.events = events, .data = {.u64 = token}};
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor.get(), &event);
  }

  // Reads the counter of an eventfd or timerfd, so that it is no longer readable.
  static void drain(const FileDescriptor& counter) {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto read = ::read(counter.get(), &count, sizeof count);
  }

  void wake_up() {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(wake_up_.get(), &one, sizeof one);
  }

  FileDescriptor listener_;
  Address target_;
  std::string address_;
  FileDescriptor epoll_, wake_up_, timer_;
  Instant timer_set_to_ = kNever;
  Direction up_, down_;
  Buffer scratch_ = Buffer(std::size_t{256} * 1024);
  std::unordered_map<std::uint64_t, ConnectionPtr> connections_;
  std::uint64_t next_connection_ = (kFirstConnection + 1) / 2;
  bool some_closed_ = false;
  bool accept_later_ = false;

  std::mutex mutex_;
  std::optional<Link> next_link_;  // guarded by mutex_
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<ShapingProxy>> ShapingProxy::start(const ShaperOptions& options) {
  if (!(options.link.up.value > 0) || !(options.link.down.value > 0)) {
    return fail(Errc::invalid_argument, fmt::format("link '{}': both rates must be above 0 Mbps", options.link.name));
  }
  if (!(options.link.rtt.count() >= 0)) {
    return fail(Errc::invalid_argument,
                fmt::format("link '{}': the round trip must not be negative", options.link.name));
  }
  const Result<Address> target = resolve(options.target);
  if (!target) return forward_error(target, "target");
  const Result<Address> listen = resolve(options.listen);
  if (!listen) return forward_error(listen, "listen");
  Result<FileDescriptor> listener = listen_on(*listen);
  if (!listener) return forward_error(listener);
  auto proxy = std::make_unique<Proxy>(std::move(*listener), *target, options.link);
  if (const Status begun = proxy->begin(); !begun) return forward_error(begun);
  return proxy;
}

}  // namespace tandem::link
