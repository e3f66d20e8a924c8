#include "plan_inside.hpp"

#include <fmt/format.h>

#include "plan_graph.hpp"
#include "tandem/plan/layer_graph.hpp"

namespace tandem::cli {

Outcome run_inside_blocks(const network::Network& network, const PlanInput& input) {
  const auto chain = plan::make_problem(input.device, input.cloud, input.link, input.objective, input.options);
  if (!chain) return forward_error(chain);
  const auto layers = plan::layer_graph(network, input.device, input.cloud, input.options.loads);
  if (!layers) return forward_error(layers);
  const auto plan =
      plan::solve_inside_blocks(*chain, *layers, {.link = input.link, .idle_power = input.device.idle_power});
  if (!plan) return forward_error(plan);
  const Outcome shown = show(*plan, layers->graph,
                             {.name = network.name(),
                              .nodes = fmt::format("layers in {} blocks", layers->blocks.size()),
                              .file = input.output,
                              .json = input.json});
  if (!input.json && plan->feasible) {
    fmt::print("\n{}\n", plan->costs == plan::Costs::fused
                             ? "No block is divided: the plan is exact for the profiles' groups."
                             : "A block is divided: costs inside it are modelled shares, so nothing is proven.");
  }
  return shown;
}

}  // namespace tandem::cli
