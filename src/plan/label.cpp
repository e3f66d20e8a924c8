// Label setting for the shortest path with limits (Desrochers and Soumis 1988; bounds as in Dumitrescu and Boland
// 2003). A label is what a partial schedule has cost and used. Labels that another one beats in every respect are
// dropped, and so are those that cannot end well: within a limit, or below the best schedule known, by the least that
// is still to come.
#include <algorithm>
#include <cmath>

#include "chain.hpp"
#include "places.hpp"

namespace tandem::plan {
namespace {

constexpr double kRounding = 1e-12;
constexpr std::size_t kMaxLabels = std::size_t{1} << 23U;  // then the answer is what the relaxation found

// A crossing that may be taken; `used` as in a label.
template <int D>
struct Move {
  const Crossing* crossing;
  std::array<double, D> used;
};

// D: the cost, and the limited resources.
template <int D>
class LabelSetting {
 public:
  using Used = std::array<double, D>;
  // A limit on the first is exclusive: of the cost of the best schedule known. Multipliers are those of a Lagrangian.
  struct Criteria {
    std::array<Prices, D> prices{};
    Used limits{}, multipliers{};
  };

  LabelSetting(const Problem& problem, const Criteria& criteria)
      : problem_(problem), layers_(problem.layers), limit_(criteria.limits), multiplier_(criteria.multipliers) {
    for (const Prices& criterion : criteria.prices) chains_.emplace_back(problem, criterion);
    for (const PricedChain& chain : chains_) to_go_.push_back(to_go(chain));
    multiplier_[0] = 1;
    Prices relaxed{};
    for (int d = 0; d < D; ++d) {
      for (std::size_t r = 0; r < kResources; ++r) relaxed[r] += multiplier_[d] * criteria.prices[d][r];
      if (d > 0 && multiplier_[d] > 0) constant_ += multiplier_[d] * limit_[d];
    }
    relaxed_to_go_ = to_go(PricedChain(problem, relaxed));
    for (auto& moves : moves_) moves.resize(layers_ + 1);
    for (int k = 0; k <= layers_; ++k) {
      add_move(criteria, Place::device, k, problem_.uploads[k]);
      add_move(criteria, Place::cloud, k, problem_.downloads[k]);
    }
    for (const Transfer& t : problem_.alternatives) {
      add_move(criteria, t.direction == Direction::up ? Place::device : Place::cloud, t.after, t.crossing);
    }
    for (auto& at : at_) at.resize(layers_ + 1);
    for (auto& least : least_relaxed_) least.assign(layers_ + 1, kNever);
  }

  // False where there were too many labels.
  bool visit_all() {
    std::array<std::vector<Label>, 2> made;
    std::vector<Label> here;
    const Label start{.used = {}, .parent = -1, .first = 1, .last = 0, .made = Place::device, .crossing = nullptr};
    made[0] = {start};
    for (int j = 0; j <= layers_; ++j) {
      if (j > 0) {
        extend(Place::device, j, made[0]);
        extend(Place::cloud, j, made[1]);
      }
      for (const Place place : {Place::device, Place::cloud}) {
        here = made[index_of(place)];
        for (const Label& label : made[index_of(other(place))]) {
          for (const Move<D>& move : moves_[index_of(other(place))][j]) {
            Label moved = label;
            for (int d = 0; d < D; ++d) moved.used[d] += move.used[d];
            moved.crossing = move.crossing;
            here.push_back(moved);
          }
        }
        std::erase_if(here, [&](const Label& label) { return !hopeful(label.used, place, j, false); });
        keep_undominated(here);
        store(place, j, here);
      }
      if (labels_.size() > kMaxLabels) return false;
    }
    return true;
  }

  // The labels at the end, none better than another, in order of the first criterion.
  [[nodiscard]] std::vector<int> ends() const {
    std::vector<int> all;
    for (std::size_t l = at_[0][layers_].begin; l < at_[0][layers_].end; ++l) all.push_back(static_cast<int>(l));
    return all;
  }
  [[nodiscard]] const Used& used(int label) const { return labels_[label].used; }

  [[nodiscard]] Schedule schedule_of(int end) const {
    Schedule schedule{.cost = labels_[end].used[0], .segments = {}, .transfers = {}, .amounts = {}};
    for (int l = end; l >= 0; l = labels_[l].parent) {
      const Label& label = labels_[l];
      if (label.crossing != nullptr) {
        schedule.transfers.push_back({.after = label.last,
                                      .direction = label.made == Place::device ? Direction::up : Direction::down,
                                      .crossing = *label.crossing});
      }
      if (label.last > 0) schedule.segments.push_back({.first = label.first, .last = label.last, .place = label.made});
    }
    std::ranges::reverse(schedule.segments);
    std::ranges::reverse(schedule.transfers);
    return schedule;
  }

