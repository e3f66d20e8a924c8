// A plain gRPC echo: sends bytes, gets the same bytes back. The yardstick for what our own calls cost on top.
//
//   auto echo = EchoPair::start();
//   Result<Milliseconds> took = (*echo)->call(payload);   // a whole call over loopback
//
// Thread rule: call() is safe from any thread.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "tandem/base/result.hpp"
#include "tandem/base/units.hpp"

namespace tandem::rpc {

class EchoPair {
 public:
  // A server on a free loopback port and a client of it, both as gRPC sets them up by default.
  static Result<std::unique_ptr<EchoPair>> start();
  virtual ~EchoPair() = default;
  virtual Result<Milliseconds> call(std::span<const std::byte> payload) = 0;
};

}  // namespace tandem::rpc
