#include "tandem/plan/candidates.hpp"

#include <algorithm>
#include <cassert>
#include <limits>

namespace tandem::plan {
namespace {

double objective_of(const Totals& totals, Objective objective) {
  return objective == Objective::energy ? totals.energy.value : totals.latency.count();
}

// What a load adds to an execution that takes `time` without it.
template <class Quantity>
Quantity added_by(double load, Quantity time) {
  return (load - 1.0) * time;
}

Crossing upload_of(const Candidate& candidate, const link::Link& link) {
  const Bytes bytes{candidate.bytes};
  return {.codec = "bottleneck",
          .bytes = candidate.bytes,
          .on_link = link.upload_time(bytes),
          .energy = link.upload_energy(bytes)};
}

// Only the half of the round trip in which the answer comes back.
Crossing answer_over(const link::Link& link) {
  return {.codec = "raw", .bytes = 0.0, .on_link = link.download_time(Bytes{0.0}), .energy = {}};
}

}  // namespace

Totals cost_of(const Candidate& candidate, const link::Link& link, const SelectionOptions& options) {
  const Milliseconds cloud = options.cloud_load * candidate.cloud;
  const auto measured = std::ranges::find(candidate.measured, link.name, &MeasuredCost::link);
  if (measured != candidate.measured.end()) {
    return {.latency = measured->latency + added_by(options.device_load, candidate.device) +
                       added_by(options.cloud_load, candidate.cloud),
            .energy = measured->energy + added_by(options.device_load, candidate.device_energy),
            .cloud = cloud};
  }
  Totals totals{.latency = options.device_load * candidate.device + cloud,
                .energy = options.device_load * candidate.device_energy,
                .cloud = cloud};
  if (candidate.bytes > 0) {
    const Crossing upload = upload_of(candidate, link);
    totals.latency += upload.latency() + answer_over(link).latency();
    totals.energy += upload.energy;
  }
  return totals;
}

Selection select(const std::vector<Candidate>& candidates, const link::Link& link, const SelectionOptions& options) {
  Selection selection;
  double least = std::numeric_limits<double>::infinity();
  selection.costs.reserve(candidates.size());
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    selection.costs.push_back(cost_of(candidates[i], link, options));
    const auto& best = selection.most_accurate;
    if (!best || candidates[i].accuracy > candidates[*best].accuracy) selection.most_accurate = i;
    const double cost = objective_of(selection.costs.back(), options.objective);
    if (candidates[i].accuracy >= options.least_accuracy && cost < least) {
      least = cost;
      selection.chosen = i;
    }
  }
  return selection;
}

Plan plan_of(const std::vector<Candidate>& candidates, std::size_t chosen, const link::Link& link,
             const SelectionOptions& options) {
  assert(chosen < candidates.size());
  const Candidate& candidate = candidates[chosen];
  Plan plan;
  plan.objective = options.objective;
  plan.feasible = true;
  plan.totals = cost_of(candidate, link, options);
  plan.segments = {{.first = 1,
                    .last = 1,
                    .place = Place::device,
                    .latency = options.device_load * candidate.device,
                    .energy = options.device_load * candidate.device_energy}};
  if (candidate.bytes > 0) {
    plan.segments.push_back(
        {.first = 2, .last = 2, .place = Place::cloud, .latency = options.cloud_load * candidate.cloud, .energy = {}});
    plan.transfers = {{.after = 1, .direction = Direction::up, .crossing = upload_of(candidate, link)},
                      {.after = 2, .direction = Direction::down, .crossing = answer_over(link)}};
  }
  plan.proven_optimal = true;
  plan.lower_bound = objective_of(plan.totals, options.objective);
  plan.solver = "enumeration";
  // The candidate that sends nothing is the device alone; the cloud alone is in no table.
  const double unknown = std::numeric_limits<double>::infinity();
  plan.cloud_only = {.latency = Milliseconds{unknown}, .energy = Millijoules{unknown}, .cloud = Milliseconds{unknown}};
  const auto local = std::ranges::find(candidates, 0.0, &Candidate::bytes);
  plan.device_only = local == candidates.end() ? plan.cloud_only : cost_of(*local, link, options);
  plan.link = link.name;
  return plan;
}

}  // namespace tandem::plan
