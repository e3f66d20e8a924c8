// Dividing a graph between device and cloud: which node runs where, exactly, by minimum cut.
//
//   const GraphProblem problem{.graph = graph, .link = *link::find("4g"), .objective = Objective::latency};
//   Result<GraphPlan> plan = solve(problem);
//   fmt::print("{}", to_json(*plan, graph).dump(2));
//
// A node costs its own time on its place; nodes run one after the other, as layers of a chain do. A result crosses once
// per direction, however many nodes on the other side read it; results of Graph::outputs must end on the device, where
// the input starts.
// Thread rule: values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tandem/plan/graph.hpp"
#include "tandem/plan/plan.hpp"

namespace tandem::plan {

struct GraphProblem {
  Graph graph{};  // checked
  link::Link link{};
  Objective objective = Objective::latency;
  Weights weights{};          // of Objective::weighted
  Constraints constraints{};  // a Pin counts nodes in the order of Graph::nodes, from 1
  Milliwatts idle_power{};    // of the device while it waits for cloud and round trips
};

// The result of a node goes to the other side; -1: the network's input does.
struct GraphTransfer {
  int node = -1;
  Direction direction = Direction::up;
  Bytes bytes{};
  Milliseconds latency{};
  Millijoules energy{};
  bool operator==(const GraphTransfer&) const = default;
};

// The kind of costs a plan was chosen by: fused are those of groups that a runtime executes as one, additive those of
// single layers; mixed are fused outside and additive inside divided blocks (layer_graph.hpp).
enum class Costs { additive, fused, mixed };

struct GraphPlan {
  Objective objective = Objective::latency;
  Weights weights;
  bool feasible = false;
  Totals totals;
  Costs costs = Costs::additive;
  std::vector<Place> places;             // of Graph::nodes; empty where not feasible
  std::vector<GraphTransfer> transfers;  // uploads and downloads in order of the nodes
  bool proven_optimal = false;           // no assignment that keeps the constraints is better; or there is none
  double lower_bound = 0.0;              // no such assignment costs less than this under the objective
  std::vector<Miss> nearest_miss;        // where not feasible
  Solver solver = Solver::cut;
  double solve_us = 0.0;
  Totals device_only, cloud_only;  // baselines: every node on one place, pins and limits ignored
  std::string network, link;       // names
};

struct GraphSolveOptions {
  // cut  minimum cut; with limits, a Lagrangian bound by minimum cuts and branch and bound: exact
  // ilp  the same as an integer program on CBC: exact, slow, for comparison
  Solver solver = Solver::cut;
  // With limits, or for `ilp`: then the best that was found is given, and is not proven optimal.
  Milliseconds time_limit{10'000};
};

// Near-linear in practice without limits; with them, exponential in the worst case. Ties are won by the device.
// Errors: invalid_argument (a graph or constraint that check() refuses, a rate of zero, a solver for chains);
// internal where CBC fails.
Result<GraphPlan> solve(const GraphProblem& problem, const GraphSolveOptions& options = {});

// What a given assignment costs; proven_optimal is false. Precondition: a place for every node.
GraphPlan describe(const GraphProblem& problem, std::vector<Place> places);

// tandem.plan.v1 with `assignment`, id to place, in place of segments. `graph` is the one that was planned.
Json to_json(const GraphPlan& plan, const Graph& graph);

// What runs where, what crosses, and the totals beside device and cloud alone, for the terminal.
std::string picture(const GraphPlan& plan, const Graph& graph, const PictureOptions& options);

}  // namespace tandem::plan
