// A group of blocks, compiled and ready to be timed again and again.
#pragma once

#include "tandem/base/result.hpp"
#include "tandem/engine/measure.hpp"
#include "tandem/engine/model.hpp"
#include "tandem/network/network.hpp"

namespace tandem::engine {

class Probe {
 public:
  // Errors: those of Network::cut() and compile(). The emulated slowness of `options` is left out.
  static Result<Probe> compile(const network::Network& network, network::BlockRange range,
                               const CompileOptions& options);

  Result<Milliseconds> infer() { return run_.infer(); }
  // See Model::memory_bytes().
  [[nodiscard]] std::size_t memory_bytes() const { return memory_; }

 private:
  Probe(Run run, std::size_t memory) : run_(std::move(run)), memory_(memory) {}
  Run run_;
  std::size_t memory_;
};

}  // namespace tandem::engine
