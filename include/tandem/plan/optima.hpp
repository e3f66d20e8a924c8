// Every schedule that can ever be best: format tandem.optima.v1.
//
//   Result<Optima> optima = find_optima(device_table, cloud_table, *link::find("4g"), Objective::latency);
//   std::size_t now = optima->best({.up = Mbps{5.85}, .down = Mbps{13.76}, .rtt = Milliseconds{40}});
//   const UnpricedPlan& schedule = optima->candidates()[now];
//
// A schedule's latency and energy are linear in 1 / up rate, 1 / down rate, round trip and the two loads, so those that
// are least under some conditions are the corners of a convex hull. Where conditions change, the best of them is the
// best of all schedules: planning is looking them up. Thread rule: a value; const functions from any thread.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "tandem/base/json.hpp"
#include "tandem/plan/plan.hpp"

namespace tandem::plan {

// All may be anything above zero; the round trip zero, too. Loads as in ProblemOptions.
struct Conditions {
  Mbps up{};
  Mbps down{};
  Milliseconds rtt{};
  profile::LoadFactors loads{};
  bool operator==(const Conditions&) const = default;
};

// What of the device's energy does not depend on the schedule.
struct Radio {
  double alpha_up = 0.0;    // mW per Mbps, as in link::Link
  double alpha_down = 0.0;  // mW per Mbps
  Milliwatts beta{};
  Milliwatts idle{};  // of the device, while it waits
  Milliwatts busy{};  // of the device, in codec work
  bool operator==(const Radio&) const = default;
};

// What a schedule takes, whatever the conditions.
struct Footprint {
  double up_bytes = 0.0;
  double down_bytes = 0.0;
  double transfers = 0.0;
  Milliseconds device{};  // execution and codec work there, without load
  Millijoules energy{};   // of the device for these
  Milliseconds cloud{};   // execution and codec work
  bool operator==(const Footprint&) const = default;
};

Totals totals_under(const Footprint& footprint, const Radio& radio, const Conditions& conditions);

// A schedule that can be best, before the conditions under which it is priced.
struct UnpricedPlan {
  std::vector<Segment> segments;    // costs without load
  std::vector<Transfer> transfers;  // codec, bytes and codec times; on_link and energy are zero
  Footprint footprint;
  bool operator==(const UnpricedPlan&) const = default;
};

class Optima {
 public:
  Optima() = default;
  Optima(Objective objective, Weights weights, Radio radio, std::vector<UnpricedPlan> candidates);

  // The candidate of least cost, an index; the first of equals.
  // Precondition: there is one.
  [[nodiscard]] std::size_t best(const Conditions& conditions) const;
  [[nodiscard]] Totals totals(std::size_t candidate, const Conditions& conditions) const;
  [[nodiscard]] const std::vector<UnpricedPlan>& candidates() const { return candidates_; }
  [[nodiscard]] Objective objective() const { return objective_; }
  [[nodiscard]] const Weights& weights() const { return weights_; }
  [[nodiscard]] const Radio& radio() const { return radio_; }

  std::string network, fingerprint;

 private:
  Objective objective_ = Objective::latency;
  Weights weights_;
  Radio radio_;
  std::vector<UnpricedPlan> candidates_;
  std::vector<double> features_;  // by feature, then by candidate, padded
  std::size_t padded_ = 0;
};

// Of the link only the radio's power counts. Pins are kept; limits depend on the conditions and are refused. The
// profiles' figures are taken as exact. Errors: those of make_problem; invalid_argument for a limit.
Result<Optima> find_optima(const profile::CostTable& device, const profile::CostTable& cloud, const link::Link& link,
                           Objective objective, const ProblemOptions& options = {});

Json to_json(const Optima& optima);
// Error: invalid_argument naming the field.
Result<Optima> optima_from_json(const Json& json);
// Errors: not_found; invalid_argument naming file and field.
Result<Optima> load_optima(const std::filesystem::path& path);

}  // namespace tandem::plan
