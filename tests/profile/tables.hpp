// Cost tables for tests.
#pragma once

#include <string>

#include "tandem/profile/cost_table.hpp"

namespace tandem::profile {

inline Cost cost_of(double ms) {
  return {.latency = Milliseconds{ms}, .energy = Millijoules{2 * ms}, .std = Milliseconds{0.01 * ms}};
}

// A network of `layers` layers without any measured group.
inline CostTable table_of(int layers) {
  CostTable table;
  table.network = "test";
  table.fingerprint = "0123456789abcdef";
  table.device = "device";
  for (int i = 1; i <= layers; ++i) table.layers.push_back("layer" + std::to_string(i));
  table.boundary_bytes.assign(static_cast<std::size_t>(layers) + 1, 1000.0);
  return table;
}

}  // namespace tandem::profile
