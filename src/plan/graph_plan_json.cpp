#include "plan_words.hpp"
#include "tandem/plan/graph_plan.hpp"

namespace tandem::plan {
namespace {

const char* name_of(Costs costs) {
  switch (costs) {
    case Costs::additive: return "additive";
    case Costs::fused: return "fused";
    case Costs::mixed: break;
  }
  return "mixed";
}

}  // namespace

Json to_json(const GraphPlan& plan, const Graph& graph) {
  Json json{{"format", "tandem.plan.v1"},
            {"objective", name_of(plan.objective)},
            {"feasible", plan.feasible},
            {"assignment", Json::object()},
            {"transfers", Json::array()},
            {"costs", name_of(plan.costs)},
            {"proven_optimal", plan.proven_optimal},
            {"solver", name_of(plan.solver)},
            {"solve_us", plan.solve_us},
            {"baselines", {{"device_only", to_json(plan.device_only)}, {"cloud_only", to_json(plan.cloud_only)}}},
            {"network", plan.network},
            {"link", plan.link}};
  if (plan.objective == Objective::weighted) {
    json["weights"] = {{"per_ms", plan.weights.per_ms}, {"per_mj", plan.weights.per_mj}};
  }
  if (plan.feasible) {
    json.update(to_json(plan.totals));
    json["lower_bound"] = plan.lower_bound;
  }
  Json& assignment = json["assignment"];
  for (std::size_t i = 0; i < plan.places.size(); ++i) assignment[graph.nodes[i].id] = name_of(plan.places[i]);
  for (const GraphTransfer& transfer : plan.transfers) {
    json["transfers"].push_back({{"of", transfer.node < 0 ? Json(nullptr) : Json(graph.nodes[transfer.node].id)},
                                 {"direction", name_of(transfer.direction)},
                                 {"bytes", transfer.bytes.value},
                                 {"link_ms", transfer.latency.count()},
                                 {"energy_mj", transfer.energy.value}});
  }
  if (!plan.feasible) {
    json["nearest_miss"] = Json::array();
    for (const Miss& miss : plan.nearest_miss) json["nearest_miss"].push_back(to_json(miss));
  }
  return json;
}

}  // namespace tandem::plan
