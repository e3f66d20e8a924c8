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
  Milliwatts idle_power{};
  plan::GraphSolveOptions solving;
  std::string output;  // also written there; empty: nowhere
  bool json = false;
};

Outcome run_plan_graph(const GraphPlanOptions& options);

}  // namespace tandem::cli
