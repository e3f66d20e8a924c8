// Graphs by minimum cut beside the same problems as integer programs on CBC, in one thread.
#include "bench_planner_graph.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <vector>

#include "tandem/base/random.hpp"
#include "tandem/plan/graph_plan.hpp"

namespace tandem::cli {
namespace {

using plan::Graph;
using plan::GraphProblem;
using plan::Solver;

// Nodes in series and in parallel, as in networks of branches: layers in a row, and branches between a layer that all
// of them read and one that joins them, some with branches inside, some with a residual connection past them.
class RandomGraph {
 public:
  RandomGraph(int nodes, std::uint64_t seed) : random_(seed) {
    int last = add_layer({});
    graph_.inputs = {last};
    while (size() < nodes) {
      const int room = nodes - size();
      last = room < 4 || random_.below(3) == 0 ? add_layer({last}) : add_branches(last, room - 2);
    }
    graph_.outputs = {last};
    graph_.input = Bytes{random_.uniform(5e3, 50e3)};
  }
  Graph take() { return std::move(graph_); }

 private:
  [[nodiscard]] int size() const { return static_cast<int>(graph_.nodes.size()); }

  // The device takes ten times what the work takes, the cloud from half to fifteen times: each place is good at some.
  int add_layer(const std::vector<int>& reads) {
    const int node = size();
    const double work = random_.uniform(0.1, 2);
    graph_.nodes.push_back({.id = fmt::format("layer{}", node),
                            .device = Milliseconds{10 * work},
                            .device_energy = Millijoules{40 * work},
                            .cloud = Milliseconds{work * random_.uniform(0.5, 15)},
                            .output = Bytes{random_.uniform(100, 8e3)}});
    for (const int from : reads) graph_.edges.push_back({.from = from, .to = node});
    return node;
  }

  int add_branches(int from, int room) {
    const int branches = 2 + static_cast<int>(random_.below(4));
    std::vector<int> ends;
    for (int b = 0; b < branches && room > 0; ++b) {
      int last = from;
      for (int length = 1 + static_cast<int>(random_.below(4)); length > 0 && room > 0; --length) {
        const int before = size();
        last = length > 2 && room > 8 && random_.below(8) == 0 ? add_branches(last, 6) : add_layer({last});
        room -= size() - before;
      }
      ends.push_back(last);
    }
    if (random_.below(4) == 0) ends.push_back(from);
    return add_layer(ends);
  }

