#include "graph_ilp.hpp"

#include <cmath>
#include <limits>

namespace tandem::plan {
namespace {

class Builder {
 public:
  Builder(const GraphCosts& costs, const Prices& prices, const Amounts& limits)
      : costs_(costs), prices_(prices), limits_(limits) {}

  Ilp build() {
    for (int i = 0; i < costs_.nodes(); ++i) add_node(i);
    for (int tensor = 0; tensor <= costs_.input(); ++tensor) add_crossings(tensor);
    for (std::size_t r = 0; r < limits_.size(); ++r) {
      if (!std::isfinite(limits_[r])) continue;
      // In parts of the limit, since the solver's tolerances are absolute.
      const double unit = limits_[r] > 0 ? limits_[r] : 1;
      for (Ilp::Term& term : uses_[r]) term.coefficient /= unit;
      program_.add_row(std::move(uses_[r]), {.upper = (limits_[r] - always_[r]) / unit});
    }
    return std::move(program_);
  }

 private:
  void use(int variable, const Amounts& amounts) {
    for (std::size_t r = 0; r < amounts.size(); ++r) {
      if (amounts[r] != 0) uses_[r].push_back({variable, amounts[r]});
    }
  }

  void add_node(int node) {
    const Amounts device = costs_.node(node, Place::device);
    Amounts more = costs_.node(node, Place::cloud);
    for (std::size_t r = 0; r < more.size(); ++r) {
      more[r] -= device[r];
      always_[r] += device[r];
    }
    const int in_cloud = program_.add_binary(cost_of(prices_, more));
    use(in_cloud, more);
    const Fixed pin = costs_.pins()[node];
    Ilp::Bounds& bounds = program_.variables[in_cloud].bounds;
    if (pin == Fixed::device) bounds.upper = 0;
    if (pin == Fixed::cloud) bounds.lower = 1;
  }

  int add_crossing(int tensor, Direction direction) {
    const Amounts amounts = costs_.crossing(tensor, direction);
    const int crossing = program_.add_share(cost_of(prices_, amounts));
    use(crossing, amounts);
    return crossing;
  }

  void add_crossings(int tensor) {
    const bool input = tensor == costs_.input();
    const auto read_by = costs_.readers(tensor);
    if (!read_by.empty()) {
      const int up = add_crossing(tensor, Direction::up);
      for (const int reader : read_by) {
        std::vector<Ilp::Term> terms{{up, 1}, {reader, -1}};
        if (!input) terms.push_back({tensor, 1});
        program_.add_row(std::move(terms), {.lower = 0});
      }
    }
    if (input || (read_by.empty() && !costs_.ends_on_device(tensor))) return;
    const int down = add_crossing(tensor, Direction::down);
    if (costs_.ends_on_device(tensor)) {
      program_.add_row({{down, 1}, {tensor, -1}}, {.lower = 0});
      return;
    }
    for (const int reader : read_by) program_.add_row({{down, 1}, {tensor, -1}, {reader, 1}}, {.lower = 0});
  }

  const GraphCosts& costs_;
  const Prices prices_;
  const Amounts limits_;
  Ilp program_;
  Amounts always_{};  // used where all nodes are on the device
  std::array<std::vector<Ilp::Term>, kResources> uses_;
};

}  // namespace

Ilp program_of(const GraphCosts& costs, const Prices& prices, const Amounts& limits) {
  return Builder(costs, prices, limits).build();
}

Result<GraphSearch> search_by_ilp(const GraphCosts& costs, const Prices& prices, const Amounts& limits,
                                  Milliseconds time_limit) {
  const Result<IlpSolution> solution = cbc().solve(program_of(costs, prices, limits), {.time_limit = time_limit});
  if (!solution) return forward_error(solution);
  GraphSearch found{.best = {},
                    .cost = std::numeric_limits<double>::infinity(),
                    .lower_bound = std::numeric_limits<double>::infinity(),
                    .exact = solution->exact};
  if (solution->values.empty()) return found;
  found.best.reserve(costs.nodes());
  for (int i = 0; i < costs.nodes(); ++i) {
    found.best.push_back(solution->values[i] > 0.5 ? Place::cloud : Place::device);
  }
  found.cost = cost_of(prices, costs.amounts(found.best));
  found.lower_bound = found.exact ? found.cost : found.cost - (solution->cost - solution->lower_bound);
  return found;
}

}  // namespace tandem::plan
