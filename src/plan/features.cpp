#include "features.hpp"

#include <algorithm>
#include <cmath>

#include "places.hpp"

namespace tandem::plan {
Features features_of(const Footprint& f, const Weights& weights) {
  const double energy = weights.per_mj == 0 ? 0 : weights.per_mj * f.energy.value;
  return {f.up_bytes, f.down_bytes, f.transfers, (weights.per_ms == 0 ? 0 : weights.per_ms * f.device.count()) + energy,
          f.cloud.count()};
}

Features unit_prices(const Radio& radio, const Weights& weights, const Conditions& c) {
  const auto price = [&weights](Milliseconds time, Milliwatts power) {
    return weights.per_ms * time.count() + weights.per_mj * (power * time).value;
  };
  return {price(Bytes{1} / c.up, Milliwatts{radio.alpha_up * c.up.value} + radio.beta),
          price(Bytes{1} / c.down, Milliwatts{radio.alpha_down * c.down.value} + radio.beta),
          price(c.rtt / 2, radio.idle), c.loads.device, price(Milliseconds{c.loads.cloud}, radio.idle)};
}

FeatureChain::FeatureChain(const Problem& problem, const Radio& radio)
    : problem_(problem),
      radio_(radio),
      weights_(weights_of(problem)),
      runs_{Runs(PricedChain(problem, objective_prices(problem)), Place::device),
            Runs(PricedChain(problem, price_of(Resource::latency)), Place::cloud)} {
  for (auto& moves : moves_) moves.resize(problem.layers + 1);
  for (int k = 0; k <= problem.layers; ++k) {
    add_move({.after = k, .direction = Direction::up, .crossing = problem.uploads[k]});
    add_move({.after = k, .direction = Direction::down, .crossing = problem.downloads[k]});
  }
  for (const Transfer& transfer : problem.alternatives) add_move(transfer);
}

// Codecs that are worse in every respect are left out.
void FeatureChain::add_move(const Transfer& transfer) {
  const Features features = features_of(footprint(transfer), weights_);
  if (!std::ranges::all_of(features, [](double f) { return std::isfinite(f); })) return;
  auto& moves = moves_[index_of(transfer.direction == Direction::up ? Place::device : Place::cloud)][transfer.after];
  if (std::ranges::any_of(moves, [&](const Move& m) { return dominates(m.features, features); })) return;
  std::erase_if(moves, [&](const Move& m) { return dominates(features, m.features); });
  Transfer bare = transfer;
  bare.crossing.on_link = {};
  bare.crossing.energy = {};
  moves.push_back({.features = features, .transfer = std::move(bare)});
}

bool FeatureChain::possible(Place place, int first, int last) const {
  return std::isfinite(runs_[index_of(place)].cost(first, last));
}

Features FeatureChain::run(Place place, int first, int last) const {
  const double cost = runs_[index_of(place)].cost(first, last);
  return place == Place::device ? Features{0, 0, 0, cost, 0} : Features{0, 0, 0, 0, cost};
}

Footprint FeatureChain::footprint(const Transfer& transfer) const {
  const Crossing& c = transfer.crossing;
  const bool up = transfer.direction == Direction::up;
  const Milliseconds device = up ? c.encode : c.decode;
  return {.up_bytes = up ? c.bytes : 0,
          .down_bytes = up ? 0 : c.bytes,
          .transfers = 1,
          .device = device,
          .energy = radio_.busy * device,
          .cloud = up ? c.decode : c.encode};
}

Footprint FeatureChain::footprint(const std::vector<Segment>& segments, const std::vector<Transfer>& transfers) const {
  Footprint sum;
  for (const Segment& segment : segments) {
    const Amounts used = amounts_of(problem_, segment);
    if (segment.place == Place::cloud) {
      sum.cloud += Milliseconds{of(used, Resource::latency)};
    } else {
      sum.device += Milliseconds{of(used, Resource::latency)};
      sum.energy += Millijoules{of(used, Resource::energy)};
    }
  }
  for (const Transfer& transfer : transfers) {
    const Footprint f = footprint(transfer);
    sum.up_bytes += f.up_bytes;
    sum.down_bytes += f.down_bytes;
    sum.transfers += f.transfers;
    sum.device += f.device;
    sum.energy += f.energy;
    sum.cloud += f.cloud;
  }
  return sum;
}

std::array<std::vector<double>, 2> FeatureChain::to_go(const Features& prices) const {
  const int n = layers();
  std::array<std::vector<double>, 2> at{std::vector<double>(n + 1, kNever), std::vector<double>(n + 1, kNever)};
  at[0][n] = 0;
  for (int last = n; last > 0; --last) {
    for (const Place place : kPlaces) {
      double after = last == n && place == Place::device ? 0 : kNever;
      for (const Move& move : moves(place, last)) {
        after = std::min(after, dot(move.features, prices) + at[index_of(other(place))][last]);
      }
      const double unit = prices[place == Place::device ? 3 : 4];
      for (int first = 1; first <= last; ++first) {
        double& before = at[index_of(place)][first - 1];
        before = std::min(before, unit * runs_[index_of(place)].cost(first, last) + after);
      }
    }
  }
  return at;
}

Schedule schedule_of(const FeatureChain& chain, const std::vector<Partial>& partials, int end) {
  Schedule schedule;
  std::vector<const Partial*> steps;
  for (int p = end; p >= 0; p = partials[p].parent) steps.push_back(&partials[p]);
  std::ranges::reverse(steps);
  for (const Partial* step : steps) {
    if (step->last > 0) chain.append_groups(step->made, step->first, step->last, schedule.segments);
    if (step->move != nullptr) schedule.transfers.push_back(step->move->transfer);
  }
  return schedule;
}

}  // namespace tandem::plan
