// The profile a slower device would have: what `--slowdown` makes of a profile measured at full speed.
//
//   CostTable phone = profile::emulate(measured, {.slowdown = 10, .busy_power = Milliwatts{4000}});
#pragma once

#include "tandem/base/units.hpp"
#include "tandem/profile/cost_table.hpp"

namespace tandem::profile {

struct Emulation {
  double slowdown = 1.0;
  Milliwatts idle_power{};
  Milliwatts busy_power{};
};

// Latencies and coding times are multiplied by the slowdown (over the one that `measured` includes already); energies
// are modelled anew as busy power times latency. Energies that were measured stay as they are where neither slowdown
// nor power is asked for; else they are modelled, too, and labelled so. O(groups).
CostTable emulate(const CostTable& measured, const Emulation& emulation);

}  // namespace tandem::profile
