// `tandem plan NETWORK --inside-blocks`: plans that may divide inside a branchy block, too.
#pragma once

#include "plan_scenario.hpp"
#include "tandem/network/network.hpp"

namespace tandem::cli {

// Errors: those of make_problem, layer_graph and solve_inside_blocks.
Outcome run_inside_blocks(const network::Network& network, const PlanInput& input);

}  // namespace tandem::cli
