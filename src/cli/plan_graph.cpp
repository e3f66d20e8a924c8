#include "plan_graph.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "tandem/base/file.hpp"
#include "terminal.hpp"

namespace tandem::cli {
namespace {

std::string headline(const plan::GraphPlan& plan, const plan::Graph& graph, const std::string& file) {
  const std::string name = graph.name.empty() ? std::filesystem::path(file).filename().string() : graph.name;
  return fmt::format(
      "{} over {}: {} nodes, {} in {}\n\n", name, plan.link, graph.nodes.size(),
      plan.proven_optimal ? "proven optimal" : "planned",
      plan.solve_us < 1000 ? fmt::format("{:.0f} us", plan.solve_us) : human_time(Milliseconds{plan.solve_us / 1000}));
}

}  // namespace

Outcome run_plan_graph(const GraphPlanOptions& options) {
  auto graph = plan::load_graph(options.file);
  if (!graph) return forward_error(graph);
  const plan::GraphProblem problem{.graph = std::move(*graph),
                                   .link = options.link,
                                   .objective = options.objective,
                                   .weights = options.weights,
                                   .constraints = options.constraints,
                                   .idle_power = options.idle_power};
  const Result<plan::GraphPlan> plan = plan::solve(problem, options.solving);
  if (!plan) return forward_error(plan);

  const std::string json = to_json(*plan, problem.graph).dump(2) + "\n";
  if (!options.output.empty()) {
    if (const Status written = write_file(options.output, json); !written) return forward_error(written);
  }
  const Terminal screen = terminal();
  if (options.json)
    fmt::print("{}", json);
  else
    fmt::print("{}{}", headline(*plan, problem.graph, options.file),
               plan::picture(*plan, problem.graph, {.width = screen.width, .colour = screen.colour}));
  return plan->feasible ? Exit::done : Exit::no_feasible_answer;
}

}  // namespace tandem::cli
