// Measures what groups of blocks cost on this machine, executed as one: the profile of chapter 2 of the dissertation.
//
//   Result<profile::CostTable> table = measure_profile(network, {.groups = Groups::all, .busy_power =
//   Milliwatts{4000}});
//
// A group is timed as a request meets it in service: alone, after a pause, with what ran before it gone from the
// caches; or, where requests follow each other without a pause, back to back. Groups are measured in random order, so
// that a slow minute of the machine does not fall on neighbours alone. Thread rule: a free function; measure on an
// otherwise idle machine.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "tandem/base/result.hpp"
#include "tandem/base/units.hpp"
#include "tandem/engine/energy.hpp"
#include "tandem/engine/measure.hpp"
#include "tandem/engine/model.hpp"
#include "tandem/network/network.hpp"
#include "tandem/profile/cost_table.hpp"
#include "tandem/profile/group_evidence.hpp"
#include "tandem/profile/store.hpp"

namespace tandem::engine {

enum class Groups {
  predicted,  // at most N + 14 compilations: counters of the runtime, a few groups, and profile::GroupModel for the
              // rest
  all,        // N(N+1)/2, equation 2.1
  prefix,     // every prefix and every suffix, 2N - 1: all that a plan with one hand-over needs
};

struct ProfileOptions {
  Groups groups = Groups::predicted;
  CompileOptions compile;
  profile::Requests requests = profile::Requests::spaced;
  std::optional<MeasureOptions> measure;  // of a group; else what suits `requests`
  Milliwatts idle_power{};
  Milliwatts busy_power{};  // energy is modelled: busy_power * latency
  // Measures energy instead, of groups run one after the other; must outlive the call. Not with slowdown or powers.
  Meter* meter = nullptr;
  bool subtract_idle = false;    // count what is burnt beyond idling; else idle_power becomes what was measured
  Milliseconds idle_time{2000};  // at the start; long enough for the average of any meter
  EnergyOptions energy{.max_time = Milliseconds{5000}};  // of each group
  std::string device;  // empty: this machine's processor; threads and precision are added
  // Where to keep what is measured until it is complete, and to resume from; empty: nowhere.
  std::filesystem::path partial;
  // Told the part done, 0..1, and the group at hand.
  std::function<void(double fraction, const std::string& detail)> progress;
  const std::atomic<bool>* interrupted = nullptr;  // looked at between groups
  std::uint64_t seed = 1;                          // of the choice of groups among equals, for predicted ones
  // Told, in the end, what predicted groups are made from.
  std::function<void(const profile::GroupEvidence&)> evidence;
};

// The device as the profile names it: "Intel(R) Xeon(R) Processor, 1 thread, f32".
std::string describe(const ProfileOptions& options);

// What a profile made with these options is kept under.
profile::ProfileKey profile_key(const network::Network& network, const ProfileOptions& options);

// How a group is measured: single runs, each after a pause, and their lower quartile; or runs one after the other, and
// the least of them. Below 20 to 30 ms of pause, what the run before left in the caches makes a small group up to a
// fifth faster than a request of its own is.
MeasureOptions measure_options(profile::Requests requests);

// One group, once, at full speed and without energy. Errors: those of compile().
Result<profile::Cost> measure_group(const network::Network& network, network::BlockRange range,
                                    const ProfileOptions& options);

// Energy is not predicted: with a meter, groups must be measured. Predicted profiles are not resumed.
// Errors: those of compile() and of the meter; invalid_argument for a meter with groups or slowness that are not this
// machine's own; cancelled when interrupted, saying where the partial profile is kept;
// invalid_argument where it cannot be written.
Result<profile::CostTable> measure_profile(const network::Network& network, const ProfileOptions& options);

}  // namespace tandem::engine
