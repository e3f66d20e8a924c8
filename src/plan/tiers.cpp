#include "tandem/plan/tiers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <chrono>
#include <cmath>

#include "places.hpp"
#include "plan_words.hpp"
#include "steps_json.hpp"

namespace tandem::plan {
namespace {

double weighed(const Weights& weights, double ms, double mj) {
  double cost = 0;
  if (weights.per_ms != 0) cost += weights.per_ms * ms;
  if (weights.per_mj != 0) cost += weights.per_mj * mj;
  return cost;
}

class TieredPath {
 public:
  explicit TieredPath(const TieredProblem& problem)
      : problem_(problem), count_(static_cast<int>(problem.tiers.size())), weights_(problem.weights) {
    if (problem.objective == Objective::latency) weights_ = {.per_ms = 1, .per_mj = 0};
    if (problem.objective == Objective::energy) weights_ = {.per_ms = 0, .per_mj = 1};
    made_.assign(count_, std::vector<double>(problem.layers + 1, kNever));
    at_ = made_;
    start_.assign(count_, std::vector<int>(problem.layers + 1, 1));
    came_from_.assign(count_, std::vector<int>(problem.layers + 1, 0));
  }

  TieredPlan find() {
    const int n = problem_.layers;
    made_[0][0] = 0;
    arrive(0);
    for (int last = 1; last <= n; ++last) {
      for (int t = 0; t < count_; ++t) cheapest_group(t, last);
      arrive(last);
    }
    TieredPlan plan;
    plan.objective = problem_.objective;
    plan.feasible = std::isfinite(at_[0][n]);
    plan.proven_optimal = true;
    plan.network = problem_.network;
    plan.fingerprint = problem_.fingerprint;
    for (const Tier& tier : problem_.tiers) plan.tiers.push_back(tier.name);
    if (plan.feasible) walk_back(plan);
    return plan;
  }

 private:
  void cheapest_group(int tier, int last) {
    const double* ms = problem_.tiers[tier].ms.ending_at(last);
    const double* mj = problem_.tiers[tier].mj.ending_at(last);
    for (int first = 1; first <= last; ++first) {
      const double cost = at_[tier][first - 1] + weighed(weights_, ms[first - 1], mj[first - 1]);
      if (!(cost < made_[tier][last])) continue;
      made_[tier][last] = cost;
      start_[tier][last] = first;
    }
  }

  // From where the tensor after a layer was made to every tier, over as many links as it takes (Dijkstra).
  void arrive(int layer) {
    std::vector<bool> settled(count_);
    for (int t = 0; t < count_; ++t) {
      at_[t][layer] = made_[t][layer];
      came_from_[t][layer] = t;
    }
    for (int round = 0; round < count_; ++round) {
      int nearest = -1;
      for (int t = 0; t < count_; ++t) {
        if (!settled[t] && (nearest < 0 || at_[t][layer] < at_[nearest][layer])) nearest = t;
      }
      settled[nearest] = true;
      for (int t = 0; t < count_; ++t) {
        const std::vector<Crossing>& crossings = problem_.crossings[nearest][t];
        if (settled[t] || crossings.empty()) continue;
        const Crossing& c = crossings[layer];
        const double cost = at_[nearest][layer] + weighed(weights_, c.latency().count(), c.energy.value);
        if (!(cost < at_[t][layer])) continue;
        at_[t][layer] = cost;
        came_from_[t][layer] = nearest;
      }
    }
  }

  void walk_back(TieredPlan& plan) const {
    int tier = 0;
    for (int layer = problem_.layers;;) {
      while (came_from_[tier][layer] != tier) {
        const int from = came_from_[tier][layer];
        plan.transfers.push_back(
            {.after = layer, .from = from, .to = tier, .crossing = problem_.crossings[from][tier][layer]});
        tier = from;
      }
      if (layer == 0) break;
      const int first = start_[tier][layer];
      const Tier& t = problem_.tiers[tier];
      plan.segments.push_back({.first = first,
                               .last = layer,
                               .tier = tier,
                               .latency = Milliseconds{t.ms.at(first, layer)},
                               .energy = Millijoules{t.mj.at(first, layer)}});
      layer = first - 1;
    }
    std::ranges::reverse(plan.segments);
    std::ranges::reverse(plan.transfers);
    for (const TieredSegment& s : plan.segments) {
      plan.totals.latency += s.latency;
      plan.totals.energy += s.energy;
      if (s.tier != 0) plan.totals.cloud += s.latency;
    }
    for (const TieredTransfer& t : plan.transfers) {
      plan.totals.latency += t.crossing.latency();
      plan.totals.energy += t.crossing.energy;
    }
  }

