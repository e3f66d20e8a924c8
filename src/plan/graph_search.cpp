#include "graph_search.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <queue>

#include "label_elimination.hpp"

namespace tandem::plan {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr double kRounding = 1e-11;
constexpr int kMaxRounds = 6;       // over all limits, at one node of the search
constexpr int kMaxIterations = 40;  // for one limit; seldom more than six

using Assignment = Elimination::Assignment;

// Some nodes are fixed; no assignment of the others that keeps the limits costs less than the bound.
struct Subproblem {
  std::vector<Fixed> fixed;
  double bound = 0.0;
  Amounts multipliers{};
  int branch = -1;  // the node to try on either place
};
struct LargerBound {
  bool operator()(const Subproblem& a, const Subproblem& b) const { return a.bound > b.bound; }
};

class BranchAndBound {
 public:
  BranchAndBound(const GraphCosts& costs, const Prices& prices, const Amounts& limits,
                 const GraphSearchOptions& options)
      : costs_(costs),
        prices_(prices),
        limits_(limits),
        until_(SteadyClock::now() + std::chrono::duration_cast<SteadyClock::duration>(options.time_limit)) {
    for (std::size_t r = 0; r < limits.size(); ++r) {
      if (std::isfinite(limits[r])) limited_.push_back(r);
    }
    if (options.eliminate) tree_ = elimination_tree(costs);
    if (tree_) elimination_.emplace(*tree_);
  }

  GraphSearch run() {
    Subproblem root{.fixed = costs_.pins()};
    if (bound(root)) {
      if (set_labels(root)) return {.best = best_.places, .cost = best_cost_, .lower_bound = best_cost_, .exact = true};
      fix_what_cannot_change(root);
      if (bound(root)) open_.push(std::move(root));
    }
    while (!open_.empty() && !pruned(open_.top().bound) && !out_of_time()) {
      const Subproblem parent = open_.top();
      open_.pop();
      for (const Fixed side : {Fixed::device, Fixed::cloud}) {
        Subproblem child{.fixed = parent.fixed, .bound = parent.bound, .multipliers = parent.multipliers};
        child.fixed[parent.branch] = side;
        if (bound(child)) open_.push(std::move(child));
      }
    }
    const bool exact = open_.empty() || pruned(open_.top().bound);
    return {.best = std::move(best_.places),
            .cost = best_cost_,
            .lower_bound = exact ? best_cost_ : open_.top().bound,
            .exact = exact};
  }

 private:
  [[nodiscard]] bool out_of_time() const { return SteadyClock::now() >= until_; }
  [[nodiscard]] bool pruned(double bound) const { return bound >= best_cost_ - kRounding * std::abs(best_cost_); }
  [[nodiscard]] bool keeps(const Amounts& used) const {
    return std::ranges::all_of(limited_, [&](std::size_t r) { return within(used[r], limits_[r]); });
  }

  // By elimination where the graph is narrow, which is quicker than a minimum cut.
  [[nodiscard]] Assignment cheapest(const Prices& prices, const std::vector<Fixed>& fixed) {
    if (elimination_) return elimination_->cheapest(prices, fixed);
    Assignment found{.places = costs_.cheapest(prices, fixed)};
    found.amounts = costs_.amounts(found.places);
    return found;
  }

  void offer(const Assignment& found) {
    const double cost = cost_of(prices_, found.amounts);
    if (cost >= best_cost_ || !keeps(found.amounts)) return;
    best_ = found;
    best_cost_ = cost;
  }

  // The Lagrangian at these multipliers: a lower bound of the subproblem, and the assignment that reaches it.
  Assignment relaxed(Subproblem& sub, const Amounts& multipliers) {
    Prices prices = prices_;
    for (const std::size_t r : limited_) prices[r] += multipliers[r];
    Assignment found = cheapest(prices, sub.fixed);
    double value = cost_of(prices, found.amounts);
    for (const std::size_t r : limited_) value -= multipliers[r] * limits_[r];
    if (value > sub.bound) {
      sub.bound = value;
      sub.multipliers = multipliers;
    }
    offer(found);
    return found;
  }

  // Raises the subproblem's bound as far as prices can. False where it is done with: solved, or nothing better in it.
  bool bound(Subproblem& sub) {
    Assignment last, apart;  // two to compare, for the choice of the node to branch on
    if (sub.multipliers != Amounts{}) last = relaxed(sub, sub.multipliers);
    for (int round = 0; round < kMaxRounds && !pruned(sub.bound); ++round) {
      const double before = sub.bound;
      for (const std::size_t r : limited_) {
        if (!raise(sub, r, last, apart)) return false;
      }
      if (limited_.size() < 2 || !(sub.bound > before + 1e-6 * std::abs(before))) break;
    }
    if (pruned(sub.bound)) return false;
    if (apart.places.empty()) apart = last;
    if (best_.places.empty() && cannot_keep_all(sub)) return false;
    sub.branch = node_to_branch_on(sub, last, apart);
    return sub.branch >= 0;
  }

