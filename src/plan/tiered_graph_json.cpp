// Graphs on several tiers, from and to what is written.
#include <fmt/format.h>

#include "plan_words.hpp"
#include "tandem/plan/tiered_graph.hpp"

namespace tandem::plan {

Result<TieredGraphProblem> make_tiered_problem(const Graph& graph, const std::vector<std::string>& between) {
  TieredGraphProblem problem{.tiers = {"device"},
                             .nodes = {},
                             .edges = graph.edges,
                             .input = graph.input,
                             .inputs = graph.inputs,
                             .outputs = graph.outputs};
  problem.tiers.insert(problem.tiers.end(), between.begin(), between.end());
  problem.tiers.emplace_back("cloud");
  const int cloud = static_cast<int>(problem.tiers.size()) - 1;
  problem.nodes.reserve(graph.nodes.size());
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const GraphNode& node = graph.nodes[i];
    TieredNode tiered{
        .id = node.id, .latency = {node.device}, .device_energy = node.device_energy, .output = node.output};
    for (const std::string& tier : between) {
      const auto time = node.tiers.find(tier);
      if (time == node.tiers.end()) {
        return fail(Errc::invalid_argument,
                    fmt::format("field 'nodes[{}].tier_ms': has no time for the tier '{}'", i, tier));
      }
      tiered.latency.push_back(time->second);
    }
    tiered.latency.push_back(node.cloud);
    if (node.pin) tiered.pin = *node.pin == Place::device ? 0 : cloud;
    problem.nodes.push_back(std::move(tiered));
  }
  return problem;
}

Json to_json(const TieredGraphPlan& plan, const TieredGraphProblem& problem) {
  Json json{{"format", "tandem.tiered-plan.v1"},
            {"objective", name_of(problem.objective)},
            {"feasible", plan.feasible},
            {"tiers", problem.tiers},
            {"assignment", Json::object()},
            {"transfers", Json::array()},
            {"costs", "additive"},
            {"proven_optimal", plan.proven_optimal},
            {"solver", name_of(Solver::ilp)},
            {"solve_us", plan.solve_us}};
  if (plan.feasible) {
    json["latency_ms"] = plan.totals.latency.count();
    json["energy_mj"] = plan.totals.energy.value;
    json["remote_ms"] = plan.totals.cloud.count();
    json["lower_bound"] = plan.lower_bound;
  }
  for (std::size_t i = 0; i < plan.tier.size(); ++i) {
    json["assignment"][problem.nodes[i].id] = problem.tiers[plan.tier[i]];
  }
  for (const TieredGraphTransfer& transfer : plan.transfers) {
    json["transfers"].push_back(
        {{"of", transfer.node < 0 ? Json(nullptr) : Json(problem.nodes[transfer.node].id)},
         {"from", problem.tiers[transfer.from]},
         {"to", problem.tiers[transfer.to]},
         {"bytes", (transfer.node < 0 ? problem.input : problem.nodes[transfer.node].output).value},
         {"link_ms", transfer.latency.count()},
         {"energy_mj", transfer.energy.value}});
  }
  return json;
}

}  // namespace tandem::plan
