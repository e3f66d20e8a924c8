#include "chain.hpp"

#include <algorithm>
#include <cmath>

#include "places.hpp"

namespace tandem::plan {
namespace {

// earliest[last]: behind the last layer up to there that is pinned elsewhere.
std::vector<int> earliest_starts(const Problem& problem, Place place) {
  std::vector<int> earliest(problem.layers + 1, 1);
  if (problem.constraints.pins.empty()) return earliest;
  for (const Pin& pin : problem.constraints.pins) {
    if (pin.place == place) continue;
    for (int layer = pin.first; layer <= pin.last; ++layer) earliest[layer] = layer + 1;
  }
  for (int layer = 1; layer <= problem.layers; ++layer) {
    earliest[layer] = std::max(earliest[layer], earliest[layer - 1]);
  }
  return earliest;
}

}  // namespace

Weights weights_of(const Problem& problem) {
  switch (problem.objective) {
    case Objective::latency: return {.per_ms = 1, .per_mj = 0};
    case Objective::energy: return {.per_ms = 0, .per_mj = 1};
    case Objective::weighted: break;
  }
  return problem.weights;
}

Prices objective_prices(const Problem& problem) {
  const Weights weights = weights_of(problem);
  Prices prices{};
  of(prices, Resource::latency) = weights.per_ms;
  of(prices, Resource::energy) = weights.per_mj;
  return prices;
}

Prices price_of(Resource resource) {
  Prices prices{};
  of(prices, resource) = 1;
  return prices;
}

Amounts amounts_of(const Problem& problem, const Segment& group) {
  const bool device = group.place == Place::device;
  const double ms = (device ? problem.device_ms : problem.cloud_ms).at(group.first, group.last);
  const double mj = (device ? problem.device_mj : problem.cloud_mj).at(group.first, group.last);
  const bool sized = device && problem.device_bytes.layers() > 0;
  return {ms, mj, device ? 0 : ms, sized ? problem.device_bytes.at(group.first, group.last) : 0, 0};
}

Amounts amounts_of(const Crossing& crossing) {
  return {crossing.latency().count(), crossing.energy.value, 0, 0, 1};
}

Amounts amounts_of(const Plan& plan) {
  const Totals& t = plan.totals;
  return {t.latency.count(), t.energy.value, t.cloud.count(), t.memory.value,
          static_cast<double>(plan.transfers.size())};
}

double cost_of(const Prices& prices, const Amounts& amounts) {
  double cost = 0;
  for (std::size_t r = 0; r < kResources; ++r) {
    if (prices[r] != 0) cost += prices[r] * amounts[r];
  }
  return cost;
}

bool within(double used, double limit) {
  constexpr double kRounding = 1e-12;
  return used <= limit * (1 + kRounding);
}

Amounts limits_of(const Constraints& constraints) {
  return {constraints.deadline ? constraints.deadline->count() : kNever,
          constraints.energy_budget ? constraints.energy_budget->value : kNever,
          constraints.cloud_time ? constraints.cloud_time->count() : kNever,
          constraints.device_memory ? constraints.device_memory->value : kNever,
          constraints.max_switches ? *constraints.max_switches : kNever};
}

bool keeps(const Constraints& constraints, const Plan& plan) {
  const Amounts limits = limits_of(constraints);
  const Amounts used = amounts_of(plan);
  for (std::size_t r = 0; r < kResources; ++r) {
    if (!within(used[r], limits[r])) return false;
  }
  return std::ranges::none_of(constraints.pins, [&plan](const Pin& pin) {
    return std::ranges::any_of(plan.segments, [&pin](const Segment& segment) {
      return segment.place != pin.place && segment.first <= pin.last && pin.first <= segment.last;
    });
  });
}

PricedChain::PricedChain(const Problem& problem, const Prices& prices) : problem_(problem), prices_(prices) {
  const auto add = [](std::vector<Term>& terms, double price, const GroupCosts& costs) {
    if (price != 0 && costs.layers() > 0) terms.push_back({price, &costs});
  };
  add(terms_[0], of(prices, Resource::latency), problem.device_ms);
  add(terms_[0], of(prices, Resource::energy), problem.device_mj);
  add(terms_[0], of(prices, Resource::memory), problem.device_bytes);
  add(terms_[1], of(prices, Resource::latency) + of(prices, Resource::cloud), problem.cloud_ms);
  add(terms_[1], of(prices, Resource::energy), problem.cloud_mj);
  const int n = problem.layers;
  for (const Place place : kPlaces) {
    const std::size_t p = index_of(place);
    if (terms_[p].size() != 1 || terms_[p][0].price != 1) rows_[p].resize(n);
    earliest_[p] = earliest_starts(problem, place);
    leave_[p].assign(n + 1, kNever);
    crossings_[p].assign(n + 1, nullptr);
    for (int k = 0; k <= n; ++k) choose(place, k, (place == Place::device ? problem.uploads : problem.downloads)[k]);
  }
  for (const Transfer& t : problem.alternatives) {
    choose(t.direction == Direction::up ? Place::device : Place::cloud, t.after, t.crossing);
  }
}

void PricedChain::choose(Place from, int after, const Crossing& crossing) {
  const double cost = finite_or_never(cost_of(prices_, amounts_of(crossing)));
  const std::size_t p = index_of(from);
  if (crossings_[p][after] != nullptr && !(cost < leave_[p][after])) return;
  leave_[p][after] = cost;
  crossings_[p][after] = &crossing;
}

const double* PricedChain::groups_ending_at(Place place, int last) const {
  const std::size_t p = index_of(place);
  const std::vector<Term>& terms = terms_[p];
  if (rows_[p].empty()) return terms[0].costs->ending_at(last);
  double* row = rows_[p].data();
  std::fill(row, row + last, 0.0);
  for (const Term& term : terms) {
    const double* costs = term.costs->ending_at(last);
    for (int i = 0; i < last; ++i) row[i] += term.price * costs[i];
  }
  return row;
}

ToGo to_go(const PricedChain& chain) {
  const int n = chain.layers();
  ToGo go;
  for (std::size_t p = 0; p < 2; ++p) {
    go.at[p].assign(n + 1, kNever);
    go.made[p].assign(n + 1, kNever);
  }
  go.at[0][n] = 0;  // the result must be on the device
  for (int j = n; j >= 0; --j) {
    go.made[0][j] = std::min(go.at[0][j], chain.leave(Place::device, j) + go.at[1][j]);
    go.made[1][j] = std::min(go.at[1][j], chain.leave(Place::cloud, j) + go.at[0][j]);
    if (j == 0) break;
    for (const Place place : kPlaces) {
      const std::size_t p = place == Place::device ? 0 : 1;
      const double* groups = chain.groups_ending_at(place, j);
      const double after = go.made[p][j];
      double* before = go.at[p].data();
      for (int first = chain.earliest(place, j); first <= j; ++first) {
        const double cost = groups[first - 1] + after;
        before[first - 1] = cost < before[first - 1] ? cost : before[first - 1];
      }
    }
  }
  return go;
}

}  // namespace tandem::plan