  Random random_;
  Graph graph_;
};

GraphProblem problem_of(int nodes, std::uint64_t seed = 2026) {
  return {.graph = RandomGraph(nodes, seed).take(),
          .link = {.name = "bench",
                   .up = Mbps{50},
                   .down = Mbps{100},
                   .rtt = Milliseconds{2},
                   .alpha_up = 283.17,
                   .alpha_down = 137.01,
                   .beta = Milliwatts{132.86}}};
}

struct Solved {
  double us = 0.0;
  double cost = 0.0;
};
struct Timing {
  double median_us = 0.0;
  double spread_us = 0.0;  // between the quartiles
  double cost = 0.0;
};

// After one run to warm up.
Result<Timing> time_of(int repetitions, const std::function<Result<Solved>()>& solve) {
  std::vector<double> us;
  us.reserve(repetitions);
  Timing timing;
  for (int i = 0; i <= repetitions; ++i) {
    const Result<Solved> solved = solve();
    if (!solved) return forward_error(solved);
    timing.cost = solved->cost;
    if (i > 0) us.push_back(solved->us);
  }
  std::ranges::sort(us);
  timing.median_us = us[us.size() / 2];
  timing.spread_us = us[us.size() * 3 / 4] - us[us.size() / 4];
  return timing;
}

Result<Solved> solve_graph(const GraphProblem& problem, Solver solver) {
  const auto plan = plan::solve(problem, {.solver = solver, .time_limit = Milliseconds{60'000}});
  if (!plan) return forward_error(plan);
  if (!plan->proven_optimal) return fail(Errc::internal, fmt::format("{} did not end", name_of(solver)));
  return Solved{plan->solve_us, problem.objective == plan::Objective::energy ? plan->totals.energy.value
                                                                             : plan->totals.latency.count()};
}

Result<Solved> solve_chain(const plan::Problem& problem, Solver solver) {
  const auto plan = plan::solve(problem, solver);
  if (!plan) return forward_error(plan);
  if (!plan->proven_optimal) return fail(Errc::internal, fmt::format("{} did not end", name_of(solver)));
  return Solved{plan->solve_us, cost_of(problem, plan->totals)};
}

struct Row {
  std::string name;
  std::string baseline;
  int repetitions = 101;
  int baseline_repetitions = 5;
  std::optional<double> bar_us{};
};

// Ours beside CBC; an error where they disagree.
Result<Json> beside_cbc(const Row& row, const std::function<Result<Solved>(Solver)>& solve, Solver ours) {
  const Result<Timing> fast = time_of(row.repetitions, [&] { return solve(ours); });
  if (!fast) return forward_error(fast, row.name);
  const Result<Timing> slow = time_of(row.baseline_repetitions, [&] { return solve(Solver::ilp); });
  if (!slow) return forward_error(slow, row.name);
  if (std::abs(fast->cost - slow->cost) > 1e-6 * std::abs(slow->cost)) {
    return fail(Errc::internal, fmt::format("{}: we found {}, CBC {}", row.name, fast->cost, slow->cost));
  }
  Json json{{"name", row.name},
            {"figure", fast->median_us},
            {"spread", fast->spread_us},
            {"unit", "us"},
            {"optimum", fast->cost},
            {"baseline", slow->median_us},
            {"baseline_spread", slow->spread_us},
            {"baseline_name", row.baseline},
            {"baseline_optimum", slow->cost},
            {"ratio", fast->median_us / slow->median_us}};
  if (row.bar_us) json["bar"] = *row.bar_us;
  return json;
}

// The exponent of a power law through the points, by least squares of the logarithms.
double growth(const std::vector<std::pair<double, double>>& points) {
  double x = 0, y = 0, xx = 0, xy = 0;
  for (const auto& [size, time] : points) {
    x += std::log(size);
    y += std::log(time);
    xx += std::log(size) * std::log(size);
    xy += std::log(size) * std::log(time);
  }
  const auto n = static_cast<double>(points.size());
  return (n * xy - x * y) / (n * xx - x * x);
}

// Energy under a deadline half way between that of the least energy and the least latency.
Result<GraphProblem> with_deadline(int nodes, std::uint64_t seed) {
  GraphProblem problem = problem_of(nodes, seed);
  const auto quickest = plan::solve(problem);
  problem.objective = plan::Objective::energy;
  const auto frugal = plan::solve(problem);
  if (!quickest || !frugal) return forward_error(quickest ? frugal : quickest);
  problem.constraints.deadline = (quickest->totals.latency + frugal->totals.latency) / 2;
  return problem;
}

plan::Problem with_deadline(plan::Problem chain) {
  chain.objective = plan::Objective::latency;
  const Milliseconds quickest = plan::solve(chain).totals.latency;
  chain.objective = plan::Objective::energy;
  const Milliseconds frugal = plan::solve(chain).totals.latency;
  chain.constraints.deadline = (quickest + frugal) / 2;
  return chain;
}

}  // namespace

Result<Json> graph_planner_bench_rows(const plan::Problem& chain) {
  Json rows = Json::array();
  std::vector<std::pair<double, double>> points;
  for (const int nodes : {330, 1000, 2000, 5000, 10'000}) {
    const GraphProblem problem = problem_of(nodes);
    const Row row{
        .name = fmt::format("minimum cut, graph of {} nodes and {} edges, latency", nodes, problem.graph.edges.size()),
        .baseline = "the same graph as an integer program on CBC",
        .repetitions = 101,
        .baseline_repetitions = nodes <= 1000 ? 5 : 1,
        .bar_us = nodes == 330      ? std::optional(2000.0)
                  : nodes == 10'000 ? std::optional(60'000.0)
                                    : std::nullopt};
    const auto solve = [&](Solver solver) { return solve_graph(problem, solver); };
    Result<Json> measured = beside_cbc(row, solve, Solver::cut);
    if (!measured) return measured;
    points.emplace_back(nodes, (*measured)["figure"].get<double>());
    rows.push_back(std::move(*measured));
  }
  rows.push_back({{"name", "minimum cut, growth with the number of nodes"},
                  {"figure", growth(points)},
                  {"unit", "power of nodes"}});

  for (const std::uint64_t seed : {2026, 2027, 2028, 2029, 2030}) {
    const Result<GraphProblem> limited = with_deadline(330, seed);
    if (!limited) return forward_error(limited);
    Result<Json> deadline = beside_cbc(
        {.name = fmt::format("label elimination, graph of 330 nodes (seed {}), energy under a deadline", seed),
         .baseline = "the same problem as an integer program on CBC",
         .repetitions = 101,
         .baseline_repetitions = 3},
        [&](Solver solver) { return solve_graph(*limited, solver); }, Solver::cut);
    if (!deadline) return deadline;
    rows.push_back(std::move(*deadline));
  }

  Result<Json> path = beside_cbc(
      {.name = fmt::format("shortest path, chain of {} layers, latency", chain.layers),
       .baseline = "the integer program (2.2)-(2.20) on CBC",
       .repetitions = 501,
       .baseline_repetitions = 3},
      [&](Solver solver) { return solve_chain(chain, solver); }, Solver::path);
  if (!path) return path;
  rows.push_back(std::move(*path));

  const plan::Problem hurried = with_deadline(chain);
  Result<Json> labels = beside_cbc(
      {.name = fmt::format("label setting, chain of {} layers, energy under a deadline", chain.layers),
       .baseline = "the integer program (2.2)-(2.20) on CBC",
       .repetitions = 101,
       .baseline_repetitions = 1,
       .bar_us = 2000},
      [&](Solver solver) { return solve_chain(hurried, solver); }, Solver::label);
  if (!labels) return labels;
  rows.push_back(std::move(*labels));
  return rows;
}

}  // namespace tandem::cli
