// What every call that comes in is asked first.
#pragma once

#include <fmt/format.h>
#include <grpcpp/server_context.h>

#include <chrono>
#include <string>

#include "tandem/base/clock.hpp"
#include "tandem/base/result.hpp"

namespace tandem::rpc {

inline constexpr const char* kVersion = "1";  // of every model: the protocol wants numbers

inline Status check_version(const std::string& model, const std::string& version) {
  if (version.empty() || version == kVersion) return {};
  return fail(Errc::not_found, fmt::format("model '{}' has no version '{}', only {}", model, version, kVersion));
}

// The client's deadline on our own clock.
inline Instant deadline_of(const grpc::CallbackServerContext& context) {
  const auto deadline = context.deadline();
  if (deadline == std::chrono::system_clock::time_point::max()) return Instant::max();
  return steady_clock().now() + Milliseconds(deadline - std::chrono::system_clock::now());
}

}  // namespace tandem::rpc
