// `tandem bench planner`, chains: time to solve, beside Dijkstra's algorithm on the JointDNN graph as Fig. 2.6 draws
// it.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <queue>
#include <tuple>
#include <utility>
#include <vector>

#include "bench_planner_graph.hpp"
#include "bench_rows.hpp"
#include "tandem/base/random.hpp"
#include "tandem/plan/optima.hpp"
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
  Problem problem;
  problem.objective = objective;
  problem.layers = layers;
  problem.device_ms = random_groups(random, layers, 4);
  problem.device_mj = random_groups(random, layers, 8);
  problem.cloud_ms = random_groups(random, layers, 3);
  problem.cloud_mj = random_groups(random, layers, 6);
  problem.uploads = random_crossings(random, layers);
  problem.downloads = random_crossings(random, layers);
  return problem;
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

std::string sizes_text(int layers) {
  return fmt::format("{} layers, {} groups", layers, layers * (layers + 1) / 2);
}

Json row_of(std::string name, const Timing& timing, double bar_us) {
  return {{"name", std::move(name)},
          {"figure", timing.median_us},
          {"spread", timing.spread_us},
          {"unit", "us"},
          {"bar", bar_us}};
}

// Dijkstra's graph has an edge for every pair of groups that follow each other: too large beyond this.
constexpr int kMostLayersOfBaseline = 150;

Result<Json> bench_row(int layers, Objective objective, double bar_us) {
  const Problem problem = random_problem(layers, objective);
  double ours = 0;
  const Timing solver = time_of(201, [&] {
    const plan::Plan plan = plan::solve(problem);
    ours = cost_of(problem, plan.totals);
  });
  Json row =
      row_of(fmt::format("solve {}, {}", sizes_text(layers), objective == Objective::latency ? "latency" : "energy"),
             solver, bar_us);
  if (layers > kMostLayersOfBaseline) return row;
  const ExplicitGraph graph(problem);
  double theirs = 0;
  const Timing baseline = time_of(11, [&] { theirs = graph.dijkstra(); });
  if (std::abs(ours - theirs) > 1e-9 * theirs) {
    return fail(Errc::internal, fmt::format("the planner found {}, Dijkstra's algorithm {}", ours, theirs));
  }
  row["baseline"] = baseline.median_us;
  row["baseline_spread"] = baseline.spread_us;
  row["baseline_name"] = "Dijkstra on the explicit graph, without building it";
  row["ratio"] = solver.median_us / baseline.median_us;
  return row;
}

// Least energy at a deadline midway between the fastest plan's latency and that of the one that takes least energy.
Json deadline_row(int layers, double bar_us) {
  Problem problem = random_problem(layers, Objective::energy);
  const double frugal = plan::solve(problem).totals.latency.count();
  const double fastest = plan::solve(random_problem(layers, Objective::latency)).totals.latency.count();
  problem.constraints.deadline = Milliseconds{(frugal + fastest) / 2};
  bool exact = true;
  const Timing labels = time_of(51, [&] { exact = plan::solve(problem).proven_optimal && exact; });
  const Timing larac = time_of(51, [&] { (void)plan::solve(problem, plan::Solver::larac).has_value(); });
  Json row = row_of(fmt::format("label setting with a deadline, {}", sizes_text(layers)), labels, bar_us);
  row["proven_optimal"] = exact;
  row["baseline"] = larac.median_us;
  row["baseline_spread"] = larac.spread_us;
  row["baseline_name"] = "LARAC, without proof";
  row["ratio"] = labels.median_us / larac.median_us;
  return row;
}

profile::CostTable random_table(Random& random, int layers, double scale) {
  profile::CostTable table;
  table.network = "random";
  table.fingerprint = "0123456789abcdef";
  const GroupCosts ms = random_groups(random, layers, scale);
  profile::CodecCosts codec;
  for (int k = 0; k <= layers; ++k) {
    table.boundary_bytes.push_back(random.uniform(4e3, 4e6) / (1 + k));
    codec.bytes.push_back(table.boundary_bytes.back() * random.uniform(0.1, 0.25));
    codec.encode.emplace_back(random.uniform(0.1, 2));
    codec.decode.emplace_back(random.uniform(0.1, 2));
  }
  table.codecs["linear8"] = std::move(codec);
  for (int last = 1; last <= layers; ++last) {
    table.layers.push_back(fmt::format("layer{}", last));
    for (int first = 1; first <= last; ++first) {
      const Milliseconds latency{ms.at(first, last)};
      table.set({.first = first, .last = last}, {.latency = latency, .energy = Milliwatts{4000} * latency});
    }
  }
  table.busy_power = Milliwatts{4000};
  table.idle_power = Milliwatts{300};
  return table;
}

