#include "plan_graph.hpp"

#include <fmt/format.h>

#include <cmath>
#include <filesystem>

#include "tandem/base/file.hpp"
#include "terminal.hpp"

namespace tandem::cli {
namespace {

std::string headline(const plan::GraphPlan& plan, const plan::Graph& graph, const GraphPlanOutput& output) {
  const std::string time =
      plan.solve_us < 1000 ? fmt::format("{:.0f} us", plan.solve_us) : human_time(Milliseconds{plan.solve_us / 1000});
  const std::string what = fmt::format("{} over {}: {} {}", output.name, plan.link, graph.nodes.size(), output.nodes);
  if (!plan.feasible) return fmt::format("{}\n\n", what);  // the picture says why
  return fmt::format("{}, {} in {}\n\n", what, plan.proven_optimal ? "proven optimal" : "planned", time);
}

}  // namespace

Result<plan::Graph> load_loaded_graph(const std::string& file, const profile::LoadFactors& loads) {
  auto graph = plan::load_graph(file);
  if (!graph) return graph;
  for (const double load : {loads.device, loads.cloud}) {
    if (load > 0 && std::isfinite(load)) continue;
    return fail(Errc::invalid_argument, fmt::format("--device-load and --cloud-load must be above 0, one is {}", load));
  }
  for (plan::GraphNode& node : graph->nodes) {
    node.device *= loads.device;
    node.device_energy = node.device_energy * loads.device;
    node.cloud *= loads.cloud;
  }
  return graph;
}

Outcome show(const plan::GraphPlan& plan, const plan::Graph& graph, const GraphPlanOutput& output) {
  const std::string json = to_json(plan, graph).dump(2) + "\n";
  if (!output.file.empty()) {
    if (const Status written = write_file(output.file, json); !written) return forward_error(written);
  }
  const Terminal screen = terminal();
  if (output.json) {
    fmt::print("{}", json);
  } else {
    fmt::print("{}{}", headline(plan, graph, output),
               plan::picture(plan, graph, {.width = screen.width, .colour = screen.colour}));
  }
  return plan.feasible ? Exit::done : Exit::no_feasible_answer;
}

Outcome run_plan_graph(const GraphPlanOptions& options) {
  auto graph = load_loaded_graph(options.file, options.loads);
  if (!graph) return forward_error(graph);
  const plan::GraphProblem problem{.graph = std::move(*graph),
                                   .link = options.link,
                                   .objective = options.objective,
                                   .weights = options.weights,
                                   .constraints = options.constraints,
                                   .idle_power = options.idle_power};
  const Result<plan::GraphPlan> plan = plan::solve(problem, options.solving);
  if (!plan) return forward_error(plan);
  const std::string& name = problem.graph.name;
  return show(*plan, problem.graph,
              {.name = name.empty() ? std::filesystem::path(options.file).filename().string() : name,
               .nodes = "nodes",
               .file = options.output,
               .json = options.json});
}

}  // namespace tandem::cli