 private:
  struct Label {
    Used used;
    int parent;  // -1: the start
    int first, last;
    Place made;                // of the group
    const Crossing* crossing;  // after it; null where the tensor stays
  };
  struct Range {
    std::size_t begin = 0, end = 0;
  };

  void add_move(const Criteria& criteria, Place from, int after, const Crossing& crossing) {
    Move<D> move{.crossing = &crossing, .used = {}};
    bool finite = true;
    for (int d = 0; d < D; ++d) {
      move.used[d] = cost_of(criteria.prices[d], amounts_of(crossing));
      finite = finite && std::isfinite(move.used[d]);
    }
    if (finite) moves_[index_of(from)][after].push_back(move);
  }

  [[nodiscard]] double relaxed(const Used& used) const {
    double cost = used[0];
    for (int d = 1; d < D; ++d) cost += multiplier_[d] * used[d];
    return cost;
  }

  [[nodiscard]] bool too_dear(double relaxed_total) const {
    return relaxed_total - constant_ >= limit_[0] - kRounding * (std::abs(limit_[0]) + constant_);
  }

  // Can what has been used end well? `made`: the tensor after `layer` may yet cross.
  [[nodiscard]] bool hopeful(const Used& used, Place place, int layer, bool made) const {
    const std::size_t p = index_of(place);
    const auto still = [&](const ToGo& go) { return (made ? go.made : go.at)[p][layer]; };
    if (used[0] + still(to_go_[0]) >= limit_[0] * (1 - kRounding)) return false;
    for (int d = 1; d < D; ++d) {
      if (!within(used[d] + still(to_go_[d]), limit_[d])) return false;
    }
    return !too_dear(relaxed(used) + still(relaxed_to_go_));
  }

  void store(Place place, int layer, const std::vector<Label>& here) {
    Range& range = at_[index_of(place)][layer];
    range = {labels_.size(), labels_.size() + here.size()};
    labels_.insert(labels_.end(), here.begin(), here.end());
    double& least = least_relaxed_[index_of(place)][layer];
    for (const Label& label : here) least = std::min(least, relaxed(label.used));
  }

  // Labels of all groups that end at layer `last`.
  void extend(Place place, int last, std::vector<Label>& made) {
    made.clear();
    const std::size_t p = index_of(place);
    std::array<const double*, D> groups;
    for (int d = 0; d < D; ++d) groups[d] = chains_[d].groups_ending_at(place, last);
    const double relaxed_still = relaxed_to_go_.made[p][last];
    for (int first = chains_[0].earliest(place, last); first <= last; ++first) {
      const Range before = at_[p][first - 1];
      if (before.begin == before.end) continue;
      Used group;
      for (int d = 0; d < D; ++d) group[d] = groups[d][first - 1];
      // Not finite, or a NaN: never taken. Too dear even for the cheapest label: none need be looked at.
      const double through = least_relaxed_[p][first - 1] + relaxed(group) + relaxed_still;
      if (!std::isfinite(through) || too_dear(through)) continue;
      for (std::size_t l = before.begin; l < before.end; ++l) {
        Label next{.used = labels_[l].used,
                   .parent = static_cast<int>(l),
                   .first = first,
                   .last = last,
                   .made = place,
                   .crossing = nullptr};
        for (int d = 0; d < D; ++d) next.used[d] += group[d];
        if (hopeful(next.used, place, last, true)) made.push_back(next);
      }
    }
    keep_undominated(made);
  }

  static void keep_undominated(std::vector<Label>& labels) {
    if (labels.size() < 2) return;
    std::ranges::stable_sort(labels, {}, &Label::used);
    std::size_t kept = 0;
    for (const Label& label : labels) {
      bool dominated = false;
      for (std::size_t k = kept; k-- > 0 && !dominated;) {
        dominated = true;
        for (int d = 1; d < D; ++d) dominated = dominated && labels[k].used[d] <= label.used[d];
        if constexpr (D <= 2) break;  // in order of cost, the last kept has used least
      }
      if (!dominated) labels[kept++] = label;
    }
    labels.resize(kept);
  }

