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

  [[nodiscard]] const GroupCosts& on(Place place) const { return place == Place::device ? device : cloud; }
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

// May groups that follow each other lie on one place?
enum class Neighbours { allowed, alternate };

struct Path {
  double cost = kNever;
  std::vector<Segment> segments;
};

class ShortestPath {
 public:
  ShortestPath(const Weights& weights, int layers, Neighbours neighbours)
      : w_(weights), layers_(layers), neighbours_(neighbours), ending_(layers + 1) {}

  Path find() {
    // [j]: the least cost with layers 1..j done and the tensor after them on the device, or in the cloud.
    std::vector<double> at_device(layers_ + 1), at_cloud(layers_ + 1);
    at_device[0] = 0;
    at_cloud[0] = w_.up[0];
    for (int j = 1; j <= layers_; ++j) {
      ending_[j] = {cheapest_group(at_device.data(), w_.device.ending_at(j), j),
                    cheapest_group(at_cloud.data(), w_.cloud.ending_at(j), j)};
      at_device[j] = stay_or_move(ending_[j].device.cost, ending_[j].cloud.cost + w_.down[j]);
      at_cloud[j] = stay_or_move(ending_[j].cloud.cost, ending_[j].device.cost + w_.up[j]);
    }
    const double cost = std::min(ending_[layers_].device.cost, ending_[layers_].cloud.cost + w_.down[layers_]);
    if (!std::isfinite(cost)) return {};
    return {cost, walk_back()};
  }

 private:
  [[nodiscard]] double stay_or_move(double stay, double move) const {
    return neighbours_ == Neighbours::allowed ? std::min(stay, move) : move;
  }

  // From F: at each boundary the tensor is wanted on one place, and either was made there or came over the link.
  [[nodiscard]] std::vector<Segment> walk_back() const {
    std::vector<Segment> reversed;
    Place wanted = Place::device;  // the result must be on the device
    for (int j = layers_; j > 0; j = reversed.back().first - 1) {
      const Ending& e = ending_[j];
      Place made = wanted == Place::device ? Place::cloud : Place::device;  // and moved
      if (j == layers_ || neighbours_ == Neighbours::allowed) {
        const bool on_device = wanted == Place::device ? e.device.cost <= e.cloud.cost + w_.down[j]
                                                       : e.device.cost + w_.up[j] <= e.cloud.cost;
        made = on_device ? Place::device : Place::cloud;
      }
      const Step& group = made == Place::device ? e.device : e.cloud;
      reversed.push_back({.first = group.first, .last = j, .place = made});
      wanted = made;
    }
    return {reversed.rbegin(), reversed.rend()};
  }

  const Weights& w_;
  int layers_;
  Neighbours neighbours_;
  std::vector<Ending> ending_;
};

// The squared standard error of a group's cost under the objective; energies are taken to err as their latencies do.
double variance_of(const Problem& problem, const Weights& w, const Segment& group) {
  const bool device = group.place == Place::device;
  const GroupCosts& errors = device ? problem.device_error_ms : problem.cloud_error_ms;
  if (errors.layers() == 0) return 0;
  const double latency = (device ? problem.device_ms : problem.cloud_ms).at(group.first, group.last);
  const double error = errors.at(group.first, group.last);
  if (!(latency > 0) || !std::isfinite(error)) return 0;
  const double scaled = w.on(group.place).at(group.first, group.last) * error / latency;
  return scaled * scaled;
}

// Neighbours on one place become one group where that costs no more, but for rounding and errors of measurement.
std::vector<Segment> join_neighbours(const Problem& problem, const Weights& w, const std::vector<Segment>& path) {
  constexpr double kRounding = 1e-12;
  constexpr double kStandardErrors = 2;
  std::vector<Segment> joined;
  double apart = 0;  // of the groups that joined.back() is made of
  double variance = 0;
  for (const Segment& next : path) {
    const double cost = w.on(next.place).at(next.first, next.last);
    if (!joined.empty() && joined.back().place == next.place) {
      const Segment both{.first = joined.back().first, .last = next.last, .place = next.place};
      const double together = w.on(both.place).at(both.first, both.last);
      const double parts_variance = variance + variance_of(problem, w, next);
      const double error = kStandardErrors * std::sqrt(parts_variance + variance_of(problem, w, both));
      if (together <= apart + cost + std::max(kRounding * (apart + cost), error)) {
        joined.back() = both;
        apart += cost;
        variance = parts_variance;
        continue;
      }
    }
    joined.push_back(next);
    apart = cost;
    variance = variance_of(problem, w, next);
  }
  return joined;
}

double cost_of(const Weights& w, const std::vector<Segment>& path) {
  double cost = 0;
  Place place = Place::device;
  for (const Segment& segment : path) {
    if (segment.place != place) cost += (segment.place == Place::cloud ? w.up : w.down)[segment.first - 1];
    cost += w.on(segment.place).at(segment.first, segment.last);
    place = segment.place;
  }
  return place == Place::cloud ? cost + w.down.back() : cost;
}

std::vector<Segment> best_schedule(const Problem& problem) {
  const Weights w = weights_of(problem);
  const Path shortest = ShortestPath(w, problem.layers, Neighbours::allowed).find();
  std::vector<Segment> joined = join_neighbours(problem, w, shortest.segments);
  const double cost = cost_of(w, joined);
  if (cost <= shortest.cost * (1 + 1e-9)) return joined;
  // The splits that were only luck had a say in where to change places: ask again without splits.
  Path alternating = ShortestPath(w, problem.layers, Neighbours::alternate).find();
  return alternating.cost < cost ? std::move(alternating.segments) : std::move(joined);
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
  std::vector<Segment> schedule = best_schedule(problem);
  const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - start;
  const bool found = !schedule.empty();
  if (!found) schedule = {{.first = 1, .last = problem.layers, .place = Place::device}};  // for the baselines
  Plan plan = describe(problem, std::move(schedule));
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
