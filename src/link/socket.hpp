// The few non-blocking TCP calls that the proxy needs, with owned file descriptors.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <utility>

#include "address.hpp"
#include "tandem/base/result.hpp"

namespace tandem::link {

// Closes what it owns.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~FileDescriptor();

  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool valid() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

// Errors: invalid_argument (an address that cannot be listened on, such as a port in use), with the address.
Result<FileDescriptor> listen_on(const Address& address);
// Where a listening socket got port 0 turned into a real one.
Address local_address(const FileDescriptor& socket);

// The next waiting connection; invalid where there is none.
struct Accepted {
  FileDescriptor socket;
  bool out_of_descriptors = false;
};
Accepted accept_from(const FileDescriptor& listener);

// Starts connecting; the socket becomes writable when that has ended. Invalid where it failed at once.
FileDescriptor start_connecting(const Address& target);
// The error a socket met since last asked (0: none).
int pending_error(const FileDescriptor& socket);

// Closing will reset the connection instead of ending it in an orderly way.
void reset_on_close(const FileDescriptor& socket);
// No more will be sent; the peer reads the end of the stream.
void end_sending(const FileDescriptor& socket);

struct Transferred {
  std::size_t bytes = 0;
  enum class State { more, would_block, ended, failed } state = State::more;
};
// At most buffer.size() bytes; `ended` where the peer sends no more.
Transferred receive(const FileDescriptor& socket, std::span<std::byte> buffer);
Transferred send(const FileDescriptor& socket, std::span<const std::byte> data);

}  // namespace tandem::link
