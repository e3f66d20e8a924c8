#include "tandem/plan/tiered_graph.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <set>

namespace tandem::plan {
namespace {

// One direction of a link.
struct Way {
  int from = 0, to = 0;
  const link::Link* link = nullptr;
  bool up = true;
};

struct Used {
  Milliseconds latency{};
  Millijoules energy{};
};

Status refuse(const std::string& field, const std::string& why) {
  return fail(Errc::invalid_argument, fmt::format("field '{}': {}", field, why));
}

// As a graph of two places; its checks are those of any graph.
Graph shape_of(const TieredGraphProblem& problem) {
  Graph graph{.edges = problem.edges, .input = problem.input, .inputs = problem.inputs, .outputs = problem.outputs};
  graph.nodes.reserve(problem.nodes.size());
  for (const TieredNode& node : problem.nodes) {
    graph.nodes.push_back({.id = node.id, .device_energy = node.device_energy, .output = node.output});
  }
  return graph;
}

Status check(const TieredGraphProblem& problem) {
  const int tiers = static_cast<int>(problem.tiers.size());
  if (tiers == 0) return refuse("tiers", "is empty");
  for (std::size_t i = 0; i < problem.nodes.size(); ++i) {
    const TieredNode& node = problem.nodes[i];
    if (static_cast<int>(node.latency.size()) != tiers) {
      return refuse(fmt::format("nodes[{}].latency", i), fmt::format("must be {}, one for each tier", tiers));
    }
    for (const Milliseconds ms : node.latency) {
      if (ms.count() >= 0 && ms.count() <= kMaxGraphCost) continue;
      return refuse(fmt::format("nodes[{}].latency", i),
                    fmt::format("must be from 0 to {}, is {}", kMaxGraphCost, ms.count()));
    }
    if (node.pin && (*node.pin < 0 || *node.pin >= tiers))
      return refuse(fmt::format("nodes[{}].pin", i), "no such tier");
  }
  std::set<std::pair<int, int>> pairs;
  for (std::size_t i = 0; i < problem.links.size(); ++i) {
    const auto& [from, to, link] = problem.links[i];
    if (from < 0 || to < 0 || from >= tiers || to >= tiers || from == to) {
      return refuse(fmt::format("links[{}]", i), "must join two tiers that are there");
    }
    if (!pairs.insert(std::minmax(from, to)).second)
      return refuse(fmt::format("links[{}]", i), "joins a pair for a second time");
    if (!(link.up.value > 0) || !(link.down.value > 0)) {
      return refuse(fmt::format("links[{}]", i), "both rates must be above 0 Mbps");
    }
  }
  return plan::check(shape_of(problem));
}

// x(v, p) = 1: node v runs on tier p. z(t, s, w) = 1: tensor t takes way w as the s-th step from where it was made; a
// step follows one that ended where it begins, so that no tensor comes from nowhere. Wherever it is read, it was made
// or came.
class TieredProgram {
 public:
  explicit TieredProgram(const TieredGraphProblem& problem)
      : problem_(problem), tiers_(static_cast<int>(problem.tiers.size())) {
    for (const TierPair& pair : problem.links) {
      ways_.push_back({.from = pair.from, .to = pair.to, .link = &pair.link, .up = true});
      ways_.push_back({.from = pair.to, .to = pair.from, .link = &pair.link, .up = false});
    }
    for (std::size_t v = 0; v < problem.nodes.size(); ++v) add_node(problem.nodes[v]);
    const int nodes = static_cast<int>(problem.nodes.size());
    std::vector<std::vector<int>> readers(nodes);
    for (const auto& [from, to] : problem.edges) readers[from].push_back(to);
    std::vector<bool> is_output(nodes, false);
    for (const int output : problem.outputs) is_output[output] = true;
    add_tensor(-1, problem.inputs, false);
    for (int v = 0; v < nodes; ++v) add_tensor(v, readers[v], is_output[v]);
  }

  [[nodiscard]] const Ilp& program() const { return program_; }

  [[nodiscard]] TieredGraphPlan plan(const std::vector<double>& values) const {
    TieredGraphPlan plan{.feasible = true};
    for (std::size_t v = 0; v < problem_.nodes.size(); ++v) {
      int tier = 0;
      while (tier + 1 < tiers_ && values[place(static_cast<int>(v), tier)] < 0.5) ++tier;
      plan.tier.push_back(tier);
      const Used used = node_on(problem_.nodes[v], tier);
      plan.totals.latency += used.latency;
      plan.totals.energy += used.energy;
      if (tier > 0) plan.totals.cloud += used.latency;
    }
    for (const Move& move : moves_) {
      if (values[move.variable] < 0.5) continue;
      const Way& way = ways_[move.way];
      const Used used = over(way, move.tensor);
      plan.totals.latency += used.latency;
      plan.totals.energy += used.energy;
      plan.transfers.push_back(
          {.node = move.tensor, .from = way.from, .to = way.to, .latency = used.latency, .energy = used.energy});
    }
    return plan;
  }

