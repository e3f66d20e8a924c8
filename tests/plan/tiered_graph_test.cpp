#include "tandem/plan/tiered_graph.hpp"

#include <limits>

#include "matchers.hpp"
#include "random_graph.hpp"

namespace tandem::plan {
namespace {

using ::testing::HasSubstr;

TieredGraphProblem random_tiers(Random& random, int nodes, int tiers) {
  const GraphProblem shape = random_graph_problem(random, nodes);
  TieredGraphProblem p{.tiers = {"device", "edge", "cloud", "far"}, .nodes = {}};
  p.tiers.resize(tiers);
  p.edges = shape.graph.edges;
  p.input = shape.graph.input;
  p.inputs = shape.graph.inputs;
  p.outputs = shape.graph.outputs;
  p.objective = shape.objective;
  p.weights = shape.weights;
  p.idle_power = shape.idle_power;
  for (const GraphNode& node : shape.graph.nodes) {
    TieredNode tiered{.id = node.id, .device_energy = node.device_energy, .output = node.output};
    for (int t = 0; t < tiers; ++t) tiered.latency.push_back(Milliseconds{random.uniform(0, t == 0 ? 20 : 8)});
    if (random.below(8) == 0) tiered.pin = static_cast<int>(random.below(tiers));
    p.nodes.push_back(std::move(tiered));
  }
  for (int a = 0; a < tiers; ++a) {
    for (int b = a + 1; b < tiers; ++b) {
      if (tiers > 2 && random.below(4) == 0) continue;  // a pair without a link
      p.links.push_back({.from = a, .to = b, .link = random_graph_problem(random, 1).link});
    }
  }
  return p;
}

class BruteForce {
 public:
  explicit BruteForce(const TieredGraphProblem& problem) : p_(problem) {}

  // Over all assignments; each tensor travels by the cheapest set of links that reaches everywhere it is read.
  [[nodiscard]] double least() const {
    const std::size_t nodes = p_.nodes.size(), tiers = p_.tiers.size();
    std::vector<int> tier(nodes, 0);
    double best = std::numeric_limits<double>::infinity();
    for (;;) {
      best = std::min(best, cost(tier));
      std::size_t i = 0;
      while (i < nodes && ++tier[i] == static_cast<int>(tiers)) tier[i++] = 0;
      if (i == nodes) return best;
    }
  }

 private:
  [[nodiscard]] double price(Milliseconds ms, Millijoules mj) const {
    switch (p_.objective) {
      case Objective::latency: return ms.count();
      case Objective::energy: return mj.value;
      case Objective::weighted: break;
    }
    return p_.weights.per_ms * ms.count() + p_.weights.per_mj * mj.value;
  }

  [[nodiscard]] double cost(const std::vector<int>& tier) const {
    double sum = 0;
    for (std::size_t v = 0; v < tier.size(); ++v) {
      const TieredNode& node = p_.nodes[v];
      if (node.pin && *node.pin != tier[v]) return std::numeric_limits<double>::infinity();
      const Milliseconds ms = node.latency[tier[v]];
      sum += price(ms, tier[v] == 0 ? node.device_energy : p_.idle_power * ms);
    }
    for (int tensor = -1; tensor < static_cast<int>(tier.size()); ++tensor) {
      unsigned wanted = 0;
      for (const auto& [from, to] : p_.edges) wanted |= from == tensor ? 1U << static_cast<unsigned>(tier[to]) : 0;
      if (tensor < 0) {
        for (const int reader : p_.inputs) wanted |= 1U << static_cast<unsigned>(tier[reader]);
      }
      for (const int output : p_.outputs) wanted |= output == tensor ? 1U : 0;
      sum += carried(tensor < 0 ? p_.input : p_.nodes[tensor].output, tensor < 0 ? 0 : tier[tensor], wanted);
    }
    return sum;
  }

