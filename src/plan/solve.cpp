#include <cassert>
#include <chrono>
#include <cmath>
#include <limits>

#include "tandem/plan/plan.hpp"

namespace tandem::plan {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

// Costs under the objective alone.
struct Weights {
  const GroupCosts& device;  // ME
  const GroupCosts& cloud;   // CE
  std::vector<double> up;    // UID: [k] uploads the tensor after layer k
  std::vector<double> down;  // DOD
};

double finite_or_never(double cost) {
  return std::isfinite(cost) ? cost : kNever;
}

Weights weights_of(const Problem& problem) {
  const bool latency = problem.objective == Objective::latency;
  const auto costs = [latency](const std::vector<Crossing>& crossings) {
    std::vector<double> result;
    result.reserve(crossings.size());
    for (const Crossing& c : crossings)
      result.push_back(finite_or_never(latency ? c.latency().count() : c.energy.value));
    return result;
  };
  return {latency ? problem.device_ms : problem.device_mj, latency ? problem.cloud_ms : problem.cloud_mj,
          costs(problem.uploads), costs(problem.downloads)};
}

struct Step {
  double cost = kNever;
  int first = 1;  // of the group
};

// The cheapest group that ends at layer `last`: what it takes to stand before its first layer, plus the group itself.
// A NaN compares false and is never taken; the first, longest group wins a tie.
Step cheapest_group(const double* before, const double* groups, int last) {
  Step best;
  for (int first = 1; first <= last; ++first) {
    const double cost = before[first - 1] + groups[first - 1];
    if (cost < best.cost) best = {cost, first};
  }
  return best;
}

// Node M(first..j) or C(first..j) of the graph, the cheapest of those that end at layer j.
struct Ending {
  Step device, cloud;
};

// Walks the shortest path back from F: at each boundary the tensor is wanted on one place, and either was made there or
// came over the link.
std::vector<Segment> path_back(const std::vector<Ending>& ending, const Weights& w, int layers) {
  std::vector<Segment> reversed;
  Place wanted = Place::device;  // the result must be on the device
  for (int j = layers; j > 0;) {
    const Ending& e = ending[j];
    const double transfer = wanted == Place::device ? w.down[j] : w.up[j];
    const bool on_device =
        wanted == Place::device ? e.device.cost <= e.cloud.cost + transfer : e.device.cost + transfer <= e.cloud.cost;
    const Step& group = on_device ? e.device : e.cloud;
    wanted = on_device ? Place::device : Place::cloud;
    reversed.push_back({.first = group.first, .last = j, .place = wanted});
    j = group.first - 1;
  }
  return {reversed.rbegin(), reversed.rend()};
}

// Predicted groups are often sums of others, equal but for rounding: neighbours on one place whose joint group costs no
// more become one, since every group is a call of its own when the plan runs.
std::vector<Segment> join_equal_groups(const std::vector<Segment>& path, const Weights& w) {
  std::vector<Segment> joined;
  for (const Segment& next : path) {
    if (!joined.empty() && joined.back().place == next.place) {
      Segment& previous = joined.back();
      const GroupCosts& costs = next.place == Place::device ? w.device : w.cloud;
      const double apart = costs.at(previous.first, previous.last) + costs.at(next.first, next.last);
      if (costs.at(previous.first, next.last) <= apart * (1 + 1e-12)) {
        previous.last = next.last;
        continue;
      }
    }
    joined.push_back(next);
  }
  return joined;
}

struct Path {
  double cost = kNever;
  std::vector<Segment> segments;
};

Path shortest_path(const Problem& problem) {
  const Weights w = weights_of(problem);
  const int n = problem.layers;
  std::vector<Ending> ending(n + 1);
  // [j]: the least cost with layers 1..j done and the tensor after them on the device, or in the cloud.
  std::vector<double> at_device(n + 1), at_cloud(n + 1);
  at_device[0] = 0;
  at_cloud[0] = w.up[0];
  for (int j = 1; j <= n; ++j) {
    ending[j] = {cheapest_group(at_device.data(), w.device.ending_at(j), j),
                 cheapest_group(at_cloud.data(), w.cloud.ending_at(j), j)};
    at_device[j] = std::min(ending[j].device.cost, ending[j].cloud.cost + w.down[j]);
    at_cloud[j] = std::min(ending[j].cloud.cost, ending[j].device.cost + w.up[j]);
  }
  if (!std::isfinite(at_device[n])) return {};
  return {at_device[n], join_equal_groups(path_back(ending, w, n), w)};
}

Totals& operator+=(Totals& totals, const Segment& segment) {
  totals.latency += segment.latency;
  totals.energy += segment.energy;
  if (segment.place == Place::cloud) totals.cloud += segment.latency;
  return totals;
}

Totals& operator+=(Totals& totals, const Crossing& crossing) {
  totals.latency += crossing.latency();
  totals.energy += crossing.energy;
  return totals;
}

std::vector<Transfer> transfers_between(const Problem& problem, const std::vector<Segment>& segments) {
  std::vector<Transfer> transfers;
  Place place = Place::device;
  const auto move_to = [&](Place next, int after) {
    if (next == place) return;
    const Direction direction = next == Place::cloud ? Direction::up : Direction::down;
    const auto& crossings = direction == Direction::up ? problem.uploads : problem.downloads;
    transfers.push_back({.after = after, .direction = direction, .crossing = crossings[after]});
    place = next;
  };
  for (const Segment& segment : segments) move_to(segment.place, segment.first - 1);
  move_to(Place::device, problem.layers);
  return transfers;
}

}  // namespace

