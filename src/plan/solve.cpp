#include <fmt/format.h>

#include <cassert>
#include <chrono>
#include <cmath>

#include "chain.hpp"
#include "chain_ilp.hpp"
#include "join.hpp"
#include "places.hpp"

namespace tandem::plan {
namespace {

// Errors aside, a schedule found is kept; with them, neighbours are joined where the limits allow it. `again` finds the
// best schedule whose neighbours alternate.
template <class Again>
void believe(const Problem& problem, const Prices& prices, Schedule& schedule, const Again& again) {
  std::vector<Segment> joined = join_neighbours(problem, prices, schedule.segments);
  if (joined == schedule.segments) return;
  const Plan plan = describe(problem, joined, schedule.transfers);
  if (!plan.feasible) return;
  const double cost = cost_of(problem, plan.totals);
  if (cost > schedule.cost * (1 + 1e-9)) {
    // The splits that were only luck had a say in where to change places: ask again without splits.
    if (Schedule alternating = again(); alternating.cost < cost) {
      schedule = std::move(alternating);
      return;
    }
  }
  schedule.segments = std::move(joined);
  schedule.cost = cost;
}

// The plan of what was found, or why there is none.
Plan plan_of(const Problem& problem, Search search) {
  const bool found = !search.best.segments.empty();
  Plan plan = found ? describe(problem, std::move(search.best.segments), std::move(search.best.transfers))
                    : describe(problem, {{.first = 1, .last = problem.layers}}, {});  // for the baselines
  plan.proven_optimal = search.exact;
  plan.lower_bound = search.lower_bound;
  if (!found || !plan.feasible) {
    plan.feasible = false;
    plan.totals = {};
    plan.segments.clear();
    plan.transfers.clear();
  }
  return plan;
}

Search by_path(const Problem& problem, const Prices& prices) {
  Search search{.best = shortest_path(problem, prices)};
  search.lower_bound = search.best.cost;
  believe(problem, prices, search.best, [&] { return shortest_path(problem, prices, Neighbours::alternate); });
  return search;
}

Search with_limits(const Problem& problem, const Prices& prices, Solver solver) {
  const Amounts limits = limits_of(problem.constraints);
  Search search = solver == Solver::label ? label_setting(problem, prices, limits) : larac(problem, prices, limits);
  if (!search.best.segments.empty()) believe(problem, prices, search.best, [] { return Schedule{.cost = kNever}; });
  return search;
}

// Each limit in turn becomes the objective.
std::vector<Miss> nearest_miss(const Problem& problem) {
  const Amounts limits = limits_of(problem.constraints);
  std::vector<Miss> misses;
  for (std::size_t r = 0; r < kResources; ++r) {
    if (!std::isfinite(limits[r])) continue;
    const auto resource = static_cast<Resource>(r);
    Amounts others = limits;
    others[r] = kNever;
    Miss miss{.resource = resource, .limit = limits[r], .least = shortest_path(problem, price_of(resource)).cost};
    if (const Search within_others = label_setting(problem, price_of(resource), others);
        !within_others.best.segments.empty()) {
      miss.least_within_others = within_others.best.cost;
    }
    misses.push_back(miss);
  }
  return misses;
}

struct Timed {
  Search search;
  std::chrono::duration<double, std::micro> took;
};

Plan finished(const Problem& problem, Solver solver, Timed timed) {
  Plan plan = plan_of(problem, std::move(timed.search));
  plan.solver = name_of(solver);
  plan.solve_us = timed.took.count();
  if (!plan.feasible) plan.nearest_miss = nearest_miss(problem);
  return plan;
}

Plan timed(const Problem& problem, Solver solver) {
  assert(problem.layers >= 1);
  const auto start = std::chrono::steady_clock::now();
  const Prices prices = objective_prices(problem);
  Search search = solver == Solver::path ? by_path(problem, prices) : with_limits(problem, prices, solver);
  return finished(problem, solver, {std::move(search), std::chrono::steady_clock::now() - start});
}

Result<Plan> timed_ilp(const Problem& problem) {
  const auto start = std::chrono::steady_clock::now();
  Result<Search> search =
      search_by_ilp(problem, objective_prices(problem), limits_of(problem.constraints), IlpOptions{}.time_limit);
  if (!search) return forward_error(search);
  return finished(problem, Solver::ilp, {std::move(*search), std::chrono::steady_clock::now() - start});
}

}  // namespace

const char* name_of(Solver solver) {
  switch (solver) {
    case Solver::path: return "path";
    case Solver::cut: return "cut";
    case Solver::label: return "label";
    case Solver::larac: return "larac";
    case Solver::ilp: return "ilp";
  }
  return "";
}

Plan solve(const Problem& problem) {
  return timed(problem, problem.constraints.limited() ? Solver::label : Solver::path);
}

Result<Plan> solve(const Problem& problem, Solver solver) {
  switch (solver) {
    case Solver::path:
      if (!problem.constraints.limited()) return timed(problem, solver);
      return fail(Errc::invalid_argument, "solver 'path' keeps no limits: use label, larac or ilp");
    case Solver::cut:
      return fail(Errc::invalid_argument, "solver 'cut' is for graphs: use path, label, larac or ilp for a chain");
    case Solver::ilp: return timed_ilp(problem);
    case Solver::label:
    case Solver::larac: break;
  }
  return timed(problem, solver);
}

}  // namespace tandem::plan
