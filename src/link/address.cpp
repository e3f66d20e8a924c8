#include "address.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>

#include <cstring>
#include <memory>

#include "tandem/base/number.hpp"

namespace tandem::link {
namespace {

tl::unexpected<Error> not_an_address(const std::string& text) {
  return fail(Errc::invalid_argument, fmt::format("'{}' is not HOST:PORT, as in 127.0.0.1:8001", text));
}

}  // namespace

Result<Address> resolve(const std::string& host_and_port) {
  const std::size_t colon = host_and_port.rfind(':');
  if (colon == std::string::npos || colon == 0) return not_an_address(host_and_port);
  std::string host = host_and_port.substr(0, colon);
  const std::string port = host_and_port.substr(colon + 1);
  if (!parse_number<std::uint16_t>(port)) return not_an_address(host_and_port);
  if (host.front() == '[' && host.back() == ']')
    host = host.substr(1, host.size() - 2);
  else if (host.find(':') != std::string::npos)
    return not_an_address(host_and_port);  // IPv6 needs brackets

  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int code = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &found); code != 0) {
    return fail(Errc::not_found, fmt::format("'{}': host cannot be resolved: {}", host_and_port, ::gai_strerror(code)));
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
  Address address;
  std::memcpy(&address.storage, found->ai_addr, found->ai_addrlen);
  address.length = found->ai_addrlen;
  return address;
}

std::string to_string(const Address& address) {
  char text[INET6_ADDRSTRLEN] = {};
  if (address.storage.ss_family == AF_INET6) {
    const auto& in6 = reinterpret_cast<const sockaddr_in6&>(address.storage);
    ::inet_ntop(AF_INET6, &in6.sin6_addr, text, sizeof text);
    return fmt::format("[{}]:{}", text, ntohs(in6.sin6_port));
  }
  const auto& in = reinterpret_cast<const sockaddr_in&>(address.storage);
  ::inet_ntop(AF_INET, &in.sin_addr, text, sizeof text);
  return fmt::format("{}:{}", text, ntohs(in.sin_port));
}

}  // namespace tandem::link
