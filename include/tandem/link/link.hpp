// The wireless link between device and cloud: rates, round trip, and the radio's power.
//
//   Result<Link> link = link::find("4g");              // a preset, or a file of format tandem.link.v1
//   Milliseconds t = link->upload_time(Bytes{150'528});
//   Millijoules e = link->upload_energy(Bytes{150'528});
//
// Radio power while transferring (eq. 2.21): P_up = alpha_up * up + beta, P_down = alpha_down * down + beta.
// Thread rule: a value.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "tandem/base/json.hpp"
#include "tandem/base/result.hpp"
#include "tandem/base/units.hpp"

namespace tandem::link {

struct Link {
  std::string name;
  Mbps up{};
  Mbps down{};
  Milliseconds rtt{};
  double alpha_up = 0.0;    // mW per Mbps
  double alpha_down = 0.0;  // mW per Mbps
  Milliwatts beta{};

  // Bytes over rate plus half a round trip: one hand-over to the cloud and back costs one round trip in all.
  [[nodiscard]] Milliseconds upload_time(Bytes bytes) const { return bytes / up + rtt / 2; }
  [[nodiscard]] Milliseconds download_time(Bytes bytes) const { return bytes / down + rtt / 2; }
  [[nodiscard]] Milliwatts upload_power() const { return Milliwatts{alpha_up * up.value} + beta; }
  [[nodiscard]] Milliwatts download_power() const { return Milliwatts{alpha_down * down.value} + beta; }
  // Only while bits are sent; what the device burns while it waits is in its profile.
  [[nodiscard]] Millijoules upload_energy(Bytes bytes) const { return upload_power() * (bytes / up); }
  [[nodiscard]] Millijoules download_energy(Bytes bytes) const { return download_power() * (bytes / down); }

  bool operator==(const Link&) const = default;
};

struct Preset {
  Link link;
  std::string_view source;  // where each figure comes from
};

// 3G, 4G and Wi-Fi of Table 2.3, and 5G. Live for the whole program.
std::span<const Preset> presets();

// By preset name (any case, "wifi" and "wi-fi" alike) or by file. Errors: not_found with the preset names;
// invalid_argument naming the field (a rate of zero, a negative time).
Result<Link> find(const std::string& name_or_file);

Result<Link> from_json(const Json& json);
Json to_json(const Link& link);

}  // namespace tandem::link