Totals evaluate(const Problem& problem, const std::vector<Segment>& segments) {
  return describe(problem, segments).totals;
}

Plan describe(const Problem& problem, std::vector<Segment> segments) {
  assert(!segments.empty() && segments.front().first == 1 && segments.back().last == problem.layers);
  const auto priced = [&problem](Segment segment) {
    const bool device = segment.place == Place::device;
    const auto& [ms, mj] =
        device ? std::tie(problem.device_ms, problem.device_mj) : std::tie(problem.cloud_ms, problem.cloud_mj);
    segment.latency = Milliseconds{ms.at(segment.first, segment.last)};
    segment.energy = Millijoules{mj.at(segment.first, segment.last)};
    return segment;
  };
  const auto totals_of = [&](const std::vector<Segment>& steps, const std::vector<Transfer>& transfers) {
    Totals totals;
    for (const Segment& segment : steps) totals += priced(segment);
    for (const Transfer& transfer : transfers) totals += transfer.crossing;
    return totals;
  };
  const auto baseline = [&](Place place) {
    const std::vector<Segment> whole{{.first = 1, .last = problem.layers, .place = place}};
    return totals_of(whole, transfers_between(problem, whole));
  };

  for (Segment& segment : segments) segment = priced(segment);
  std::vector<Transfer> transfers = transfers_between(problem, segments);
  const Totals totals = totals_of(segments, transfers);
  return {.objective = problem.objective,
          .feasible = std::isfinite(totals.latency.count()) && std::isfinite(totals.energy.value),
          .totals = totals,
          .segments = std::move(segments),
          .transfers = std::move(transfers),
          .proven_optimal = false,
          .solver = "given",
          .solve_us = 0.0,
          .device_only = baseline(Place::device),
          .cloud_only = baseline(Place::cloud),
          .network = problem.network,
          .fingerprint = problem.fingerprint,
          .link = problem.link};
}

Plan solve(const Problem& problem) {
  assert(problem.layers >= 1);
  const auto start = std::chrono::steady_clock::now();
  Path path = shortest_path(problem);
  const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - start;
  const bool found = !path.segments.empty();
  if (!found) path.segments = {{.first = 1, .last = problem.layers, .place = Place::device}};  // for the baselines
  Plan plan = describe(problem, std::move(path.segments));
  if (!found) {
    plan.feasible = false;
    plan.totals = {};
    plan.segments.clear();
  }
  plan.proven_optimal = true;
  plan.solver = "shortest-path";
  plan.solve_us = took.count();
  return plan;
}

}  // namespace tandem::plan
