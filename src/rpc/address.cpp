#include "address.hpp"

#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "tandem/base/number.hpp"

namespace tandem::rpc {

Result<Address> parse_address(const std::string& text) {
  const auto refuse = [&text] {
    return fail(Errc::invalid_argument,
                fmt::format("'{}' is no address: give HOST:PORT, for example 127.0.0.1:8001", text));
  };
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0) return refuse();
  Address address{.host = text.substr(0, colon)};
  const bool has_brackets = address.host.size() > 2 && address.host.front() == '[' && address.host.back() == ']';
  if (has_brackets) address.host = address.host.substr(1, address.host.size() - 2);
  const bool has_colon = address.host.find(':') != std::string::npos;
  if (has_brackets != has_colon || address.host.find_first_of(" /,[]") != std::string::npos) return refuse();
  const auto port = parse_number<std::uint16_t>(std::string_view(text).substr(colon + 1));
  if (!port) return refuse();
  address.port = *port;
  return address;
}

std::string to_string(const Address& address) {
  const bool is_v6 = address.host.find(':') != std::string::npos;
  return is_v6 ? fmt::format("[{}]:{}", address.host, address.port) : fmt::format("{}:{}", address.host, address.port);
}

std::string why_not_listening(const Address& address) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  const std::string port = std::to_string(address.port);
  if (const int error = ::getaddrinfo(address.host.c_str(), port.c_str(), &hints, &found); error != 0) {
    return ::gai_strerror(error);
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, ::freeaddrinfo);
  const int socket = ::socket(found->ai_family, SOCK_STREAM, 0);
  if (socket < 0) return std::strerror(errno);
  const bool bound = ::bind(socket, found->ai_addr, found->ai_addrlen) == 0 && ::listen(socket, 1) == 0;
  std::string reason = bound ? "the port was not free a moment ago" : std::strerror(errno);
  ::close(socket);
  return reason;
}

}  // namespace tandem::rpc
