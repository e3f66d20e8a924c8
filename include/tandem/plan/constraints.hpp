// What a plan must keep to: the scenarios of section 2.2.3.5, and what else limits a device or its owner.
//
//   Constraints limits{.deadline = Milliseconds{80}, .pins = {{.first = 1, .last = 3, .place = Place::device}}};
//
// A plan that nothing allows is an answer with a Miss for each limit, not an error.
// Thread rule: values.
#pragma once

#include <optional>
#include <vector>

#include "tandem/base/units.hpp"

namespace tandem::plan {

enum class Place { device, cloud };

// Layers first..last run on one place; of a network that must not show its input: the first k on the device.
struct Pin {
  int first = 1;
  int last = 1;
  Place place = Place::device;
  bool operator==(const Pin&) const = default;
};

// Every limit is inclusive; one that is absent allows all.
struct Constraints {
  std::optional<Milliseconds> deadline{};      // of the whole request, equation 2.20 (QoS)
  std::optional<Millijoules> energy_budget{};  // of the device, equation 2.18 (battery)
  std::optional<Milliseconds> cloud_time{};    // execution in the cloud, equation 2.19
  std::optional<Bytes> device_memory{};        // of all groups on the device together: they stay loaded
  std::optional<int> max_switches{};           // transfers, either way
  std::vector<Pin> pins{};

  [[nodiscard]] bool limited() const {
    return deadline || energy_budget || cloud_time || device_memory || max_switches;
  }
  bool operator==(const Constraints&) const = default;
};

// What a schedule uses up, each the sum over its steps.
enum class Resource { latency, energy, cloud, memory, switches };
// The limit of it in JSON and on the command line, with its unit: "deadline_ms".
const char* name_of(Resource resource);

// How near a limit can be met where no plan keeps them all. Units are those of the resource: ms, mJ, ms, bytes,
// transfers.
struct Miss {
  Resource resource = Resource::latency;
  double limit = 0.0;
  double least = 0.0;                           // the least of any schedule, pins kept and all other limits ignored
  std::optional<double> least_within_others{};  // of those that keep all other limits; absent where none does
  bool operator==(const Miss&) const = default;
};

}  // namespace tandem::plan