  // The best multiplier of limit r, the others as they are: the Lagrangian is concave in it, and piecewise linear with
  // the slope used - limit; from an assignment that uses too much and one that does not, go to where their lines meet.
  // False where the limit cannot be kept.
  bool raise(Subproblem& sub, std::size_t r, Assignment& last, Assignment& apart) {
    Amounts multipliers = sub.multipliers;
    const auto line = [&](const Assignment& a) {  // its Lagrangian without the part of r
      double cost = cost_of(prices_, a.amounts);
      for (const std::size_t other : limited_) {
        if (other != r) cost += multipliers[other] * a.amounts[other];
      }
      return cost;
    };
    multipliers[r] = 0;
    Assignment above = relaxed(sub, multipliers);
    if (within(above.amounts[r], limits_[r])) {
      last = std::move(above);
      return true;
    }
    Assignment below = cheapest(price_of(static_cast<Resource>(r)), sub.fixed);
    if (!within(below.amounts[r], limits_[r])) return false;
    offer(below);
    for (int i = 0; i < kMaxIterations && !pruned(sub.bound); ++i) {
      const double multiplier = (line(below) - line(above)) / (above.amounts[r] - below.amounts[r]);
      if (!(multiplier > 0) || !std::isfinite(multiplier)) break;
      multipliers[r] = multiplier;
      Assignment between = relaxed(sub, multipliers);
      const double met = line(above) + multiplier * above.amounts[r];
      const bool there = line(between) + multiplier * between.amounts[r] >= met - 1e-12 * std::abs(met);
      if (there) break;
      (within(between.amounts[r], limits_[r]) ? below : above) = std::move(between);
    }
    last = std::move(above);
    apart = std::move(below);
    return true;
  }

  // At the found multipliers as the only prices, do all assignments together use more than all limits allow?
  bool cannot_keep_all(const Subproblem& sub) {
    Prices prices{};
    double allowed = 0;
    for (const std::size_t r : limited_) {
      prices[r] = sub.multipliers[r];
      allowed += prices[r] * limits_[r];
    }
    return cost_of(prices, cheapest(prices, sub.fixed).amounts) > allowed + 1e-9 * allowed;
  }

  // One of those that the two assignments place differently: the one that weighs most; else any that is free.
  int node_to_branch_on(const Subproblem& sub, const Assignment& a, const Assignment& b) const {
    Prices prices = prices_;
    for (const std::size_t r : limited_) prices[r] += sub.multipliers[r];
    int chosen = -1;
    double most = -1;
    for (int i = 0; i < costs_.nodes(); ++i) {
      if (sub.fixed[i] != Fixed::free) continue;
      const double weight =
          (a.places[i] != b.places[i] ? 1e9 : 1.0) *
          std::abs(cost_of(prices, costs_.node(i, Place::cloud)) - cost_of(prices, costs_.node(i, Place::device)));
      if (weight <= most) continue;
      most = weight;
      chosen = i;
    }
    return chosen;
  }

  // On a narrow graph labels find the optimum. False where the graph is wide, or they are too many.
  bool set_labels(Subproblem& root) {
    if (!elimination_) return false;
    Prices prices = prices_;
    for (const std::size_t r : limited_) prices[r] += root.multipliers[r];
    elimination_->price(prices);
    LabelResult found = cheapest_within(*tree_, *elimination_,
                                        {.prices = prices_,
                                         .multipliers = root.multipliers,
                                         .limits = limits_,
                                         .lower_bound = root.bound,
                                         .best = best_cost_,
                                         .until = until_});
    root.bound = std::max(root.bound, found.lower_bound);
    if (found.places.empty()) return found.complete;
    Assignment better{.places = std::move(found.places)};
    better.amounts = costs_.amounts(better.places);
    offer(better);
    return found.complete && keeps(better.amounts);  // false: a rounding is in the way
  }

  // A node that on one place lifts the bound above the best assignment known belongs on the other.
  void fix_what_cannot_change(Subproblem& root) {
    if (best_.places.empty()) return;
    Prices prices = prices_;
    double allowed = 0;
    for (const std::size_t r : limited_) {
      prices[r] += root.multipliers[r];
      allowed += root.multipliers[r] * limits_[r];
    }
    const std::vector<Place> usual = costs_.cheapest(prices, root.fixed);
    for (int i = 0; i < costs_.nodes() && !out_of_time(); ++i) {
      if (root.fixed[i] != Fixed::free) continue;
      const bool in_cloud = usual[i] == Place::cloud;
      root.fixed[i] = in_cloud ? Fixed::device : Fixed::cloud;
      const Assignment forced = cheapest(prices, root.fixed);
      offer(forced);
      root.fixed[i] = Fixed::free;
      if (pruned(cost_of(prices, forced.amounts) - allowed)) root.fixed[i] = in_cloud ? Fixed::cloud : Fixed::device;
    }
  }

  const GraphCosts& costs_;
  const Prices prices_;
  const Amounts limits_;
  const SteadyClock::time_point until_;
  std::vector<std::size_t> limited_;
  std::optional<EliminationTree> tree_;     // of a narrow graph
  std::optional<Elimination> elimination_;  // refers to it
  std::priority_queue<Subproblem, std::vector<Subproblem>, LargerBound> open_;
  Assignment best_;
  double best_cost_ = kNever;
};

}  // namespace

GraphSearch search(const GraphCosts& costs, const Prices& prices, const Amounts& limits,
                   const GraphSearchOptions& options) {
  return BranchAndBound(costs, prices, limits, options).run();
}

}  // namespace tandem::plan
