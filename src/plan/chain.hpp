// A chain problem as the solvers see it: what each step uses up, priced. Prices turn five resources into one cost, so
// that every objective, every limit's least use and every Lagrangian is a shortest path.
#pragma once

#include <array>
#include <vector>

#include "places.hpp"
#include "tandem/plan/plan.hpp"

namespace tandem::plan {

inline constexpr int kResources = 5;
using Amounts = std::array<double, kResources>;  // by Resource
using Prices = Amounts;                          // of a unit of each

inline double& of(Amounts& amounts, Resource resource) {
  return amounts[static_cast<std::size_t>(resource)];
}
inline double of(const Amounts& amounts, Resource resource) {
  return amounts[static_cast<std::size_t>(resource)];
}

Prices objective_prices(const Problem& problem);
Prices price_of(Resource resource);  // 1 for it, 0 for all others

Amounts amounts_of(const Problem& problem, const Segment& group);
Amounts amounts_of(const Crossing& crossing);
Amounts amounts_of(const Plan& plan);
double cost_of(const Prices& prices, const Amounts& amounts);

// Used and not more than the limit, but for rounding.
bool within(double used, double limit);
// The limits of the constraints; infinite where absent.
Amounts limits_of(const Constraints& constraints);
bool keeps(const Constraints& constraints, const Plan& plan);

class PricedChain {
 public:
  PricedChain(const Problem& problem, const Prices& prices);

  [[nodiscard]] int layers() const { return problem_.layers; }
  // Costs of groups 1..last, 2..last, …, last..last; good until the next call for the same place. Where one resource
  // alone has a price of 1, these are the problem's own figures.
  [[nodiscard]] const double* groups_ending_at(Place place, int last) const;
  [[nodiscard]] double group(Place place, int first, int last) const {
    return groups_ending_at(place, last)[first - 1];
  }
  // Groups that end at `last` may start here at the earliest: before lies a layer pinned to the other place. More than
  // `last` where none may.
  [[nodiscard]] int earliest(Place place, int last) const { return earliest_[index_of(place)][last]; }
  // Of the crossing from the device, or from the cloud, that costs least; infinite where there is none.
  [[nodiscard]] double leave(Place from, int after) const { return leave_[index_of(from)][after]; }
  [[nodiscard]] const Crossing& crossing(Place from, int after) const { return *crossings_[index_of(from)][after]; }

 private:
  void choose(Place from, int after, const Crossing& crossing);

  struct Term {
    double price;
    const GroupCosts* costs;
  };
  const Problem& problem_;
  Prices prices_;
  std::array<std::vector<Term>, 2> terms_;
  mutable std::array<std::vector<double>, 2> rows_;
  std::array<std::vector<int>, 2> earliest_;
  std::array<std::vector<double>, 2> leave_;
  std::array<std::vector<const Crossing*>, 2> crossings_;
};

// May groups that follow each other lie on one place?
enum class Neighbours { allowed, alternate };

struct Schedule {
  double cost = 0.0;  // under the prices; infinite, and without segments, where there is none
  std::vector<Segment> segments{};
  std::vector<Transfer> transfers{};
  Amounts amounts{};
};

// The shortest path, O(N^2) time and O(N) memory.
Schedule shortest_path(const Problem& problem, const Prices& prices, Neighbours neighbours = Neighbours::allowed);

// The transfers a list of segments needs, each in the codec that costs least under the prices.
std::vector<Transfer> transfers_between(const Problem& problem, const std::vector<Segment>& segments,
                                        const Prices& prices);
Plan describe(const Problem& problem, std::vector<Segment> segments, std::vector<Transfer> transfers);

// Least cost from each boundary to the end: at [k] the tensor after layer k is on the place; made [k] on the place,
// from where it may yet cross.
struct ToGo {
  std::array<std::vector<double>, 2> at, made;
};
ToGo to_go(const PricedChain& chain);

// What a solver found before it is made a Plan.
struct Search {
  Schedule best{};           // no segments where none was found
  double lower_bound = 0.0;  // of any schedule that keeps the limits; infinite where none does
  bool exact = true;         // `best` is the optimum
};

// The best prices of the limits found, the lower bound they give, and the best schedule met on the way that keeps all.
struct Lagrangian {
  Amounts multipliers{};
  double lower_bound = 0.0;  // infinite where a limit cannot be kept even alone
  Schedule best;
};
Lagrangian relax(const Problem& problem, const Prices& prices, const Amounts& limits);

// Least cost of the schedules whose amounts keep the limits.
Search larac(const Problem& problem, const Prices& prices, const Amounts& limits);
Search label_setting(const Problem& problem, const Prices& prices, const Amounts& limits);

}  // namespace tandem::plan
