// Networks that were trained with a bottleneck at different places, and the choice between them: the selection phase of
// Algorithms 2 and 3 of the dissertation. Format tandem.candidates.v1.
//
//   Result<std::vector<Candidate>> table = load_candidates("resnet50.candidates.json");
//   Selection best = select(*table, *link::find("4g"), {.least_accuracy = 0.74});
//   if (best.chosen) fmt::print("cut after {}\n", (*table)[*best.chosen].location);
//
// Thread rule: values.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tandem/base/json.hpp"
#include "tandem/base/result.hpp"
#include "tandem/base/units.hpp"
#include "tandem/link/link.hpp"
#include "tandem/plan/plan.hpp"

namespace tandem::plan {

// End to end over a certain link, with nobody else on device, link or cloud.
struct MeasuredCost {
  std::string link;  // its name
  Milliseconds latency{};
  Millijoules energy{};
  bool operator==(const MeasuredCost&) const = default;
};

struct Candidate {
  std::string location;         // of the bottleneck: "RB8"
  Milliseconds device{};        // TM: up to the bottleneck, with the reduction
  Millijoules device_energy{};  // TM * PM
  double bytes = 0.0;           // F: what is uploaded; 0 stays on the device
  Milliseconds cloud{};         // TC: the restoration and the rest
  double accuracy = 0.0;        // in whatever unit the table has, higher is better
  std::vector<MeasuredCost> measured;
  bool operator==(const Candidate&) const = default;
};

struct SelectionOptions {
  Objective objective = Objective::latency;
  double device_load = 1.0;  // K_mobile: how many times as long the device takes
  double cloud_load = 1.0;   // K_cloud
  double least_accuracy = 0.0;
};

// Latency and energy of one candidate. Where it was measured over a link of this name: that, and what the loads add.
// Else TM * K_mobile + F / NB + TC * K_cloud and, where anything crosses, one round trip; its energy is that of the
// device, K_mobile times, and of the radio while it uploads. The answer's download is left out, as in the algorithms.
Totals cost_of(const Candidate& candidate, const link::Link& link, const SelectionOptions& options);

struct Selection {
  std::optional<std::size_t> chosen;         // none where no candidate is accurate enough
  std::optional<std::size_t> most_accurate;  // the nearest miss; none where there are no candidates
  std::vector<Totals> costs;                 // of every candidate
};
// The least cost among those accurate enough; the first of equals. O(candidates).
Selection select(const std::vector<Candidate>& candidates, const link::Link& link, const SelectionOptions& options);

// A plan whose layers 1 and 2 are the parts before and after the bottleneck. Precondition: chosen < candidates.size().
Plan plan_of(const std::vector<Candidate>& candidates, std::size_t chosen, const link::Link& link,
             const SelectionOptions& options);

// Errors name the field: no candidates or over kMaxCandidates, a location twice, a number below zero.
Result<std::vector<Candidate>> candidates_from_json(const Json& json);
Json to_json(const std::vector<Candidate>& candidates);
Result<std::vector<Candidate>> load_candidates(const std::filesystem::path& path);
inline constexpr std::size_t kMaxCandidates = 100'000;

}  // namespace tandem::plan
