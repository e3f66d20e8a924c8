#include "tandem/plan/explain.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "all_codecs.hpp"
#include "features.hpp"
#include "places.hpp"

namespace tandem::plan {
namespace {

// A run that ends a partial schedule; its rank among those of equal end is its place in a list.
struct Ranked {
  double cost = kNever;
  int first = 1;
  int parent = -1;  // rank among those that end before `first` on the other place
};

// k shortest paths over runs that alternate between the places.
class Ranking {
 public:
  Ranking(const Problem& problem, std::size_t count)
      : problem_(problem),
        count_(count),
        chain_(problem, objective_prices(problem)),
        runs_{Runs(chain_, Place::device), Runs(chain_, Place::cloud)},
        made_{Lists(problem.layers + 1), Lists(problem.layers + 1)} {
    for (int last = 1; last <= problem.layers; ++last) {
      for (const Place place : kPlaces) made_[index_of(place)][last] = best_runs(place, last);
    }
  }

  std::vector<Plan> plans() const {
    const int n = problem_.layers;
    struct End {
      double cost;
      Place place;
      int rank;
    };
    std::vector<End> ends;
    for (const Place place : kPlaces) {
      const double home = place == Place::device ? 0 : chain_.leave(Place::cloud, n);
      const std::vector<Ranked>& list = made_[index_of(place)][n];
      for (std::size_t r = 0; r < list.size(); ++r) ends.push_back({list[r].cost + home, place, static_cast<int>(r)});
    }
    std::erase_if(ends, [](const End& end) { return !std::isfinite(end.cost); });
    std::ranges::stable_sort(ends, {}, &End::cost);
    std::vector<Plan> plans;
    for (std::size_t i = 0; i < std::min(count_, ends.size()); ++i)
      plans.push_back(plan_of(ends[i].place, ends[i].rank));
    return plans;
  }

 private:
  using Lists = std::vector<std::vector<Ranked>>;

  [[nodiscard]] std::vector<Ranked> best_runs(Place place, int last) const {
    std::vector<Ranked> list;
    for (int first = 1; first <= last; ++first) {
      const double run = runs_[index_of(place)].cost(first, last);
      if (!std::isfinite(run)) continue;
      if (first == 1) {
        list.push_back({.cost = run + (place == Place::cloud ? chain_.leave(Place::device, 0) : 0), .first = 1});
        continue;
      }
      const std::vector<Ranked>& before = made_[index_of(other(place))][first - 1];
      const double move = chain_.leave(other(place), first - 1);
      for (std::size_t r = 0; r < before.size(); ++r) {
        list.push_back({.cost = before[r].cost + move + run, .first = first, .parent = static_cast<int>(r)});
      }
    }
    std::erase_if(list, [](const Ranked& ranked) { return !std::isfinite(ranked.cost); });
    std::ranges::stable_sort(list, {}, &Ranked::cost);
    if (list.size() > count_) list.resize(count_);
    return list;
  }

  [[nodiscard]] Plan plan_of(Place place, int rank) const {
    std::vector<std::vector<Segment>> runs;
    for (int last = problem_.layers; last > 0;) {
      const Ranked& ranked = made_[index_of(place)][last][rank];
      runs_[index_of(place)].append(ranked.first, last, runs.emplace_back());
      last = ranked.first - 1;
      rank = ranked.parent;
      place = other(place);
    }
    std::vector<Segment> segments;
    for (auto run = runs.rbegin(); run != runs.rend(); ++run) segments.insert(segments.end(), run->begin(), run->end());
    return describe(problem_, std::move(segments));
  }

  const Problem& problem_;
  const std::size_t count_;
  const PricedChain chain_;
  const std::array<Runs, 2> runs_;
  std::array<Lists, 2> made_;
};

// The cheapest schedule under given conditions.
class Parametric {
 public:
  Parametric(const Problem& problem, const Radio& radio)
      : radio_(radio), weights_(weights_of(problem)), chain_(problem, radio) {}

  [[nodiscard]] Features prices(const Conditions& conditions) const {
    return unit_prices(radio_, weights_, conditions);
  }

  // Nothing where none is possible.
  [[nodiscard]] std::optional<UnpricedPlan> best(const Features& prices) const {
    std::vector<Partial> partials;
    const std::vector<int> ends = explore(chain_, partials, [&](std::vector<Partial>& found, Place, int) {
      if (found.empty()) return;
      const auto cost = [&](const Partial& partial) { return dot(prices, partial.features); };
      found = {*std::ranges::min_element(found, {}, cost)};
    });
    if (ends.empty()) return std::nullopt;
    const Schedule schedule = schedule_of(chain_, partials, ends.front());
    return UnpricedPlan{.segments = schedule.segments,
                        .transfers = schedule.transfers,
                        .footprint = chain_.footprint(schedule.segments, schedule.transfers)};
  }

  [[nodiscard]] double cost(const UnpricedPlan& candidate, const Features& prices) const {
    return dot(features_of(candidate.footprint, weights_), prices);
  }

