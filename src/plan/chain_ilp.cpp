// Variables m(i, j) and c(i, j): layers i..j run as one group on the device, in the cloud (2.2). Some forms are chosen
// so that CBC's relaxations are tight; in integers they say the same:
// - That every layer is executed once (2.5) is said by the differences of those rows: one group begins at layer 1, and
//   where groups end, as many begin.
// - Only the sum of u(i, j), and of d(i, j), over the groups that end at layer j is charged (2.3), so there is one u
// and
//   one d for each boundary. They must make up for what ends on one place and does not go on there, which is (2.6) and
//   (2.7) together: u(j) - d(j) = sum of m(i, j) - sum of m(j + 1, k).
// - Energy charges what really crosses, in place of (2.9); see the notes in docs/formats/plan.md.
#include "chain_ilp.hpp"

#include <cmath>
#include <limits>

namespace tandem::plan {
namespace {

class ChainProgram {
 public:
  ChainProgram(const Problem& problem, const Prices& prices, const Amounts& limits)
      : problem_(problem), prices_(prices), limits_(limits), boundaries_(problem.layers + 1) {
    for (int last = 1; last <= problem.layers; ++last) {
      for (int first = 1; first <= last; ++first) {
        for (const Place place : {Place::device, Place::cloud})
          add_group({.first = first, .last = last, .place = place});
      }
    }
    for (int k = 0; k <= problem.layers; ++k) {
      add_crossing({.after = k, .direction = Direction::up, .crossing = problem.uploads[k]});
      add_crossing({.after = k, .direction = Direction::down, .crossing = problem.downloads[k]});
    }
    for (const Transfer& other : problem.alternatives) add_crossing(other);
    for (int k = 0; k <= problem.layers; ++k) add_boundary(k);
    for (std::size_t r = 0; r < limits.size(); ++r) {
      if (!std::isfinite(limits[r])) continue;
      // In parts of the limit, since the solver's tolerances are absolute.
      const double unit = limits[r] > 0 ? limits[r] : 1;
      for (Ilp::Term& term : uses_[r]) term.coefficient /= unit;
      program_.add_row(std::move(uses_[r]), {.upper = limits[r] / unit});
    }
  }

  [[nodiscard]] const Ilp& program() const { return program_; }

  [[nodiscard]] Schedule schedule(const std::vector<double>& values) const {
    Schedule schedule;
    const auto take = [&](const Amounts& used) {
      for (std::size_t r = 0; r < used.size(); ++r) schedule.amounts[r] += used[r];
    };
    for (std::size_t v = 0; v < groups_.size(); ++v) {  // in order of their last layer
      if (values[v] < 0.5) continue;
      take(amounts_of(problem_, groups_[v]));
      schedule.segments.push_back(groups_[v]);
    }
    for (int k = 0; k <= problem_.layers; ++k) {
      for (const auto* crossings : {&boundaries_[k].up, &boundaries_[k].down}) {
        for (const int v : *crossings) {
          if (values[v] < 0.5) continue;
          const Transfer& transfer = transfers_[v - groups_.size()];
          take(amounts_of(transfer.crossing));
          schedule.transfers.push_back(transfer);
        }
      }
    }
    schedule.cost = cost_of(prices_, schedule.amounts);
    return schedule;
  }

 private:
  // What meets after a layer: groups that end and begin there, on device [0] and cloud [1], and what may cross.
  struct Boundary {
    std::vector<int> ends[2], begins[2];
    std::vector<int> up, down;  // one for each codec
  };

  // Costs that are not finite are never taken.
  int add_variable(const Amounts& used) {
    const double cost = cost_of(prices_, used);
    bool possible = std::isfinite(cost);
    for (std::size_t r = 0; r < used.size(); ++r) possible = possible && (std::isfinite(used[r]) || !limited(r));
    const int variable = program_.add_binary(possible ? cost : 0);
    if (!possible) program_.variables[variable].bounds.upper = 0;
    for (std::size_t r = 0; r < used.size(); ++r) {
      if (possible && limited(r) && used[r] != 0) uses_[r].push_back({variable, used[r]});
    }
    return variable;
  }
  [[nodiscard]] bool limited(std::size_t r) const { return std::isfinite(limits_[r]); }

  void add_group(const Segment& group) {
    const int variable = add_variable(amounts_of(problem_, group));
    const std::size_t place = group.place == Place::device ? 0 : 1;
    boundaries_[group.first - 1].begins[place].push_back(variable);
    boundaries_[group.last].ends[place].push_back(variable);
    groups_.push_back(group);
    for (const Pin& pin : problem_.constraints.pins) {
      if (pin.place != group.place && group.first <= pin.last && pin.first <= group.last) {
        program_.variables[variable].bounds.upper = 0;
      }
    }
  }

  void add_crossing(const Transfer& transfer) {
    const int variable = add_variable(amounts_of(transfer.crossing));
    Boundary& boundary = boundaries_[transfer.after];
    (transfer.direction == Direction::up ? boundary.up : boundary.down).push_back(variable);
    transfers_.push_back(transfer);
  }

  static void add_terms(std::vector<Ilp::Term>& terms, const std::vector<int>& variables, double coefficient) {
    for (const int variable : variables) terms.push_back({variable, coefficient});
  }

  void add_boundary(int k) {
    const Boundary& at = boundaries_[k];
    // The input is on the device, and there the result must be: one that ends, one that begins.
    const double outside_ends = k == 0 ? 1 : 0, outside_begins = k == problem_.layers ? 1 : 0;
    std::vector<Ilp::Term> executed_once, moved;
    for (const std::size_t place : {0, 1}) {
      add_terms(executed_once, at.ends[place], 1);
      add_terms(executed_once, at.begins[place], -1);
    }
    const double once = outside_begins - outside_ends;
    program_.add_row(std::move(executed_once), {.lower = once, .upper = once});
    add_terms(moved, at.up, 1);
    add_terms(moved, at.down, -1);
    add_terms(moved, at.ends[0], -1);
    add_terms(moved, at.begins[0], 1);
    std::vector<Ilp::Term> one_way;
    add_terms(one_way, at.up, 1);
    add_terms(one_way, at.down, 1);
    program_.add_row(std::move(one_way), {.upper = 1});
    const double outside = outside_ends - outside_begins;
    program_.add_row(std::move(moved), {.lower = outside, .upper = outside});
  }

  const Problem& problem_;
  const Prices prices_;
  const Amounts limits_;
  Ilp program_;
  std::vector<Segment> groups_;      // of the first variables
  std::vector<Transfer> transfers_;  // of the others
  std::vector<Boundary> boundaries_;
  std::array<std::vector<Ilp::Term>, kResources> uses_;
};

}  // namespace

Result<Search> search_by_ilp(const Problem& problem, const Prices& prices, const Amounts& limits,
                             Milliseconds time_limit) {
  const ChainProgram chain(problem, prices, limits);
  const Result<IlpSolution> solution = cbc().solve(chain.program(), {.time_limit = time_limit});
  if (!solution) return forward_error(solution);
  Search search{.lower_bound = std::numeric_limits<double>::infinity(), .exact = solution->exact};
  search.best.cost = std::numeric_limits<double>::infinity();
  if (solution->values.empty()) return search;
  search.best = chain.schedule(solution->values);
  search.lower_bound = search.exact ? search.best.cost : solution->lower_bound;
  return search;
}

}  // namespace tandem::plan
