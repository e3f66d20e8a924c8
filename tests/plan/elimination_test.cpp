#include "elimination.hpp"

#include "graph_search.hpp"
#include "matchers.hpp"
#include "random_graph.hpp"

namespace tandem::plan {
namespace {

Prices random_prices(Random& random) {
  Prices prices{};
  for (double& price : prices) price = random.below(3) == 0 ? 0 : random.uniform();
  return prices;
}

// Not against pins.
std::vector<Fixed> some_fixed(Random& random, const GraphCosts& costs) {
  std::vector<Fixed> fixed = costs.pins();
  for (Fixed& f : fixed) {
    if (f == Fixed::free && random.below(6) == 0) f = random.below(2) == 0 ? Fixed::device : Fixed::cloud;
  }
  return fixed;
}

TEST(Elimination, FindsTheMinimumCut) {
  Random random(4);
  int narrow = 0;
  for (int i = 0; i < 1500; ++i) {
    const GraphProblem problem = random_graph_problem(random, 1 + static_cast<int>(random.below(24)));
    const GraphCosts costs(problem);
    const auto tree = elimination_tree(costs);
    if (!tree) continue;
    ++narrow;
    Elimination elimination(*tree);
    const Prices prices = random_prices(random);
    const std::vector<Fixed> fixed = some_fixed(random, costs);
    const auto [places, amounts] = elimination.cheapest(prices, fixed);
    const double least = cost_of(prices, costs.amounts(costs.cheapest(prices, fixed)));
    ASSERT_NEAR(cost_of(prices, costs.amounts(places)), least, 1e-9 * std::max(1.0, least)) << "graph " << i;
    EXPECT_NEAR(cost_of(prices, amounts), least, 1e-9 * std::max(1.0, least));
    for (int n = 0; n < costs.nodes(); ++n) {
      const Place wanted = fixed[n] == Fixed::free    ? places[n]
                           : fixed[n] == Fixed::cloud ? Place::cloud
                                                      : Place::device;
      EXPECT_EQ(places[n], wanted);
    }
  }
  EXPECT_GT(narrow, 1000);
}

TEST(Elimination, TheLeastOfAllGoesThroughEveryBucketAndNoEntryIsBelowIt) {
  Random random(5);
  for (int i = 0; i < 300; ++i) {
    const GraphProblem problem = random_graph_problem(random, 1 + static_cast<int>(random.below(14)));
    const GraphCosts costs(problem);
    const auto tree = elimination_tree(costs);
    ASSERT_TRUE(tree);
    Elimination elimination(*tree);
    elimination.price(random_prices(random));
    for (const EliminationTree::Bucket& bucket : tree->buckets) {
      double least = kNever;
      for (int e = 0; e < bucket.messages * bucket.states; ++e) {
        least = std::min(least, elimination.through(bucket.first_entry + e));
      }
      ASSERT_NEAR(least, elimination.least(), 1e-9 * std::max(1.0, least));
    }
  }
}

// Wide graphs are rare; here all are searched as if they were.
TEST(GraphSearch, FindsTheSameByLabelsAndByBranching) {
  Random random(6);
  int feasible = 0;
  for (int i = 0; i < 600; ++i) {
    GraphProblem problem = random_graph_problem(random, 1 + static_cast<int>(random.below(14)));
    problem.constraints = random_limits(random, problem);
    if (!problem.constraints.limited()) continue;
    const GraphCosts costs(problem);
    const Prices prices = random_prices(random);
    const Amounts limits = limits_of(problem.constraints);
    const GraphSearch labels = search(costs, prices, limits, {});
    const GraphSearch branching = search(costs, prices, limits, {.eliminate = false});
    ASSERT_TRUE(labels.exact && branching.exact);
    ASSERT_EQ(labels.best.empty(), branching.best.empty()) << "graph " << i;
    if (labels.best.empty()) continue;
    ++feasible;
    ASSERT_NEAR(labels.cost, branching.cost, 1e-9 * std::max(1.0, labels.cost)) << "graph " << i;
  }
  EXPECT_GT(feasible, 200);
}

TEST(EliminationTree, IsNotThereWhereEveryLayerReadsAllBefore) {
  Random random(7);
  GraphProblem problem = random_graph_problem(random, 30);
  problem.graph.edges.clear();
  for (int to = 1; to < 30; ++to) {
    for (int from = 0; from < to; ++from) problem.graph.edges.push_back({.from = from, .to = to});
  }
  EXPECT_FALSE(elimination_tree(GraphCosts(problem)));
}

TEST(EliminationTree, OfALayerWithManyReadersIsMadeAtOnce) {
  GraphProblem problem;
  constexpr int kReaders = 50'000;
  problem.graph.nodes.resize(kReaders + 2);
  for (int i = 1; i <= kReaders; ++i) {
    problem.graph.edges.push_back({.from = 0, .to = i});
    problem.graph.edges.push_back({.from = i, .to = kReaders + 1});
  }
  problem.link = {.name = "test", .up = Mbps{1}, .down = Mbps{1}};
  problem.graph.inputs = {0};
  problem.graph.outputs = {kReaders + 1};
  const auto tree = elimination_tree(GraphCosts(problem));
  ASSERT_TRUE(tree);
  EXPECT_EQ(tree->buckets.size(), static_cast<std::size_t>(kReaders + 3));
}

}  // namespace
}  // namespace tandem::plan