  const TieredProblem& problem_;
  const int count_;
  Weights weights_;
  // [tier][k]: least cost with layers 1..k done, made on the tier; and with the tensor there.
  std::vector<std::vector<double>> made_, at_;
  std::vector<std::vector<int>> start_, came_from_;
};

Status check_links(std::span<const TierLink> links, int tiers) {
  std::vector<std::vector<bool>> seen(tiers, std::vector<bool>(tiers));
  for (const TierLink& l : links) {
    if (l.from < 0 || l.to < 0 || l.from >= tiers || l.to >= tiers || l.from == l.to) {
      return fail(Errc::invalid_argument, fmt::format("link '{}' is between tiers that are not there", l.link.name));
    }
    if (seen[l.from][l.to]) {
      return fail(Errc::invalid_argument, fmt::format("tiers {} and {} have two links", l.from, l.to));
    }
    seen[l.from][l.to] = seen[l.to][l.from] = true;
  }
  return {};
}

}  // namespace

TieredPlan solve(const TieredProblem& problem) {
  assert(problem.layers >= 1 && !problem.tiers.empty());
  const auto start = std::chrono::steady_clock::now();
  TieredPlan plan = TieredPath(problem).find();
  plan.solve_us = std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count();
  return plan;
}

Result<TieredProblem> make_tiered_problem(const std::vector<TierOfProfile>& tiers, std::span<const TierLink> links,
                                          Objective objective, const ProblemOptions& options) {
  if (tiers.empty()) return fail(Errc::invalid_argument, "there are no tiers");
  const int count = static_cast<int>(tiers.size());
  if (const Status s = check_links(links, count); !s) return forward_error(s);
  if (options.constraints.limited() || !options.constraints.pins.empty()) {
    return fail(Errc::invalid_argument, "limits and pins are for two places: leave them out, or the tiers");
  }
  const profile::CostTable& device = tiers[0].table;
  TieredProblem problem;
  problem.objective = objective;
  problem.weights = options.weights;
  problem.layers = device.size();
  problem.network = device.network;
  problem.fingerprint = device.fingerprint;
  problem.crossings.assign(count, std::vector<std::vector<Crossing>>(count));
  // Each pair is a problem of two places of its own; a pair without a link lends only its execution costs.
  const link::Link none{.name = "none", .up = Mbps{1}, .down = Mbps{1}};
  for (int t = 0; t < count; ++t) {
    auto pair = make_problem(device, tiers[t].table, none, objective, options);
    if (!pair) return forward_error(pair, fmt::format("tier '{}'", tiers[t].name));
    problem.tiers.push_back({.name = tiers[t].name,
                             .ms = t == 0 ? std::move(pair->device_ms) : std::move(pair->cloud_ms),
                             .mj = t == 0 ? std::move(pair->device_mj) : std::move(pair->cloud_mj)});
  }
  for (const TierLink& l : links) {
    profile::CostTable near = tiers[l.from].table;
    link::Link link = l.link;
    ProblemOptions loads = options;
    if (l.from != 0) {  // the device only waits
      near.busy_power = near.idle_power = device.idle_power;
      link.alpha_up = link.alpha_down = 0;
      link.beta = device.idle_power;
      loads.loads.device = options.loads.cloud;
    }
    auto pair = make_problem(near, tiers[l.to].table, link, objective, loads);
    if (!pair) return forward_error(pair, fmt::format("tiers '{}' and '{}'", tiers[l.from].name, tiers[l.to].name));
    problem.crossings[l.from][l.to] = std::move(pair->uploads);
    problem.crossings[l.to][l.from] = std::move(pair->downloads);
  }
  return problem;
}

Json to_json(const TieredPlan& plan) {
  Json json{{"format", "tandem.tiered-plan.v1"},
            {"objective", name_of(plan.objective)},
            {"feasible", plan.feasible},
            {"tiers", plan.tiers},
            {"segments", Json::array()},
            {"transfers", Json::array()},
            {"proven_optimal", plan.proven_optimal},
            {"solver", "path"},
            {"solve_us", plan.solve_us},
            {"network", plan.network},
            {"fingerprint", plan.fingerprint}};
  if (plan.feasible) {
    json["latency_ms"] = plan.totals.latency.count();
    json["energy_mj"] = plan.totals.energy.value;
    json["remote_ms"] = plan.totals.cloud.count();
  }
  for (const TieredSegment& s : plan.segments) {
    json["segments"].push_back({{"first", s.first},
                                {"last", s.last},
                                {"place", plan.tiers[s.tier]},
                                {"latency_ms", s.latency.count()},
                                {"energy_mj", s.energy.value}});
  }
  for (const TieredTransfer& t : plan.transfers) {
    Json one = to_json(Transfer{.after = t.after, .direction = Direction::up, .crossing = t.crossing});
    one.erase("direction");
    one["from"] = plan.tiers[t.from];
    one["to"] = plan.tiers[t.to];
    json["transfers"].push_back(std::move(one));
  }
  return json;
}

}  // namespace tandem::plan
