// What a given schedule costs, step by step.
#include <algorithm>
#include <cassert>
#include <cmath>

#include "chain.hpp"

namespace tandem::plan {
namespace {

Segment priced(const Problem& problem, Segment segment) {
  const Amounts used = amounts_of(problem, segment);
  segment.latency = Milliseconds{of(used, Resource::latency)};
  segment.energy = Millijoules{of(used, Resource::energy)};
  return segment;
}

Totals totals_of(const Problem& problem, const std::vector<Segment>& segments, const std::vector<Transfer>& transfers) {
  Totals totals;
  for (const Segment& segment : segments) {
    const Amounts used = amounts_of(problem, segment);
    totals.latency += Milliseconds{of(used, Resource::latency)};
    totals.energy += Millijoules{of(used, Resource::energy)};
    totals.cloud += Milliseconds{of(used, Resource::cloud)};
    totals.memory += Bytes{of(used, Resource::memory)};
  }
  for (const Transfer& transfer : transfers) {
    totals.latency += transfer.crossing.latency();
    totals.energy += transfer.crossing.energy;
  }
  return totals;
}

Totals baseline(const Problem& problem, Place place) {
  const std::vector<Segment> whole{{.first = 1, .last = problem.layers, .place = place}};
  std::vector<Transfer> transfers;
  if (place == Place::cloud) {
    transfers = {{.after = 0, .direction = Direction::up, .crossing = problem.uploads.front()},
                 {.after = problem.layers, .direction = Direction::down, .crossing = problem.downloads.back()}};
  }
  return totals_of(problem, whole, transfers);
}

}  // namespace

std::vector<Transfer> transfers_between(const Problem& problem, const std::vector<Segment>& segments,
                                        const Prices& prices) {
  std::vector<Transfer> transfers;
  Place at = Place::device;
  const auto move_to = [&](Place next, int after) {
    if (next == at) return;
    const Direction direction = next == Place::cloud ? Direction::up : Direction::down;
    Transfer cheapest{.after = after,
                      .direction = direction,
                      .crossing = (next == Place::cloud ? problem.uploads : problem.downloads)[after]};
    for (const Transfer& t : problem.alternatives) {
      if (t.after != after || t.direction != direction) continue;
      if (cost_of(prices, amounts_of(t.crossing)) < cost_of(prices, amounts_of(cheapest.crossing))) cheapest = t;
    }
    transfers.push_back(std::move(cheapest));
    at = next;
  };
  for (const Segment& segment : segments) move_to(segment.place, segment.first - 1);
  move_to(Place::device, problem.layers);
  return transfers;
}

Plan describe(const Problem& problem, std::vector<Segment> segments, std::vector<Transfer> transfers) {
  assert(!segments.empty() && segments.front().first == 1 && segments.back().last == problem.layers);
  for (Segment& segment : segments) segment = priced(problem, segment);
  Plan plan;
  plan.objective = problem.objective;
  plan.weights = problem.weights;
  plan.totals = totals_of(problem, segments, transfers);
  plan.segments = std::move(segments);
  plan.transfers = std::move(transfers);
  plan.feasible = std::isfinite(plan.totals.latency.count()) && std::isfinite(plan.totals.energy.value) &&
                  keeps(problem.constraints, plan);
  plan.solver = "given";
  plan.device_only = baseline(problem, Place::device);
  plan.cloud_only = baseline(problem, Place::cloud);
  plan.network = problem.network;
  plan.fingerprint = problem.fingerprint;
  plan.link = problem.link;
  return plan;
}

Plan describe(const Problem& problem, std::vector<Segment> segments) {
  std::vector<Transfer> transfers = transfers_between(problem, segments, objective_prices(problem));
  return describe(problem, std::move(segments), std::move(transfers));
}

Totals evaluate(const Problem& problem, const std::vector<Segment>& segments) {
  return describe(problem, segments).totals;
}

double cost_of(const Problem& problem, const Totals& totals) {
  const Weights weights = weights_of(problem);
  const double latency = weights.per_ms == 0 ? 0 : weights.per_ms * totals.latency.count();
  return weights.per_mj == 0 ? latency : latency + weights.per_mj * totals.energy.value;
}

}  // namespace tandem::plan
