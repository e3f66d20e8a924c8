// More than two places: a device, an edge server, a cloud, and a link for each pair.
//
//   TieredProblem problem{.layers = n, .tiers = {device, edge, cloud}, .crossings = ...};
//   TieredPlan plan = solve(problem);      // exact: shortest path over tier and layer, O(T N^2 + T^2 N) for T tiers
//
// Tier 0 is the device: there the input is, and there the result must end.
// Thread rule: values.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "tandem/plan/plan.hpp"

namespace tandem::plan {

struct Tier {
  std::string name;
  GroupCosts ms;  // of each group on this tier
  GroupCosts mj;  // of the device meanwhile: its own work, or waiting
};

struct TieredProblem {
  Objective objective = Objective::latency;
  Weights weights;
  int layers = 0;
  std::vector<Tier> tiers;
  // [from][to][k]: the tensor after layer k goes from one tier to another; empty where they have no link. A tensor may
  // take several links on its way.
  std::vector<std::vector<std::vector<Crossing>>> crossings;
  std::string network, fingerprint;
};

struct TieredSegment {
  int first = 1;
  int last = 1;
  int tier = 0;
  Milliseconds latency{};
  Millijoules energy{};  // of the device
};

struct TieredTransfer {
  int after = 0;
  int from = 0, to = 0;  // tiers
  Crossing crossing;
};

struct TieredPlan {
  Objective objective = Objective::latency;
  bool feasible = false;
  Totals totals;  // `cloud`: on tiers other than the device
  std::vector<TieredSegment> segments;
  std::vector<TieredTransfer> transfers;
  std::vector<std::string> tiers;  // names
  bool proven_optimal = false;
  double solve_us = 0.0;
  std::string network, fingerprint;
};

// The least objective cost; ties go to the earlier tier, then to the longer group. Costs that are not finite are never
// taken. Precondition: one tier or more, all parts of `problem` of its size.
TieredPlan solve(const TieredProblem& problem);

struct TierOfProfile {
  std::string name;
  profile::CostTable table;
};
struct TierLink {
  int from = 0, to = 1;  // of the earlier tier's view: `up` goes from -> to
  link::Link link;
};
// Profiles of the same network, the device's first. Between two tiers a tensor costs what make_problem says of a device
// and a cloud; the device's own energy is its radio on its own links, its codec work, and idling while others work.
// Errors: those of make_problem; invalid_argument naming a pair of tiers twice in `links` or a tier that is not there.
Result<TieredProblem> make_tiered_problem(const std::vector<TierOfProfile>& tiers, std::span<const TierLink> links,
                                          Objective objective, const ProblemOptions& options = {});

// Format tandem.tiered-plan.v1: as tandem.plan.v1, with tiers' names as places, and `from` and `to` for `direction`.
Json to_json(const TieredPlan& plan);

}  // namespace tandem::plan
