// `tandem bench planner`: time to solve, beside Dijkstra's algorithm on the JointDNN graph as Fig. 2.6 draws it.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <queue>
#include <utility>
#include <vector>

#include "bench_planner_graph.hpp"
#include "bench_rows.hpp"
#include "tandem/base/random.hpp"
#include "tandem/plan/plan.hpp"

namespace tandem::cli {
namespace {

using plan::Crossing;
using plan::GroupCosts;
using plan::Objective;
using plan::Problem;

GroupCosts random_groups(Random& random, int layers, double scale) {
  GroupCosts costs(layers);
  for (int last = 1; last <= layers; ++last) {
    for (int first = 1; first <= last; ++first) {
      costs.at(first, last) = scale * (last - first + 1) * random.uniform(0.6, 1.2);
    }
  }
  return costs;
}

std::vector<Crossing> random_crossings(Random& random, int layers) {
  std::vector<Crossing> crossings;
  for (int k = 0; k <= layers; ++k) {
    crossings.push_back({.codec = "raw",
                         .bytes = 1,
                         .on_link = Milliseconds{random.uniform(0, 5)},
                         .energy = Millijoules{random.uniform(0, 10)}});
  }
  return crossings;
}

Problem random_problem(int layers, Objective objective) {
  Random random(2026);
  return {.objective = objective,
          .layers = layers,
          .device_ms = random_groups(random, layers, 4),
          .device_mj = random_groups(random, layers, 8),
          .cloud_ms = random_groups(random, layers, 3),
          .cloud_mj = random_groups(random, layers, 6),
          .device_error_ms = {},
          .cloud_error_ms = {},
          .uploads = random_crossings(random, layers),
          .downloads = random_crossings(random, layers),
          .network = {},
          .fingerprint = {},
          .link = {}};
}

// The graph node by node: S, F, and M(i, j) and C(i, j) for every group. An edge carries the cost of the node it leaves
// and of the transfer, as in Table 2.1.
class ExplicitGraph {
 public:
  explicit ExplicitGraph(const Problem& problem)
      : layers_(problem.layers), edges_(2 * static_cast<std::size_t>(layers_) * (layers_ + 1) / 2 + 2) {
    const bool latency = problem.objective == Objective::latency;
    const auto price = [latency](const Crossing& c) { return latency ? c.latency().count() : c.energy.value; };
    const GroupCosts& device = latency ? problem.device_ms : problem.device_mj;
    const GroupCosts& cloud = latency ? problem.cloud_ms : problem.cloud_mj;
    for (int k = 1; k <= layers_; ++k) {
      edges_[start()].push_back({mobile(1, k), 0});
      edges_[start()].push_back({remote(1, k), price(problem.uploads[0])});
    }
    for (int i = 1; i <= layers_; ++i) {
      for (int j = i; j <= layers_; ++j) {
        const double up = price(problem.uploads[j]), down = price(problem.downloads[j]);
        for (int k = j + 1; k <= layers_; ++k) {
          edges_[mobile(i, j)].push_back({mobile(j + 1, k), device.at(i, j)});
          edges_[mobile(i, j)].push_back({remote(j + 1, k), device.at(i, j) + up});
          edges_[remote(i, j)].push_back({remote(j + 1, k), cloud.at(i, j)});
          edges_[remote(i, j)].push_back({mobile(j + 1, k), cloud.at(i, j) + down});
        }
      }
      edges_[mobile(i, layers_)].push_back({finish(), device.at(i, layers_)});
      edges_[remote(i, layers_)].push_back({finish(), cloud.at(i, layers_) + price(problem.downloads[layers_])});
    }
  }

  [[nodiscard]] double dijkstra() const {
    std::vector<double> distance(edges_.size(), std::numeric_limits<double>::infinity());
    using Entry = std::pair<double, std::size_t>;
    std::priority_queue<Entry, std::vector<Entry>, std::greater<>> open;
    distance[start()] = 0;
    open.emplace(0, start());
    while (!open.empty()) {
      const auto [so_far, node] = open.top();
      open.pop();
      if (node == finish()) return so_far;
      if (so_far > distance[node]) continue;
      for (const Edge& edge : edges_[node]) {
        const double through = so_far + edge.cost;
        if (through >= distance[edge.to]) continue;
        distance[edge.to] = through;
        open.emplace(through, edge.to);
      }
    }
    return std::numeric_limits<double>::infinity();
  }

 private:
  struct Edge {
    std::size_t to;
    double cost;
  };
  [[nodiscard]] static std::size_t group(int first, int last) {
    return static_cast<std::size_t>(last) * (last - 1) / 2 + (first - 1);
  }
  [[nodiscard]] static std::size_t mobile(int first, int last) { return 2 * group(first, last); }
  [[nodiscard]] static std::size_t remote(int first, int last) { return 2 * group(first, last) + 1; }
  [[nodiscard]] std::size_t start() const { return edges_.size() - 2; }
  [[nodiscard]] std::size_t finish() const { return edges_.size() - 1; }

  int layers_;
  std::vector<std::vector<Edge>> edges_;
};

struct Timing {
  double median_us = 0.0;
  double spread_us = 0.0;  // between the quartiles
};

template <class Work>
Timing time_of(int repetitions, const Work& work) {
  std::vector<double> us;
  for (int i = 0; i < repetitions + 1; ++i) {
    const auto start = std::chrono::steady_clock::now();
    work();
    us.push_back(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count());
  }
  us.erase(us.begin());  // the warm-up
  std::ranges::sort(us);
  return {us[us.size() / 2], us[us.size() * 3 / 4] - us[us.size() / 4]};
}

Result<Json> bench_row(int layers, Objective objective) {
  const Problem problem = random_problem(layers, objective);
  const ExplicitGraph graph(problem);
  double ours = 0, theirs = 0;
  const Timing solver = time_of(501, [&] {
    const plan::Plan plan = plan::solve(problem);
    ours = objective == Objective::latency ? plan.totals.latency.count() : plan.totals.energy.value;
  });
  const Timing baseline = time_of(21, [&] { theirs = graph.dijkstra(); });
  if (std::abs(ours - theirs) > 1e-9 * theirs) {
    return fail(Errc::internal, fmt::format("the planner found {}, Dijkstra's algorithm {}", ours, theirs));
  }
  return Json{{"name", fmt::format("solve {} layers, {} groups, {}", layers, layers * (layers + 1) / 2,
                                   objective == Objective::latency ? "latency" : "energy")},
              {"figure", solver.median_us},
              {"spread", solver.spread_us},
              {"unit", "us"},
              {"baseline", baseline.median_us},
              {"baseline_spread", baseline.spread_us},
              {"baseline_name", "Dijkstra on the explicit graph, without building it"},
              {"ratio", solver.median_us / baseline.median_us}};
}

}  // namespace

Result<Json> planner_bench_rows() {
  Json rows = Json::array();
  for (const auto& [layers, objective] : {std::pair{16, Objective::latency}, std::pair{70, Objective::latency},
                                          std::pair{70, Objective::energy}, std::pair{150, Objective::latency}}) {
    Result<Json> row = bench_row(layers, objective);
    if (!row) return row;
    rows.push_back(std::move(*row));
  }
  Result<Json> graphs = graph_planner_bench_rows(random_problem(70, Objective::latency));
  if (!graphs) return graphs;
  rows.insert(rows.end(), graphs->begin(), graphs->end());
  return rows;
}

}  // namespace tandem::cli