 private:
  struct Move {
    int variable, tensor;
    std::size_t way;
  };

  [[nodiscard]] int place(int node, int tier) const { return node * tiers_ + tier; }

  [[nodiscard]] Used node_on(const TieredNode& node, int tier) const {
    const Milliseconds latency = node.latency[tier];
    return {latency, tier == 0 ? node.device_energy : problem_.idle_power * latency};
  }

  [[nodiscard]] Used over(const Way& way, int tensor) const {
    const Bytes bytes = tensor < 0 ? problem_.input : problem_.nodes[tensor].output;
    const Milliseconds latency = way.up ? way.link->upload_time(bytes) : way.link->download_time(bytes);
    if (way.from != 0 && way.to != 0) return {latency, problem_.idle_power * latency};
    const Millijoules radio = way.up ? way.link->upload_energy(bytes) : way.link->download_energy(bytes);
    return {latency, radio + problem_.idle_power * (way.link->rtt / 2)};
  }

  [[nodiscard]] double cost(const Used& used) const {
    const double ms = used.latency.count(), mj = used.energy.value;
    switch (problem_.objective) {
      case Objective::latency: return ms;
      case Objective::energy: return mj;
      case Objective::weighted: break;
    }
    return problem_.weights.per_ms * ms + problem_.weights.per_mj * mj;
  }

  void add_node(const TieredNode& node) {
    std::vector<Ilp::Term> once;
    for (int tier = 0; tier < tiers_; ++tier) {
      const int variable = program_.add_binary(cost(node_on(node, tier)));
      if (node.pin && *node.pin != tier) program_.variables[variable].bounds.upper = 0;
      once.push_back({variable, 1});
    }
    program_.add_row(std::move(once), {.lower = 1, .upper = 1});
  }

  void add_tensor(int tensor, const std::vector<int>& readers, bool ends_on_device) {
    if (readers.empty() && !ends_on_device) return;
    std::vector<std::vector<int>> arrivals(tiers_),
        before(tiers_);  // moves that end on each tier: all, of the step before
    for (int step = 1; step < tiers_; ++step) {
      std::vector<std::vector<int>> now(tiers_);
      for (std::size_t w = 0; w < ways_.size(); ++w) {
        const Way& way = ways_[w];
        if (step == 1 && tensor < 0 && way.from != 0) continue;
        if (step > 1 && before[way.from].empty()) continue;
        const int variable = program_.add_binary(cost(over(way, tensor)));
        moves_.push_back({variable, tensor, w});
        now[way.to].push_back(variable);
        arrivals[way.to].push_back(variable);
        std::vector<Ilp::Term> follows{{variable, -1}};
        if (step > 1) {
          for (const int previous : before[way.from]) follows.push_back({previous, 1});
        } else if (tensor >= 0) {
          follows.push_back({place(tensor, way.from), 1});
        } else {
          continue;  // the input is on the device in any case
        }
        program_.add_row(std::move(follows), {.lower = 0});
      }
      before = std::move(now);
    }
    const auto needed = [&](int tier, int reader) {
      if (tensor < 0 && tier == 0) return;
      std::vector<Ilp::Term> there;
      if (tensor >= 0) there.push_back({place(tensor, tier), 1});
      for (const int arrival : arrivals[tier]) there.push_back({arrival, 1});
      if (reader >= 0) there.push_back({place(reader, tier), -1});
      program_.add_row(std::move(there), {.lower = reader >= 0 ? 0.0 : 1.0});
    };
    for (const int reader : readers) {
      for (int tier = 0; tier < tiers_; ++tier) needed(tier, reader);
    }
    if (ends_on_device) needed(0, -1);
  }

  const TieredGraphProblem& problem_;
  int tiers_;
  std::vector<Way> ways_;
  Ilp program_;
  std::vector<Move> moves_;
};

}  // namespace

Result<TieredGraphPlan> solve(const TieredGraphProblem& problem, const IlpOptions& options) {
  if (const Status s = check(problem); !s) return forward_error(s);
  const auto start = std::chrono::steady_clock::now();
  const TieredProgram program(problem);
  const Result<IlpSolution> solution = cbc().solve(program.program(), options);
  if (!solution) return forward_error(solution);
  TieredGraphPlan plan;
  if (!solution->values.empty()) plan = program.plan(solution->values);
  plan.proven_optimal = solution->exact;
  plan.lower_bound = solution->lower_bound;
  plan.solve_us = std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count();
  return plan;
}

}  // namespace tandem::plan
