// The shortest path in the JointDNN graph (Fig. 2.6). Of all groups that end at a layer only the cheapest on each place
// matters to what follows, so it is one pass over the groups of each place.
#include <algorithm>
#include <cmath>

#include "chain.hpp"
#include "places.hpp"

namespace tandem::plan {
namespace {

// The least a[i] + b[i]; a NaN is never the least. Independent lanes, because one running minimum would wait for
// itself.
double least_sum(const double* a, const double* b, int count) {
  constexpr int kLanes = 8;
  std::array<double, kLanes> least;
  least.fill(kNever);
  int i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (int lane = 0; lane < kLanes; ++lane) {
      const double sum = a[i + lane] + b[i + lane];
      least[lane] = sum < least[lane] ? sum : least[lane];
    }
  }
  for (; i < count; ++i) {
    const double sum = a[i] + b[i];
    least[0] = sum < least[0] ? sum : least[0];
  }
  return *std::ranges::min_element(least);
}

class ShortestPath {
 public:
  ShortestPath(const Problem& problem, const Prices& prices, Neighbours neighbours)
      : problem_(problem),
        chain_(problem, prices),
        neighbours_(neighbours),
        at_{Line(problem.layers + 1, kNever), Line(problem.layers + 1, kNever)},
        made_(at_) {}

  Schedule find() {
    const int n = problem_.layers;
    at_[0][0] = 0;
    at_[1][0] = chain_.leave(Place::device, 0);
    for (int j = 1; j <= n; ++j) {
      made_[0][j] = cheapest_group(Place::device, j);
      made_[1][j] = cheapest_group(Place::cloud, j);
      at_[0][j] = stay_or_move(made_[0][j], made_[1][j] + chain_.leave(Place::cloud, j));
      at_[1][j] = stay_or_move(made_[1][j], made_[0][j] + chain_.leave(Place::device, j));
    }
    Schedule schedule;
    schedule.cost = std::min(made_[0][n], made_[1][n] + chain_.leave(Place::cloud, n));
    if (!std::isfinite(schedule.cost)) {
      schedule.cost = kNever;
      return schedule;
    }
    walk_back(schedule);
    return schedule;
  }

 private:
  using Line = std::vector<double>;

  [[nodiscard]] const double* before(Place place) const { return at_[place == Place::device ? 0 : 1].data(); }

  [[nodiscard]] double cheapest_group(Place place, int last) const {
    const int skipped = chain_.earliest(place, last) - 1;
    return least_sum(before(place) + skipped, chain_.groups_ending_at(place, last) + skipped, last - skipped);
  }

  // Where the group starts that made the least; the longest of equals.
  [[nodiscard]] int start_of_cheapest(Place place, int last) const {
    const double* groups = chain_.groups_ending_at(place, last);
    const double* so_far = before(place);
    const double least = made_[place == Place::device ? 0 : 1][last];
    int first = chain_.earliest(place, last);
    while (first < last && so_far[first - 1] + groups[first - 1] != least) ++first;
    return first;
  }

  [[nodiscard]] double stay_or_move(double stay, double move) const {
    return neighbours_ == Neighbours::allowed ? std::min(stay, move) : move;
  }

  // From F: at each boundary the tensor is wanted on one place, and either was made there or came over the link.
  void walk_back(Schedule& schedule) const {
    Place wanted = Place::device;  // the result must be on the device
    const auto cross = [&](Place from, int after) {
      schedule.transfers.push_back({.after = after,
                                    .direction = from == Place::device ? Direction::up : Direction::down,
                                    .crossing = chain_.crossing(from, after)});
    };
    for (int j = problem_.layers; j > 0; j = schedule.segments.back().first - 1) {
      Place made = other(wanted);
      if (j == problem_.layers || neighbours_ == Neighbours::allowed) {
        const double device = made_[0][j] + (wanted == Place::device ? 0 : chain_.leave(Place::device, j));
        const double cloud = made_[1][j] + (wanted == Place::cloud ? 0 : chain_.leave(Place::cloud, j));
        made = device <= cloud ? Place::device : Place::cloud;
      }
      if (made != wanted) cross(made, j);
      schedule.segments.push_back({.first = start_of_cheapest(made, j), .last = j, .place = made});
      wanted = made;
    }
    if (wanted == Place::cloud) cross(Place::device, 0);
    std::ranges::reverse(schedule.segments);
    std::ranges::reverse(schedule.transfers);
    for (const Segment& segment : schedule.segments) {
      const Amounts used = amounts_of(problem_, segment);
      for (std::size_t r = 0; r < kResources; ++r) schedule.amounts[r] += used[r];
    }
    for (const Transfer& transfer : schedule.transfers) {
      const Amounts used = amounts_of(transfer.crossing);
      for (std::size_t r = 0; r < kResources; ++r) schedule.amounts[r] += used[r];
    }
  }

  const Problem& problem_;
  const PricedChain chain_;
  Neighbours neighbours_;
  // [k], by place: the least cost with layers 1..k done and the tensor after them on the place; and made on the place.
  std::array<Line, 2> at_, made_;
};

}  // namespace

Schedule shortest_path(const Problem& problem, const Prices& prices, Neighbours neighbours) {
  return ShortestPath(problem, prices, neighbours).find();
}

}  // namespace tandem::plan