// A network with as many blocks as ResNet-50: all schedules that can be best, and looking up the one that is.
Result<Json> lookup_row(int layers, double bar_us) {
  Random random(2026);
  const profile::CostTable device = random_table(random, layers, 30), cloud = random_table(random, layers, 3);
  const auto optima = plan::find_optima(device, cloud, *link::find("4g"), Objective::latency);
  if (!optima) return forward_error(optima);
  constexpr int kLookups = 1000;
  std::vector<plan::Conditions> conditions;
  conditions.reserve(kLookups);
  for (int i = 0; i < kLookups; ++i) {
    conditions.push_back({.up = Mbps{random.uniform(0.1, 100)},
                          .down = Mbps{random.uniform(0.1, 100)},
                          .rtt = Milliseconds{random.uniform(1, 200)},
                          .loads = {.device = random.uniform(0.5, 4), .cloud = random.uniform(0.5, 20)}});
  }
  std::size_t sum = 0;  // used, so that no lookup is left out
  Timing lookup = time_of(101, [&] {
    for (const plan::Conditions& c : conditions) sum += optima->best(c);
  });
  lookup.median_us /= kLookups;
  lookup.spread_us /= kLookups;
  const auto problem = plan::make_problem(device, cloud, *link::find("4g"), Objective::latency);
  const Timing solver = time_of(201, [&] { sum += plan::solve(*problem).segments.size(); });
  Json row = row_of(fmt::format("look up the best of all optima, {}", sizes_text(layers)), lookup, bar_us);
  row["candidates"] = optima->candidates().size();
  row["baseline"] = solver.median_us;
  row["baseline_spread"] = solver.spread_us;
  row["baseline_name"] = "solving, the problem's tables at hand";
  row["ratio"] = lookup.median_us / solver.median_us;
  if (sum == 0) return fail(Errc::internal, "no plan has segments");
  return row;
}

// Of time = c * layers^exponent, by least squares of the logarithms.
double growth_of(const std::vector<std::pair<int, double>>& times) {
  double x = 0, y = 0, xx = 0, xy = 0;
  for (const auto& [layers, us] : times) {
    const double a = std::log(layers), b = std::log(us);
    x += a;
    y += b;
    xx += a * a;
    xy += a * b;
  }
  const auto n = static_cast<double>(times.size());
  return (n * xy - x * y) / (n * xx - x * x);
}

}  // namespace

Result<Json> planner_bench_rows(const BenchScope& /*scope*/) {
  Json rows = Json::array();
  const double none = std::numeric_limits<double>::quiet_NaN();
  std::vector<std::pair<int, double>> times;
  for (const auto& [layers, objective, bar_us] :
       {std::tuple{70, Objective::latency, 20.0}, std::tuple{70, Objective::energy, 20.0},
        std::tuple{140, Objective::latency, none}, std::tuple{280, Objective::latency, none},
        std::tuple{500, Objective::latency, 2000.0}}) {
    Result<Json> row = bench_row(layers, objective, bar_us);
    if (!row) return row;
    if (objective == Objective::latency) times.emplace_back(layers, (*row)["figure"].get<double>());
    if (std::isnan(bar_us)) row->erase("bar");
    rows.push_back(std::move(*row));
  }
  rows.push_back({{"name", "solve 70 to 500 layers: growth"},
                  {"figure", growth_of(times)},
                  {"unit", "exponent of layers"},
                  {"bar", 2}});
  rows.push_back(deadline_row(70, 2000));
  Result<Json> lookup = lookup_row(21, 1);
  if (!lookup) return lookup;
  rows.push_back(std::move(*lookup));
  Result<Json> graphs = graph_planner_bench_rows(random_problem(70, Objective::latency));
  if (!graphs) return graphs;
  rows.insert(rows.end(), graphs->begin(), graphs->end());
  return rows;
}

}  // namespace tandem::cli
