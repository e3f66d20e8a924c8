#include <fmt/format.h>

#include <cassert>
#include <chrono>
#include <cmath>
#include <limits>

#include "graph_ilp.hpp"
#include "graph_search.hpp"

namespace tandem::plan {
namespace {

Prices prices_of(const GraphProblem& problem) {
  Prices prices{};
  const bool weighted = problem.objective == Objective::weighted;
  if (problem.objective != Objective::energy) of(prices, Resource::latency) = weighted ? problem.weights.per_ms : 1;
  if (problem.objective != Objective::latency) of(prices, Resource::energy) = weighted ? problem.weights.per_mj : 1;
  return prices;
}

Totals totals_of(const Amounts& used) {
  return {.latency = Milliseconds{of(used, Resource::latency)},
          .energy = Millijoules{of(used, Resource::energy)},
          .cloud = Milliseconds{of(used, Resource::cloud)},
          .memory = Bytes{of(used, Resource::memory)}};
}

bool keeps(const Constraints& constraints, const Amounts& used) {
  const Amounts limits = limits_of(constraints);
  for (std::size_t r = 0; r < used.size(); ++r) {
    if (!within(used[r], limits[r])) return false;
  }
  return true;
}

// Without limits the minimum cut is the answer.
GraphSearch by_cut(const GraphCosts& costs, const Prices& prices, const Amounts& limits, Milliseconds time_limit) {
  for (const double limit : limits) {
    if (std::isfinite(limit)) return search(costs, prices, limits, {.time_limit = time_limit});
  }
  GraphSearch found{.best = costs.cheapest(prices, costs.pins()), .exact = true};
  found.cost = found.lower_bound = cost_of(prices, costs.amounts(found.best));
  return found;
}

Result<GraphSearch> by(Solver solver, const GraphCosts& costs, const Prices& prices, const Amounts& limits,
                       Milliseconds time_limit) {
  if (solver == Solver::ilp) return search_by_ilp(costs, prices, limits, time_limit);
  return by_cut(costs, prices, limits, time_limit);
}

std::vector<Miss> nearest_miss(const GraphCosts& costs, const Amounts& limits, Milliseconds time_limit) {
  std::vector<Miss> misses;
  for (std::size_t r = 0; r < limits.size(); ++r) {
    if (!std::isfinite(limits[r])) continue;
    const Prices alone = price_of(static_cast<Resource>(r));
    Miss miss{
        .resource = static_cast<Resource>(r), .limit = limits[r], .least = 0, .least_within_others = std::nullopt};
    miss.least = costs.amounts(costs.cheapest(alone, costs.pins()))[r];
    Amounts others = limits;
    others[r] = std::numeric_limits<double>::infinity();
    const GraphSearch within_others = by_cut(costs, alone, others, time_limit);
    if (!within_others.best.empty()) miss.least_within_others = within_others.cost;
    misses.push_back(miss);
  }
  return misses;
}

Status check(const GraphProblem& problem) {
  if (Status s = check(problem.graph); !s) return s;
  if (Status s = check(problem.constraints, static_cast<int>(problem.graph.nodes.size())); !s) return s;
  if (!(problem.link.up.value > 0) || !(problem.link.down.value > 0)) {
    return fail(Errc::invalid_argument, fmt::format("link '{}': both rates must be above 0 Mbps", problem.link.name));
  }
  for (const double weight : {problem.weights.per_ms, problem.weights.per_mj}) {
    if (!std::isfinite(weight) || weight < 0) {
      return fail(Errc::invalid_argument, fmt::format("weights must be finite and at least 0, one is {}", weight));
    }
  }
  for (const Pin& pin : problem.constraints.pins) {
    for (int i = pin.first; i <= pin.last; ++i) {
      const GraphNode& node = problem.graph.nodes[i - 1];
      if (!node.pin || *node.pin == pin.place) continue;
      return fail(Errc::invalid_argument,
                  fmt::format("node '{}' is pinned to the {} by the graph and to the other place by an option", node.id,
                              *node.pin == Place::device ? "device" : "cloud"));
    }
  }
  return {};
}

}  // namespace

GraphPlan describe(const GraphProblem& problem, std::vector<Place> places) {
  assert(places.size() == problem.graph.nodes.size());
  const GraphCosts costs(problem);
  GraphPlan plan;
  plan.objective = problem.objective;
  plan.weights = problem.weights;
  plan.network = problem.graph.name;
  plan.link = problem.link.name;
  const Amounts used = costs.amounts(places);
  plan.totals = totals_of(used);
  plan.feasible = keeps(problem.constraints, used);
  for (int i = 0; i < costs.nodes(); ++i) {
    const Fixed pin = costs.pins()[i];
    if (pin != Fixed::free && (pin == Fixed::cloud) != (places[i] == Place::cloud)) plan.feasible = false;
  }
  const auto transfer = [&](int tensor, Direction direction) {
    const Amounts crossing = costs.crossing(tensor, direction);
    const bool input = tensor == costs.input();
    plan.transfers.push_back({.node = input ? -1 : tensor,
                              .direction = direction,
                              .bytes = input ? problem.graph.input : problem.graph.nodes[tensor].output,
                              .latency = Milliseconds{of(crossing, Resource::latency)},
                              .energy = Millijoules{of(crossing, Resource::energy)}});
  };
  if (costs.crosses(costs.input(), places).up) transfer(costs.input(), Direction::up);
  for (int i = 0; i < costs.nodes(); ++i) {
    const auto [up, down] = costs.crosses(i, places);
    if (up) transfer(i, Direction::up);
    if (down) transfer(i, Direction::down);
  }
  plan.device_only = totals_of(costs.amounts(std::vector<Place>(costs.nodes(), Place::device)));
  plan.cloud_only = totals_of(costs.amounts(std::vector<Place>(costs.nodes(), Place::cloud)));
  plan.places = std::move(places);
  return plan;
}

Result<GraphPlan> solve(const GraphProblem& problem, const GraphSolveOptions& options) {
  if (const Status s = check(problem); !s) return forward_error(s);
  if (options.solver != Solver::cut && options.solver != Solver::ilp) {
    return fail(Errc::invalid_argument,
                fmt::format("solver '{}' is for chains: use cut or ilp for a graph", name_of(options.solver)));
  }
  const auto start = std::chrono::steady_clock::now();
  const GraphCosts costs(problem);
  const Amounts limits = limits_of(problem.constraints);
  Result<GraphSearch> found = by(options.solver, costs, prices_of(problem), limits, options.time_limit);
  if (!found) return forward_error(found);
  const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - start;

  const bool any = !found->best.empty();
  GraphPlan plan = describe(problem, any ? std::move(found->best) : std::vector<Place>(costs.nodes(), Place::device));
  if (!any) {
    plan.feasible = false;
    plan.places.clear();
    plan.transfers.clear();
    plan.totals = {};
    plan.nearest_miss = nearest_miss(costs, limits, options.time_limit);
  }
  plan.proven_optimal = found->exact;
  plan.lower_bound = found->lower_bound;
  plan.solver = options.solver;
  plan.solve_us = took.count();
  return plan;
}

}  // namespace tandem::plan
