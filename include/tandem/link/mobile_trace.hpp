// Made-up traces of a phone on the move, for experiments that must repeat: a Markov chain over five bands of rate, with
// the transitions counted in published logs of a 4G phone, one step a second.
//
//   Trace commute = mobile_trace(*find_movement("train"), {.seed = 7});
//
// The logs: van der Hooft et al., "HTTP/2-Based Adaptive Streaming of HEVC Video over 4G/LTE Networks", IEEE
// Communications Letters 20(11), 2016 (Ghent, 2015 and 2016; users.ugent.be/~jvdrhoof/dataset-4g). They hold the
// downlink only. The uplink is the 4G preset's share of it (Table 2.3 of the dissertation: 5.85 of 13.76 Mbps), and the
// round trip the preset's.
// Thread rule: values and free functions.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "tandem/base/result.hpp"
#include "tandem/base/units.hpp"
#include "tandem/link/trace.hpp"

namespace tandem::link {

// Bands of downlink rate: outage, poor, fair, good, best.
inline constexpr std::size_t kBands = 5;

struct Movement {
  std::string_view name;    // "walking", "driving", "train"
  std::string_view source;  // which log, and how much of it was counted
  // transitions[i][j]: how often a second in band i was followed by one in band j.
  std::array<std::array<double, kBands>, kBands> transitions;
  Mbps mean_down;  // of the log, to compare with
};

std::span<const Movement> movements();
// Error: not_found with the names there are.
Result<Movement> find_movement(std::string_view name);

struct MobileTraceOptions {
  std::uint64_t seed = 1;
  int seconds = 300;
};
// Within a band, rates are uniform. The same options give the same trace on every machine.
Trace mobile_trace(const Movement& movement, const MobileTraceOptions& options);

}  // namespace tandem::link
