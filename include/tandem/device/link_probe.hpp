// Measures the link to one of our servers by link::probe over the protocol's own calls.
//
//   Result<link::Measurement> m = probe_link("cloud:8001", {.budget_bytes = 1'000'000});
//
// Thread rule: a free function; blocks for seconds on a slow link.
#pragma once

#include <functional>
#include <string>

#include "tandem/base/result.hpp"
#include "tandem/base/units.hpp"
#include "tandem/link/probe.hpp"

namespace tandem::device {

struct LinkProbeOptions {
  std::size_t budget_bytes = 1'000'000;  // payload, both directions together
  Milliseconds deadline{10000};          // of each exchange
  std::function<void(double fraction, const std::string& detail)> progress{};
};

// Bytes of a call without payload as they cross TCP, in either direction, on a connection that is warm: HTTP/2 frames
// and compressed heads. Measured by the shaping proxy's counters, and held against them by a test.
inline constexpr Bytes kCallUp{59};
inline constexpr Bytes kCallDown{52};

// Errors: unavailable, deadline_exceeded; unimplemented where the server offers no link probe (it is not ours);
// invalid_argument (an address that is not HOST:PORT, a budget too small).
Result<link::Measurement> probe_link(const std::string& address, const LinkProbeOptions& options);

}  // namespace tandem::device