  [[nodiscard]] double carried(Bytes bytes, int made, unsigned wanted) const {
    double best = std::numeric_limits<double>::infinity();
    for (unsigned taken = 0; taken < 1U << (2 * p_.links.size()); ++taken) {
      unsigned there = 1U << static_cast<unsigned>(made);
      double sum = 0;
      for (std::size_t round = 0; round <= p_.tiers.size(); ++round) {
        for (std::size_t w = 0; w < 2 * p_.links.size(); ++w) {
          if ((taken >> w & 1U) == 0) continue;
          const TierPair& pair = p_.links[w / 2];
          const int from = w % 2 == 0 ? pair.from : pair.to, to = w % 2 == 0 ? pair.to : pair.from;
          if ((there >> static_cast<unsigned>(from) & 1U) != 0) there |= 1U << static_cast<unsigned>(to);
          if (round > 0) continue;
          const link::Link& link = pair.link;
          const Milliseconds ms = w % 2 == 0 ? link.upload_time(bytes) : link.download_time(bytes);
          const Millijoules radio = w % 2 == 0 ? link.upload_energy(bytes) : link.download_energy(bytes);
          const bool ours = from == 0 || to == 0;
          sum += price(ms, ours ? radio + p_.idle_power * (link.rtt / 2) : p_.idle_power * ms);
        }
      }
      if ((wanted & ~there) == 0) best = std::min(best, sum);
    }
    return best;
  }

  const TieredGraphProblem& p_;
};

TEST(TieredGraph, EqualsBruteForceOnRandomGraphs) {
  Random random(61);
  int relayed = 0, infeasible = 0;
  for (int i = 0; i < 2000; ++i) {
    const TieredGraphProblem p = random_tiers(random, 1 + static_cast<int>(random.below(5)), 3);
    const Result<TieredGraphPlan> plan = solve(p);
    ASSERT_THAT(plan, IsOk());
    EXPECT_TRUE(plan->proven_optimal);
    const double least = BruteForce(p).least();
    ASSERT_EQ(plan->feasible, std::isfinite(least)) << i;
    if (!plan->feasible) {
      ++infeasible;
      continue;
    }
    const double cost = p.objective == Objective::latency  ? plan->totals.latency.count()
                        : p.objective == Objective::energy ? plan->totals.energy.value
                                                           : p.weights.per_ms * plan->totals.latency.count() +
                                                                 p.weights.per_mj * plan->totals.energy.value;
    ASSERT_NEAR(cost, least, 1e-6 * std::max(1.0, least)) << i;
    for (const TieredGraphTransfer& t : plan->transfers) relayed += t.from != 0 && t.to != 0 ? 1 : 0;
  }
  EXPECT_GT(relayed, 10);
  EXPECT_GT(infeasible, 0);
}

TEST(TieredGraph, OfTwoTiersIsTheMinimumCut) {
  Random random(62);
  for (int i = 0; i < 60; ++i) {
    const GraphProblem two = random_graph_problem(random, 1 + static_cast<int>(random.below(20)));
    TieredGraphProblem p{.tiers = {"device", "cloud"}, .nodes = {}};
    p.edges = two.graph.edges;
    p.input = two.graph.input;
    p.inputs = two.graph.inputs;
    p.outputs = two.graph.outputs;
    p.links = {{.from = 0, .to = 1, .link = two.link}};
    p.idle_power = two.idle_power;
    p.objective = two.objective;
    p.weights = two.weights;
    for (const GraphNode& node : two.graph.nodes) {
      p.nodes.push_back({.id = node.id,
                         .latency = {node.device, node.cloud},
                         .device_energy = node.device_energy,
                         .output = node.output});
      if (node.pin) p.nodes.back().pin = *node.pin == Place::device ? 0 : 1;
    }
    const Result<TieredGraphPlan> plan = solve(p);
    ASSERT_THAT(plan, IsOk());
    const Used cut = used_by(two, solve(two)->places);
    const double cost = cost_of(two, {.latency = plan->totals.latency.count(), .energy = plan->totals.energy.value});
    ASSERT_NEAR(cost, cost_of(two, cut), 1e-6 * std::max(1.0, cost)) << i;
  }
}

TEST(TieredGraph, WhatIsWrongIsNamed) {
  Random random(63);
  TieredGraphProblem p = random_tiers(random, 4, 3);
  p.nodes[2].latency.pop_back();
  EXPECT_THAT(solve(p), HasErrc(Errc::invalid_argument, HasSubstr("nodes[2].latency")));
  p = random_tiers(random, 4, 3);
  p.nodes[1].pin = 3;
  EXPECT_THAT(solve(p), HasErrc(Errc::invalid_argument, HasSubstr("nodes[1].pin")));
  p = random_tiers(random, 4, 3);
  p.links.push_back({.from = 0, .to = 3});
  EXPECT_THAT(solve(p), HasErrc(Errc::invalid_argument, HasSubstr("links[")));
  p = random_tiers(random, 4, 3);
  p.edges.push_back({.from = 3, .to = 3});
  EXPECT_THAT(solve(p), HasErrc(Errc::invalid_argument, HasSubstr("edges[")));
}

}  // namespace
}  // namespace tandem::plan
