// HOST:PORT as people type it: "127.0.0.1:8001", "localhost:0", "[::1]:8001".
#pragma once

#include <sys/socket.h>

#include <string>

#include "tandem/base/result.hpp"

namespace tandem::link {

// A resolved socket address.
struct Address {
  sockaddr_storage storage{};
  socklen_t length = 0;

  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  [[nodiscard]] sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

// Errors: invalid_argument (not HOST:PORT), not_found (a host name that does not resolve).
Result<Address> resolve(const std::string& host_and_port);

// "127.0.0.1:40123"
std::string to_string(const Address& address);

}  // namespace tandem::link
