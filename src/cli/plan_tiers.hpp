// `tandem plan --tier`: device, edge and cloud.
#pragma once

#include "plan_graph.hpp"
#include "plan_scenario.hpp"

namespace tandem::cli {

struct TierOptions {
  std::vector<std::string> tiers;  // "edge=edge.profile.json"; with a graph "edge"
  std::vector<std::string> links;  // "device-edge=wifi"
};
void add_tier_options(CLI::App* command, TierOptions& options);

// Tiers besides device and cloud, whose link is the input's. Errors: invalid_argument naming the option.
Outcome run_tiers(const TierOptions& options, const PlanInput& input);
// `tandem plan --graph FILE --tier NAME`: the same of a graph, whose nodes hold the times. Limits are not kept.
Outcome run_tiered_graph(const TierOptions& options, const GraphPlanOptions& request);

}  // namespace tandem::cli
