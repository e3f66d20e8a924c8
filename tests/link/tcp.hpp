// Blocking TCP on loopback for tests, with the times at which bytes came.
#pragma once

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "address.hpp"
#include "socket.hpp"
#include "tandem/base/clock.hpp"

namespace tandem::link {

class Tcp {
 public:
  Tcp() = default;
  explicit Tcp(FileDescriptor fd) : fd_(std::move(fd)) {
    const int one = 1;
    ::setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    const timeval patience{.tv_sec = 20, .tv_usec = 0};  // a test fails rather than hangs
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  }

  static Tcp connect(const std::string& address) {
    const Address to = resolve(address).value();
    FileDescriptor fd(::socket(to.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (::connect(fd.get(), to.get(), to.length) != 0) return {};
    return Tcp(std::move(fd));
  }

  [[nodiscard]] bool valid() const { return fd_.valid(); }
  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] bool send_all(const std::vector<char>& data) const {
    std::size_t sent = 0;
    while (sent < data.size()) {
      const ssize_t n = ::send(fd_.get(), data.data() + sent, data.size() - sent, MSG_NOSIGNAL);
      if (n <= 0) return false;
      sent += static_cast<std::size_t>(n);
    }
    return true;
  }
  // Exactly `size` bytes, or fewer where the stream ends or fails before.
  [[nodiscard]] std::vector<char> receive(std::size_t size) const {
    std::vector<char> data(size);
    std::size_t got = 0;
    while (got < size) {
      const ssize_t n = ::recv(fd_.get(), data.data() + got, size - got, 0);
      if (n <= 0) break;
      got += static_cast<std::size_t>(n);
    }
    data.resize(got);
    return data;
  }
  // Whether the peer has ended its stream in order (0) or broken it (an error).
  [[nodiscard]] ssize_t read_end() const {
    char byte = 0;
    return ::recv(fd_.get(), &byte, 1, 0);
  }
  void end_sending() const { ::shutdown(fd_.get(), SHUT_WR); }
  void reset() {
    reset_on_close(fd_);
    fd_ = FileDescriptor{};
  }
  void close() { fd_ = FileDescriptor{}; }

 private:
  FileDescriptor fd_;
};

class TcpListener {
 public:
  explicit TcpListener(const std::string& address = "127.0.0.1:0") : fd_(listen_on(resolve(address).value()).value()) {}
  [[nodiscard]] std::string address() const { return to_string(local_address(fd_)); }
  [[nodiscard]] Tcp accept() const {
    pollfd waiting{.fd = fd_.get(), .events = POLLIN, .revents = 0};
    if (::poll(&waiting, 1, 20'000) != 1) return {};
    return Tcp(FileDescriptor(::accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC)));
  }

 private:
  FileDescriptor fd_;
};

}  // namespace tandem::link
