#include "tandem/plan/residual.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "chain.hpp"
#include "places.hpp"

namespace tandem::plan {
namespace {

// Where the open block's source tensor is. Outside of blocks: both.
enum class Source { both, device_only, cloud_only };
constexpr Source kSources[] = {Source::both, Source::device_only, Source::cloud_only};

Source only(Place place) {
  return place == Place::device ? Source::device_only : Source::cloud_only;
}

class ResidualPath {
 public:
  ResidualPath(const Problem& problem, const std::vector<Skip>& skips)
      : chain_(problem, objective_prices(problem)), layers_(problem.layers) {
    open_after_.assign(layers_ + 1, nullptr);
    for (const Skip& skip : skips) {
      for (int k = skip.source; k < skip.target; ++k) open_after_[k] = &skip;
    }
    for (auto& by_place : at_) {
      for (auto& line : by_place) line.resize(layers_ + 1);
    }
    made_ = at_;
  }

  Schedule find() {
    step(made_, Place::device, opened(Place::device, 0), 0) = {.cost = 0};
    arrive(0);
    for (int last = 1; last <= layers_; ++last) {
      for (const Place place : kPlaces) run_groups(place, last);
      arrive(last);
    }
    Schedule schedule;
    schedule.cost = step(at_, Place::device, Source::both, layers_).cost;
    if (std::isfinite(schedule.cost)) walk_back(schedule);
    return schedule;
  }

 private:
  struct Step {
    double cost = kNever;
    int first = 0;                 // of the group; in `at_` unused
    Source before = Source::both;  // memory ahead of the group; in `at_`: of the tensor before it moved
    bool fetched = false;          // the source tensor crossed for the group
    bool moved = false;
  };
  using Lines = std::array<std::array<std::vector<Step>, 3>, 2>;

  static Step& step(Lines& lines, Place place, Source source, int layer) {
    return lines[place == Place::device ? 0 : 1][static_cast<std::size_t>(source)][layer];
  }
  static const Step& step(const Lines& lines, Place place, Source source, int layer) {
    return lines[place == Place::device ? 0 : 1][static_cast<std::size_t>(source)][layer];
  }

  // Memory right after a layer was made that is, or lies behind within one group, the source of the block open then.
  [[nodiscard]] Source opened(Place place, int layer) const {
    return open_after_[layer] != nullptr ? only(place) : Source::both;
  }

  void run_groups(Place place, int last) {
    const double* groups = chain_.groups_ending_at(place, last);
    const Skip* open = open_after_[last];
    for (int first = chain_.earliest(place, last); first <= last; ++first) {
      const Skip* before = open_after_[first - 1];
      for (const Source source : kSources) {
        const Step& from = step(at_, place, source, first - 1);
        if (!std::isfinite(from.cost)) continue;
        const bool reads = before != nullptr && before != open;  // the group holds the target
        const bool fetched = reads && source == only(other(place));
        const double cost = from.cost + groups[first - 1] + (fetched ? chain_.leave(other(place), before->source) : 0);
        const Source after = before != nullptr && before == open ? source : opened(place, last);
        if (Step& to = step(made_, place, after, last); cost < to.cost)
          to = {.cost = cost, .first = first, .before = source, .fetched = fetched};
      }
    }
  }

  // What was made stays, or moves; right after its source the moving tensor is the source's.
  void arrive(int layer) {
    const bool at_source = open_after_[layer] != nullptr && open_after_[layer]->source == layer;
    for (const Place place : kPlaces) {
      for (const Source source : kSources) {
        const double cost = step(made_, place, source, layer).cost;
        if (Step& stay = step(at_, place, source, layer); cost < stay.cost)
          stay = {.cost = cost, .before = source, .moved = false};
        const Source after = at_source ? Source::both : source;
        if (Step& move = step(at_, other(place), after, layer); cost + chain_.leave(place, layer) < move.cost)
          move = {.cost = cost + chain_.leave(place, layer), .before = source, .moved = true};
      }
    }
  }

  void walk_back(Schedule& schedule) const {
    Place place = Place::device;
    Source source = Source::both;
    const auto cross = [&](Place from, int after) {
      schedule.transfers.push_back({.after = after,
                                    .direction = from == Place::device ? Direction::up : Direction::down,
                                    .crossing = chain_.crossing(from, after)});
    };
    for (int layer = layers_;;) {
      const Step& arrived = step(at_, place, source, layer);
      if (arrived.moved) {
        place = other(place);
        cross(place, layer);
      }
      source = arrived.before;
      if (layer == 0) break;
      const Step& made = step(made_, place, source, layer);
      schedule.segments.push_back({.first = made.first, .last = layer, .place = place});
      layer = made.first - 1;
      source = made.before;
      if (made.fetched) cross(other(place), open_after_[layer]->source);
    }
    std::ranges::reverse(schedule.segments);
    std::ranges::reverse(schedule.transfers);
  }

  const PricedChain chain_;
  const int layers_;
  std::vector<const Skip*> open_after_;  // [k]: the block whose source lies at or before k and whose target behind
  Lines at_, made_;                      // [place][source][k]
};

Status check_skips(const std::vector<Skip>& skips, int layers) {
  std::vector<Skip> sorted = skips;
  std::ranges::sort(sorted, {}, &Skip::source);
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    const Skip& s = sorted[i];
    if (s.source < 0 || s.target < s.source + 2 || s.target > layers) {
      return fail(Errc::invalid_argument,
                  fmt::format("skip {}..{}: must lie within 0..{}, its ends two apart", s.source, s.target, layers));
    }
    if (i > 0 && s.source < sorted[i - 1].target) {
      return fail(Errc::invalid_argument, fmt::format("skips {}..{} and {}..{} overlap: solve them as a graph",
                                                      sorted[i - 1].source, sorted[i - 1].target, s.source, s.target));
    }
  }
  return {};
}

}  // namespace

Result<Plan> solve(const Problem& problem, const std::vector<Skip>& skips) {
  if (problem.constraints.limited()) {
    return fail(Errc::invalid_argument, "residual blocks with limits: solve them as a graph");
  }
  if (const Status s = check_skips(skips, problem.layers); !s) return forward_error(s);
  const auto start = std::chrono::steady_clock::now();
  Schedule schedule = ResidualPath(problem, skips).find();
  const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - start;
  const bool found = !schedule.segments.empty();
  Plan plan = found ? describe(problem, std::move(schedule.segments), std::move(schedule.transfers))
                    : describe(problem, {{.first = 1, .last = problem.layers}});
  plan.proven_optimal = true;
  plan.solver = name_of(Solver::path);
  plan.solve_us = took.count();
  plan.lower_bound = schedule.cost;
  if (!found) {
    plan.feasible = false;
    plan.totals = {};
    plan.segments.clear();
    plan.transfers.clear();
  }
  return plan;
}

}  // namespace tandem::plan