  // From the conditions towards `far` along one parameter.
  [[nodiscard]] std::optional<Flip> next_flip(const Conditions& conditions, Parameter parameter, double far) const {
    const Features here = prices(conditions);
    Conditions far_conditions = conditions;
    set(far_conditions, parameter, far);
    const Features there = prices(far_conditions);
    const std::optional<UnpricedPlan> now = best(here);
    std::optional<UnpricedPlan> then = best(there);
    if (!now || !then) return std::nullopt;
    constexpr double kRounding = 1e-12;
    const auto better = [&](const UnpricedPlan& candidate, const Features& at) {
      return cost(candidate, at) < cost(*now, at) * (1 - kRounding);
    };
    if (!better(*then, there)) return std::nullopt;
    double share = 1;  // of the way from here to there, in the parameter in which costs are linear
    for (int i = 0; i < 200; ++i) {
      const double gain_here = cost(*then, here) - cost(*now, here);
      const double gain_there = cost(*then, prices_at(here, there, 1)) - cost(*now, prices_at(here, there, 1));
      share = gain_here / (gain_here - gain_there);
      const Features crossing = prices_at(here, there, share);
      std::optional<UnpricedPlan> between = best(crossing);
      if (!between || !better(*between, crossing)) break;
      then = std::move(between);
    }
    return Flip{.parameter = parameter,
                .now = value_of(conditions, parameter),
                .at = value_at(conditions, parameter, far, share),
                .then = std::move(*then)};
  }

 private:
  static Features prices_at(const Features& here, const Features& there, double share) {
    Features at;
    for (std::size_t d = 0; d < kFeatures; ++d) at[d] = here[d] + share * (there[d] - here[d]);
    return at;
  }
  static double value_at(const Conditions& conditions, Parameter parameter, double far, double share) {
    const double now = value_of(conditions, parameter);
    if (parameter == Parameter::up || parameter == Parameter::down) return 1 / (1 / now + share * (1 / far - 1 / now));
    return now + share * (far - now);
  }

  const Radio radio_;
  const Weights weights_;
  const FeatureChain chain_;
};

}  // namespace

std::vector<Plan> best_placements(const Problem& problem, int count) {
  return Ranking(problem, static_cast<std::size_t>(std::max(0, count))).plans();
}

std::vector<Binding> binding_limits(const Problem& problem, const Plan& plan) {
  std::vector<Binding> bindings;
  if (!plan.feasible) return bindings;
  const Amounts limits = limits_of(problem.constraints);
  const Amounts used = amounts_of(plan);
  for (std::size_t r = 0; r < kResources; ++r) {
    if (!std::isfinite(limits[r])) continue;
    Amounts others = limits;
    others[r] = kNever;
    const double cost = cost_of(problem, plan.totals);
    const double without = label_setting(problem, objective_prices(problem), others).best.cost;
    if (without >= cost * (1 - 1e-9)) continue;
    bindings.push_back({.resource = static_cast<Resource>(r),
                        .limit = limits[r],
                        .used = used[r],
                        .cost = cost,
                        .cost_without = without});
  }
  return bindings;
}

double value_of(const Conditions& conditions, Parameter parameter) {
  switch (parameter) {
    case Parameter::up: return conditions.up.value;
    case Parameter::down: return conditions.down.value;
    case Parameter::rtt: return conditions.rtt.count();
    case Parameter::device_load: return conditions.loads.device;
    case Parameter::cloud_load: break;
  }
  return conditions.loads.cloud;
}

void set(Conditions& conditions, Parameter parameter, double value) {
  switch (parameter) {
    case Parameter::up: conditions.up = Mbps{value}; return;
    case Parameter::down: conditions.down = Mbps{value}; return;
    case Parameter::rtt: conditions.rtt = Milliseconds{value}; return;
    case Parameter::device_load: conditions.loads.device = value; return;
    case Parameter::cloud_load: conditions.loads.cloud = value; return;
  }
}

Result<std::vector<Flip>> find_flips(const profile::CostTable& device, const profile::CostTable& cloud,
                                     const link::Link& link, Objective objective, const ProblemOptions& options) {
  if (options.constraints.limited()) {
    return fail(Errc::invalid_argument, "where a decision flips under limits is not computed: ask without them");
  }
  const Result<Problem> problem = unloaded_problem_with_all_codecs(device, cloud, link, objective, options);
  if (!problem) return forward_error(problem);
  const Parametric parametric(*problem, radio_of(device, link));
  const Conditions now{.up = link.up,
                       .down = link.down,
                       .rtt = link.rtt,
                       .loads = {.device = options.loads.device, .cloud = options.loads.cloud}};
  // As far as a millionth and a million times today's value; costs are linear all the way.
  constexpr double kFar = 1e6;
  std::vector<Flip> flips;
  for (const Parameter parameter : kParameters) {
    const double value = std::max(value_of(now, parameter), parameter == Parameter::rtt ? 1e-3 : 0.0);
    const double below = parameter == Parameter::rtt ? 0 : value / kFar;
    for (const double far : {below, value * kFar}) {
      if (far == value_of(now, parameter)) continue;
      if (std::optional<Flip> flip = parametric.next_flip(now, parameter, far)) flips.push_back(std::move(*flip));
    }
  }
  return flips;
}

}  // namespace tandem::plan