  const Problem& problem_;
  const int layers_;
  const Used limit_;
  Used multiplier_;
  double constant_ = 0;  // multipliers * limits
  std::vector<PricedChain> chains_;
  std::vector<ToGo> to_go_;
  ToGo relaxed_to_go_;
  std::array<std::vector<std::vector<Move<D>>>, 2> moves_;  // from a place, after a layer
  std::vector<Label> labels_;
  std::array<std::vector<Range>, 2> at_;
  std::array<std::vector<double>, 2> least_relaxed_;
};

// A limited resource is a criterion each, behind those that are there already.
template <int D>
void add_limits(typename LabelSetting<D>::Criteria& criteria, int used, const Amounts& limits,
                const Amounts& multipliers) {
  for (std::size_t r = 0; r < kResources && used < D; ++r) {
    if (!std::isfinite(limits[r])) continue;
    criteria.prices[used] = price_of(static_cast<Resource>(r));
    criteria.limits[used] = limits[r];
    criteria.multipliers[used] = multipliers[r];
    ++used;
  }
}

template <int D>
Search least_within(const Problem& problem, const Prices& prices, const Amounts& limits, Lagrangian relaxed) {
  typename LabelSetting<D>::Criteria criteria;
  criteria.prices[0] = prices;
  criteria.limits[0] = relaxed.best.cost;
  add_limits<D>(criteria, 1, limits, relaxed.multipliers);
  LabelSetting<D> labels(problem, criteria);
  Search search{.best = std::move(relaxed.best), .lower_bound = relaxed.lower_bound};
  search.exact = labels.visit_all();
  if (!search.exact) return search;
  if (const std::vector<int> ends = labels.ends(); !ends.empty()) search.best = labels.schedule_of(ends.front());
  search.lower_bound = search.best.segments.empty() ? kNever : search.best.cost;
  return search;
}

template <int D>
std::vector<Schedule> front(const Problem& problem, const Amounts& limits) {
  typename LabelSetting<D>::Criteria criteria;
  criteria.prices[0] = price_of(Resource::latency);
  criteria.prices[1] = price_of(Resource::energy);
  // The first criterion's limit is exclusive.
  criteria.limits[0] = of(limits, Resource::latency) * (1 + 3 * kRounding);
  criteria.limits[1] = of(limits, Resource::energy);
  Amounts others = limits;
  of(others, Resource::latency) = of(others, Resource::energy) = kNever;
  add_limits<D>(criteria, 2, others, {});
  LabelSetting<D> labels(problem, criteria);
  std::vector<Schedule> schedules;
  if (!labels.visit_all()) return schedules;
  double least_energy = kNever;
  for (const int end : labels.ends()) {
    if (labels.used(end)[1] >= least_energy) continue;  // only other resources set it apart
    least_energy = labels.used(end)[1];
    schedules.push_back(labels.schedule_of(end));
  }
  return schedules;
}

long count_limits(const Amounts& limits) {
  return std::ranges::count_if(limits, [](double limit) { return std::isfinite(limit); });
}

}  // namespace

Search label_setting(const Problem& problem, const Prices& prices, const Amounts& limits) {
  Lagrangian relaxed = relax(problem, prices, limits);
  const bool known = !relaxed.best.segments.empty();
  if (!std::isfinite(relaxed.lower_bound)) return {.best = {.cost = kNever}, .lower_bound = kNever};
  if (known && relaxed.lower_bound >= relaxed.best.cost * (1 - kRounding)) {
    const double cost = relaxed.best.cost;
    return {.best = std::move(relaxed.best), .lower_bound = cost};
  }
  switch (count_limits(limits)) {
    case 0: return least_within<1>(problem, prices, limits, std::move(relaxed));
    case 1: return least_within<2>(problem, prices, limits, std::move(relaxed));
    case 2: return least_within<3>(problem, prices, limits, std::move(relaxed));
    case 3: return least_within<4>(problem, prices, limits, std::move(relaxed));
    case 4: return least_within<5>(problem, prices, limits, std::move(relaxed));
    default: return least_within<6>(problem, prices, limits, std::move(relaxed));
  }
}

std::vector<Plan> pareto_front(const Problem& problem) {
  const Amounts limits = limits_of(problem.constraints);
  Amounts others = limits;
  of(others, Resource::latency) = of(others, Resource::energy) = kNever;
  std::vector<Schedule> schedules;
  switch (count_limits(others)) {
    case 0: schedules = front<2>(problem, limits); break;
    case 1: schedules = front<3>(problem, limits); break;
    case 2: schedules = front<4>(problem, limits); break;
    default: schedules = front<5>(problem, limits); break;
  }
  std::vector<Plan> plans;
  plans.reserve(schedules.size());
  for (Schedule& schedule : schedules) {
    plans.push_back(describe(problem, std::move(schedule.segments), std::move(schedule.transfers)));
  }
  return plans;
}

}  // namespace tandem::plan
