// Lagrangian relaxation: limits become prices. The best prices give a lower bound of all schedules that keep the
// limits, and on the way schedules that do. One limit at a time by LARAC (Juettner, Szviatovski, Mecs, Rajko: Lagrange
// relaxation based method for the QoS routing problem, INFOCOM 2001); with several, each in turn until none raises the
// bound.
#include <algorithm>
#include <cmath>

#include "chain.hpp"
#include "places.hpp"

namespace tandem::plan {
namespace {

constexpr int kMaxRounds = 8;       // over all limits
constexpr int kMaxIterations = 64;  // for one of them; seldom more than ten

class Relaxation {
 public:
  Relaxation(const Problem& problem, const Prices& prices, const Amounts& limits)
      : problem_(problem), prices_(prices), limits_(limits) {}

  Lagrangian find() {
    result_.best.cost = kNever;
    const Schedule free = solve_at(result_.multipliers);
    for (std::size_t r = 0; r < kResources; ++r) {
      if (std::isfinite(limits_[r])) limited_.push_back(r);
    }
    if (free.segments.empty()) result_.lower_bound = kNever;
    for (int round = 0; round < kMaxRounds; ++round) {
      const double before = result_.lower_bound;
      for (const std::size_t r : limited_) raise(r);
      if (closed() || limited_.size() < 2 || !(result_.lower_bound > before + 1e-9 * std::abs(before))) break;
    }
    return std::move(result_);
  }

 private:
  [[nodiscard]] bool closed() const { return result_.lower_bound >= result_.best.cost * (1 - 1e-12); }

  // The least of cost + multipliers * (used - limit), a lower bound; keeps what it finds.
  Schedule solve_at(const Amounts& multipliers) {
    Prices prices = prices_;
    double constant = 0;
    for (std::size_t r = 0; r < kResources; ++r) {
      prices[r] += multipliers[r];
      if (multipliers[r] > 0) constant += multipliers[r] * limits_[r];
    }
    Schedule found = shortest_path(problem_, prices);
    if (found.segments.empty()) return found;
    if (found.cost - constant > result_.lower_bound) {
      result_.lower_bound = found.cost - constant;
      result_.multipliers = multipliers;
    }
    bool kept = true;
    for (std::size_t r = 0; r < kResources; ++r) kept = kept && within(found.amounts[r], limits_[r]);
    if (const double cost = cost_of(prices_, found.amounts); kept && cost < result_.best.cost) {
      result_.best = found;
      result_.best.cost = cost;
    }
    return found;
  }

  // The best multiplier of limit r, the others as they are. The Lagrangian is concave in it, and piecewise linear with
  // the slope used - limit: from a schedule that uses too much and one that does not, go to where their lines meet.
  void raise(std::size_t r) {
    Amounts multipliers = result_.multipliers;
    const auto line = [&](const Schedule& s) {  // its Lagrangian without the part of r
      double cost = cost_of(prices_, s.amounts);
      for (const std::size_t other : limited_) {
        if (other != r && multipliers[other] > 0) cost += multipliers[other] * s.amounts[other];
      }
      return cost;
    };
    multipliers[r] = 0;
    Schedule above = solve_at(multipliers);
    if (above.segments.empty() || within(above.amounts[r], limits_[r])) return;
    Schedule below = shortest_path(problem_, price_of(static_cast<Resource>(r)));
    if (below.segments.empty() || !within(below.amounts[r], limits_[r])) {
      result_.lower_bound = kNever;  // no schedule keeps this limit
      return;
    }
    for (int i = 0; i < kMaxIterations; ++i) {
      const double multiplier = (line(below) - line(above)) / (above.amounts[r] - below.amounts[r]);
      if (!(multiplier > 0) || !std::isfinite(multiplier)) return;
      multipliers[r] = multiplier;
      Schedule between = solve_at(multipliers);
      const double met = line(above) + multiplier * above.amounts[r];
      if (line(between) + multiplier * between.amounts[r] >= met - 1e-12 * std::abs(met)) return;
      (within(between.amounts[r], limits_[r]) ? below : above) = std::move(between);
    }
  }

  const Problem& problem_;
  const Prices prices_;
  const Amounts limits_;
  std::vector<std::size_t> limited_;
  Lagrangian result_;
};

}  // namespace

Lagrangian relax(const Problem& problem, const Prices& prices, const Amounts& limits) {
  return Relaxation(problem, prices, limits).find();
}

Search larac(const Problem& problem, const Prices& prices, const Amounts& limits) {
  Lagrangian lagrangian = relax(problem, prices, limits);
  Search search{.best = std::move(lagrangian.best), .lower_bound = lagrangian.lower_bound};
  search.exact = search.lower_bound >= search.best.cost * (1 - 1e-12);
  if (search.exact && !search.best.segments.empty()) search.lower_bound = search.best.cost;
  return search;
}

}  // namespace tandem::plan
