#include "socket.hpp"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace tandem::link {
namespace {

// What the kernel may take from a fast sender before the proxy reads: small, so that the sender feels the link.
constexpr int kReceiveBuffer = 256 * 1024;

void set_option(int fd, int level, int option, int value) {
  ::setsockopt(fd, level, option, &value, sizeof value);
}

Transferred outcome(ssize_t result) {
  using State = Transferred::State;
  if (result > 0) return {static_cast<std::size_t>(result), State::more};
  if (result == 0) return {0, State::ended};
  if (errno == EAGAIN || errno == EWOULDBLOCK) return {0, State::would_block};
  if (errno == EINTR) return {0, State::more};
  return {0, State::failed};
}

}  // namespace

FileDescriptor::~FileDescriptor() {
  if (fd_ >= 0) ::close(fd_);
}

Result<FileDescriptor> listen_on(const Address& address) {
  FileDescriptor socket(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.valid()) return fail(Errc::unavailable, fmt::format("no socket to be had: {}", std::strerror(errno)));
  set_option(socket.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  set_option(socket.get(), SOL_SOCKET, SO_RCVBUF, kReceiveBuffer);  // before listen(), so that accepted ones inherit it
  if (::bind(socket.get(), address.get(), address.length) != 0 || ::listen(socket.get(), SOMAXCONN) != 0) {
    const std::string reason = std::strerror(errno);
    return fail(Errc::invalid_argument, fmt::format("cannot listen on {}: {}", to_string(address), reason));
  }
  return socket;
}

Address local_address(const FileDescriptor& socket) {
  Address address;
  address.length = sizeof address.storage;
  ::getsockname(socket.get(), address.get(), &address.length);
  return address;
}

Accepted accept_from(const FileDescriptor& listener) {
  FileDescriptor socket(::accept4(listener.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  const bool out_of_descriptors = !socket.valid() && (errno == EMFILE || errno == ENFILE);
  if (socket.valid()) set_option(socket.get(), IPPROTO_TCP, TCP_NODELAY, 1);
  return {std::move(socket), out_of_descriptors};
}

FileDescriptor start_connecting(const Address& target) {
  FileDescriptor socket(::socket(target.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.valid()) return socket;
  set_option(socket.get(), IPPROTO_TCP, TCP_NODELAY, 1);
  set_option(socket.get(), SOL_SOCKET, SO_RCVBUF, kReceiveBuffer);
  if (::connect(socket.get(), target.get(), target.length) != 0 && errno != EINPROGRESS) return FileDescriptor{};
  return socket;
}

int pending_error(const FileDescriptor& socket) {
  int error = 0;
  socklen_t length = sizeof error;
  ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &length);
  return error;
}

void reset_on_close(const FileDescriptor& socket) {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

void end_sending(const FileDescriptor& socket) {
  ::shutdown(socket.get(), SHUT_WR);
}

Transferred receive(const FileDescriptor& socket, std::span<std::byte> buffer) {
  return outcome(::recv(socket.get(), buffer.data(), buffer.size(), 0));
}

Transferred send(const FileDescriptor& socket, std::span<const std::byte> data) {
  return outcome(::send(socket.get(), data.data(), data.size(), MSG_NOSIGNAL));
}

}  // namespace tandem::link
