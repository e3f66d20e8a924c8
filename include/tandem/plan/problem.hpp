// What is to be planned: a network of N layers (blocks), what each group of them costs on device and cloud, and the
// link.
//
//   Result<Problem> problem = make_problem(device_table, cloud_table, *link::find("4g"), Objective::latency, {});
//   Plan plan = solve(*problem);
//
// Thread rule: values.
#pragma once

#include <string>
#include <vector>

#include "tandem/base/result.hpp"
#include "tandem/base/units.hpp"
#include "tandem/link/link.hpp"
#include "tandem/plan/constraints.hpp"
#include "tandem/profile/cost_table.hpp"
#include "tandem/profile/load.hpp"

namespace tandem::plan {

// What to make least: latency, the device's energy, or per_ms * latency + per_mj * energy.
enum class Objective { latency, energy, weighted };
struct Weights {
  double per_ms = 1.0;
  double per_mj = 1.0;
  bool operator==(const Weights&) const = default;
};

// Costs of all groups i..j of N layers in one triangle, 1-based: the N(N+1)/2 of equation 2.1.
class GroupCosts {
 public:
  GroupCosts() = default;
  explicit GroupCosts(int layers) : layers_(layers), costs_(static_cast<std::size_t>(layers) * (layers + 1) / 2) {}
  [[nodiscard]] int layers() const { return layers_; }
  // Groups that end at the same layer lie side by side, the order in which the shortest path reads them.
  [[nodiscard]] double& at(int first, int last) { return costs_[index(first, last)]; }
  [[nodiscard]] double at(int first, int last) const { return costs_[index(first, last)]; }
  // Costs of groups 1..last, 2..last, …, last..last.
  [[nodiscard]] const double* ending_at(int last) const { return costs_.data() + index(1, last); }

 private:
  [[nodiscard]] static std::size_t index(int first, int last) {
    return static_cast<std::size_t>(last) * (last - 1) / 2 + (first - 1);
  }
  int layers_ = 0;
  std::vector<double> costs_;
};

// The tensor of one boundary going one way, in the codec chosen for it.
struct Crossing {
  std::string codec;
  double bytes = 0.0;      // on the link
  Milliseconds encode{};   // on the side it leaves; of a tensor in pieces, of the first
  Milliseconds on_link{};  // bytes / rate + half a round trip; longer where the other pieces take longer to code
  Milliseconds decode{};   // on the side it reaches
  Millijoules energy{};    // of the device: radio, its own codec work, idling meanwhile

  [[nodiscard]] Milliseconds latency() const { return encode + on_link + decode; }
  bool operator==(const Crossing&) const = default;
};

enum class Direction { up, down };

// The tensor of the boundary after layer `after` (0: the network's input) crosses.
struct Transfer {
  int after = 0;
  Direction direction = Direction::up;
  Crossing crossing;
  bool operator==(const Transfer&) const = default;
};

struct Problem {
  Objective objective = Objective::latency;
  Weights weights{};  // of Objective::weighted
  Constraints constraints{};
  int layers = 0;
  GroupCosts device_ms, device_mj;  // mobile execution, ME of Table 2.1
  GroupCosts cloud_ms, cloud_mj;    // cloud execution, CE; cloud_mj is what the device burns while it waits
  // Standard errors of device_ms and cloud_ms; without layers where the costs are exact. See solve().
  GroupCosts device_error_ms, cloud_error_ms;
  std::vector<Crossing> uploads;    // N + 1, UID: [k] after layer k, [0] the input, [N] the output
  std::vector<Crossing> downloads;  // N + 1, DOD
  // Other codecs for the same crossings, none both slower and dearer than another: a limit can make them worth it.
  std::vector<Transfer> alternatives{};
  GroupCosts device_bytes{};  // memory a group holds on the device; without layers where unknown
  std::string network;        // told on to the plan, so that it is not used with another network or link
  std::string fingerprint;
  std::string link;
};

struct ProblemOptions {
  // Of every crossing: "raw", "linear8", another codec of the profiles; or "auto", the one with the least cost at each
  // crossing under the objective, or "any", which takes JPEG for the input image into account, too. JPEG is not in
  // "auto" because it changes what the network sees. Codecs in pieces ("tfc/4") are among them where conditions are
  // certain; all optima, percentiles, sweeps and flips price whole tensors. Where the codec named cannot carry a
  // crossing (JPEG is for uploading the input) it is "raw".
  std::string codec = "auto";
  // Load factors K_mobile and K_cloud (Algorithm 2): how many times as long as in the profiles execution takes, codec
  // work included. The device's power is that of the profile, for as long.
  profile::LoadFactors loads{};
  Weights weights{};  // of Objective::weighted
  Constraints constraints{};
};

// Both tables must be of the same network and batch. A codec's bytes and times are those of the tables; where they hold
// none, "raw" takes the boundary's bytes and "linear8" a quarter of them (one byte per float32 value), without time.
// Errors: failed_precondition (tables that do not belong together, a memory limit without `parameters` in the
// device's profile), invalid_argument naming the option (a codec the tables do not know, a rate of zero, a limit below
// zero).
Result<Problem> make_problem(const profile::CostTable& device, const profile::CostTable& cloud, const link::Link& link,
                             Objective objective, const ProblemOptions& options = {});

// (1, 0) for latency, (0, 1) for energy.
Weights weights_of(const Problem& problem);
// Error: invalid_argument naming the constraint: a limit that is not a number or below zero, a pin outside 1..layers,
// a layer pinned to both places.
Status check(const Constraints& constraints, int layers);

}  // namespace tandem::plan
