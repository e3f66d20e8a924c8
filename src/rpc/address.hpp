// HOST:PORT, checked before gRPC sees it.
#pragma once

#include <cstdint>
#include <string>

#include "tandem/base/result.hpp"

namespace tandem::rpc {

struct Address {
  std::string host;  // a name, an IPv4 address, or an IPv6 address without its brackets
  std::uint16_t port = 0;
};

// "cloud:8001", "127.0.0.1:0", "[::1]:8001". Error: invalid_argument with an example.
Result<Address> parse_address(const std::string& text);

// "HOST:PORT", with brackets where the host is an IPv6 address.
std::string to_string(const Address& address);

// Why a server cannot listen there, asked of the operating system: "address already in use".
std::string why_not_listening(const Address& address);

}  // namespace tandem::rpc
