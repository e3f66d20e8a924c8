#include "tandem/profile/emulate.hpp"

namespace tandem::profile {
namespace {

bool is_measured(const CostTable& table) {
  return table.energy_source.starts_with("measured");
}

}  // namespace

CostTable emulate(const CostTable& measured, const Emulation& emulation) {
  CostTable table = measured;
  const double factor = emulation.slowdown / measured.slowdown;
  const bool as_measured =
      factor == 1.0 && emulation.busy_power.value == 0 && emulation.idle_power.value == 0 && is_measured(measured);
  if (as_measured) return table;
  for (const auto& [range, cost] : measured.groups()) {
    Cost slow = cost;
    slow.latency = cost.latency * factor;
    slow.std = cost.std * factor;
    slow.energy = emulation.busy_power * slow.latency;
    table.set(range, slow);
  }
  for (auto& [name, codec] : table.codecs) {
    for (Milliseconds& time : codec.encode) time *= factor;
    for (Milliseconds& time : codec.decode) time *= factor;
    for (Milliseconds& time : codec.behind) time *= factor;
    for (Milliseconds& time : codec.ahead) time *= factor;
  }
  table.slowdown = emulation.slowdown;
  table.idle_power = emulation.idle_power;
  table.busy_power = emulation.busy_power;
  table.energy_source = "modelled";
  return table;
}

}  // namespace tandem::profile
