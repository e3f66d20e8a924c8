// `tandem plan --graph`: a graph of layers with a cost each, divided by minimum cut.
#pragma once

#include <string>

#include "command.hpp"
#include "tandem/plan/graph_plan.hpp"

namespace tandem::cli {

struct GraphPlanOptions {
  std::string file;  // tandem.graph.v1
  link::Link link;
  plan::Objective objective = plan::Objective::latency;
  plan::Weights weights;
  plan::Constraints constraints;
  profile::LoadFactors loads;  // how many times as long as in the file each place takes
  Milliwatts idle_power{};
  plan::GraphSolveOptions solving;
  std::string output;  // also written there; empty: nowhere
  bool json = false;
};

Outcome run_plan_graph(const GraphPlanOptions& options);

// The file's graph, each place taking that many times as long, and the device's energy with it.
Result<plan::Graph> load_loaded_graph(const std::string& file, const profile::LoadFactors& loads);

// How a plan of a graph is shown, whatever made it.
struct GraphPlanOutput {
  std::string name;   // of the graph, for people
  std::string nodes;  // what its nodes are called: "nodes"
  std::string file;   // also written there; empty: nowhere
  bool json = false;
};
Outcome show(const plan::GraphPlan& plan, const plan::Graph& graph, const GraphPlanOutput& output);

}  // namespace tandem::cli
