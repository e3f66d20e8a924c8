// A graph over more than two places: a device, an edge server, a cloud, and a link for each pair that has one.
//
//   TieredGraphProblem problem{.tiers = {"device", "edge", "cloud"}, .nodes = nodes, .edges = edges};
//   problem.links = {{.from = 0, .to = 1, .link = wifi}, {.from = 1, .to = 2, .link = backbone}};
//   Result<TieredGraphPlan> plan = solve(problem);
//
// With two places this is a minimum cut (graph_plan.hpp); with three it is NP-hard (a multiway cut), and solved as an
// integer program on CBC.
// Thread rule: values.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tandem/plan/graph.hpp"
#include "tandem/plan/ilp.hpp"
#include "tandem/plan/plan.hpp"

namespace tandem::plan {

struct TieredNode {
  std::string id;
  std::vector<Milliseconds> latency{};  // on each tier
  Millijoules device_energy{};          // where it runs on tier 0
  Bytes output{};
  std::optional<int> pin{};  // the tier it must run on
};

// `up` of the link leads from one tier to the other, `down` back.
struct TierPair {
  int from = 0;
  int to = 1;
  link::Link link{};
};

struct TieredGraphProblem {
  std::vector<std::string> tiers;  // names; tier 0 is the device, where the input starts and the results must end
  std::vector<TieredNode> nodes;
  std::vector<GraphEdge> edges{};
  Bytes input{};
  std::vector<int> inputs{};
  std::vector<int> outputs{};
  std::vector<TierPair> links{};  // at most one for each pair
  Objective objective = Objective::latency;
  Weights weights{};
  Milliwatts idle_power{};  // of the device, while others work and other links carry
};

// The result of a node (-1: the network's input) over one link. A tensor that several tiers need may be passed on from
// any of them, and takes each link once per direction at most.
struct TieredGraphTransfer {
  int node = -1;
  int from = 0, to = 0;  // tiers
  Milliseconds latency{};
  Millijoules energy{};  // of the device
  bool operator==(const TieredGraphTransfer&) const = default;
};

struct TieredGraphPlan {
  bool feasible = false;
  Totals totals{};          // `cloud`: on all tiers but the device
  std::vector<int> tier{};  // of each node; empty where not feasible
  std::vector<TieredGraphTransfer> transfers{};
  bool proven_optimal = false;
  double lower_bound = 0.0;
  double solve_us = 0.0;
};

// The graph on "device", the tiers of these names, whose times are GraphNode::tiers, and "cloud"; pins are kept, the
// rest is for the caller to fill in. Error: invalid_argument naming the node's field that is not there.
Result<TieredGraphProblem> make_tiered_problem(const Graph& graph, const std::vector<std::string>& between);

// Errors: invalid_argument naming the field, as check(Graph), a node without a latency for every tier, a pin or a link
// to a tier that is not there; internal where CBC fails.
Result<TieredGraphPlan> solve(const TieredGraphProblem& problem, const IlpOptions& options = {});

// Format tandem.tiered-plan.v1 with `assignment`, id to tier, in place of segments. `problem` is what was planned.
Json to_json(const TieredGraphPlan& plan, const TieredGraphProblem& problem);

}  // namespace tandem::plan
