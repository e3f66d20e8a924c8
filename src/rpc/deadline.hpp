// A deadline of ours on gRPC's clock.
#pragma once

#include <grpcpp/client_context.h>

#include <algorithm>
#include <chrono>

#include "tandem/base/units.hpp"

namespace tandem::rpc {

inline void set_deadline(grpc::ClientContext& context, Milliseconds deadline) {
  // Bounded, because a deadline beyond what the clock can express would wrap into the past.
  const Milliseconds bounded = std::clamp(deadline, Milliseconds{0}, Milliseconds{std::chrono::hours{24}});
  context.set_deadline(std::chrono::system_clock::now() +
                       std::chrono::duration_cast<std::chrono::nanoseconds>(bounded));
}

}  // namespace tandem::rpc
