#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "matchers.hpp"
#include "random_graph.hpp"
#include "tandem/plan/graph_plan.hpp"

namespace tandem::plan {
namespace {

using ::testing::HasSubstr;

TEST(GraphSolve, EqualsBruteForceOnRandomGraphs) {
  Random random(2026);
  int mixed = 0, shared = 0;
  for (int i = 0; i < 2500; ++i) {
    const GraphProblem problem = random_graph_problem(random, 1 + static_cast<int>(random.below(14)));
    const Result<GraphPlan> plan = solve(problem);
    ASSERT_THAT(plan, IsOk());
    EXPECT_TRUE(plan->feasible);
    EXPECT_TRUE(plan->proven_optimal);
    const Used used = used_by(problem, plan->places);
    const double least = least_cost(problem);
    ASSERT_NEAR(cost_of(problem, used), least, 1e-9 * std::max(1.0, least)) << "graph " << i;
    EXPECT_NEAR(plan->totals.latency.count(), used.latency, 1e-9);
    EXPECT_NEAR(plan->totals.energy.value, used.energy, 1e-9);
    EXPECT_NEAR(plan->totals.cloud.count(), used.cloud, 1e-9);
    EXPECT_EQ(plan->transfers.size(), static_cast<std::size_t>(used.transfers));
    if (used.cloud > 0 && used.memory > 0) ++mixed;
    if (plan->transfers.size() > 2) ++shared;
  }
  EXPECT_GT(mixed, 500) << "the graphs do not make the planner divide them";
  EXPECT_GT(shared, 200);
}

TEST(GraphSolve, WithLimitsEqualsBruteForceOnRandomGraphs) {
  Random random(77);
  int infeasible = 0, bound = 0;
  for (int i = 0; i < 2200; ++i) {
    GraphProblem problem = random_graph_problem(random, 1 + static_cast<int>(random.below(14)));
    const double free = least_cost(problem);
    problem.constraints = random_limits(random, problem);
    const Result<GraphPlan> plan = solve(problem);
    ASSERT_THAT(plan, IsOk());
    ASSERT_TRUE(plan->proven_optimal);
    const double least = least_cost(problem);
    ASSERT_EQ(plan->feasible, std::isfinite(least)) << "graph " << i;
    if (!plan->feasible) {
      ++infeasible;
      EXPECT_TRUE(plan->places.empty());
      continue;
    }
    const Used used = used_by(problem, plan->places);
    EXPECT_TRUE(keeps(problem.constraints, used));
    ASSERT_NEAR(cost_of(problem, used), least, 1e-9 * std::max(1.0, least)) << "graph " << i;
    EXPECT_NEAR(plan->lower_bound, least, 1e-9 * std::max(1.0, least));
    if (least > free * (1 + 1e-9)) ++bound;
  }
  EXPECT_GT(infeasible, 100);
  EXPECT_GT(bound, 300) << "the limits do not bind";
}

TEST(GraphSolve, TellsTheNearestMissOfEachLimit) {
  Random random(5);
  int seen = 0;
  for (int i = 0; i < 200; ++i) {
    GraphProblem problem = random_graph_problem(random, 1 + static_cast<int>(random.below(8)));
    problem.constraints = random_limits(random, problem);
    const Result<GraphPlan> plan = solve(problem);
    ASSERT_THAT(plan, IsOk());
    if (plan->feasible) continue;
    ASSERT_FALSE(plan->nearest_miss.empty());
    for (const Miss& miss : plan->nearest_miss) {
      const auto amount = [&miss](const Used& used) {
        switch (miss.resource) {
          case Resource::latency: return used.latency;
          case Resource::energy: return used.energy;
          case Resource::cloud: return used.cloud;
          case Resource::memory: return used.memory;
          case Resource::switches: break;
        }
        return static_cast<double>(used.transfers);
      };
      GraphProblem alone = problem;
      alone.constraints = {};
      EXPECT_NEAR(miss.least, least_of_all(alone, amount), 1e-9);
      GraphProblem others = problem;
      switch (miss.resource) {
        case Resource::latency: others.constraints.deadline.reset(); break;
        case Resource::energy: others.constraints.energy_budget.reset(); break;
        case Resource::cloud: others.constraints.cloud_time.reset(); break;
        case Resource::memory: others.constraints.device_memory.reset(); break;
        case Resource::switches: others.constraints.max_switches.reset(); break;
      }
      const double least = least_of_all(others, amount);
      ASSERT_EQ(miss.least_within_others.has_value(), std::isfinite(least));
      if (miss.least_within_others) {
        EXPECT_NEAR(*miss.least_within_others, least, 1e-9 * std::max(1.0, least));
      }
      ++seen;
    }
  }
  EXPECT_GT(seen, 30);
}

RC_GTEST_PROP(GraphSolve, NeverCostsMoreOverAFasterLink, ()) {
  Random random(*rc::gen::arbitrary<std::uint64_t>());
  GraphProblem problem = random_graph_problem(random, *rc::gen::inRange(1, 60));
  problem.objective = Objective::latency;
  const double before = solve(problem)->totals.latency.count();
  Mbps& rate = random.below(2) == 0 ? problem.link.up : problem.link.down;
  rate = rate * random.uniform(1, 20);
  problem.link.rtt = problem.link.rtt * random.uniform();
  RC_ASSERT(solve(problem)->totals.latency.count() <= before * (1 + 1e-9));
}

// The radio's power grows with the rate, so that only the time it is on makes energy fall: alpha is 0 here.
RC_GTEST_PROP(GraphSolve, NeverTakesMoreEnergyOverAFasterLink, ()) {
  Random random(*rc::gen::arbitrary<std::uint64_t>());
  GraphProblem problem = random_graph_problem(random, *rc::gen::inRange(1, 60));
  problem.objective = Objective::energy;
  problem.link.alpha_up = problem.link.alpha_down = 0;
  const double before = solve(problem)->totals.energy.value;
  problem.link.up = Mbps{problem.link.up.value * random.uniform(1, 10)};
  problem.link.down = Mbps{problem.link.down.value * random.uniform(1, 10)};
  RC_ASSERT(solve(problem)->totals.energy.value <= before * (1 + 1e-9));
}

RC_GTEST_PROP(GraphSolve, NoAssignmentIsCheaper, ()) {
  Random random(*rc::gen::arbitrary<std::uint64_t>());
  const GraphProblem problem = random_graph_problem(random, *rc::gen::inRange(1, 200));
  const Used ours = used_by(problem, solve(problem)->places);
  std::vector<Place> places;
  for (const GraphNode& node : problem.graph.nodes) {
    places.push_back(node.pin.value_or(random.below(2) == 0 ? Place::device : Place::cloud));
  }
  RC_ASSERT(cost_of(problem, ours) <= cost_of(problem, used_by(problem, places)) * (1 + 1e-9));
}

// A fork: `split` is read by `left` and `right`, which `join` adds up.
GraphProblem fork() {
  GraphProblem p;
  const auto node = [](const char* id, double device, double cloud, double bytes) {
    return GraphNode{.id = id,
                     .device = Milliseconds{device},
                     .device_energy = Millijoules{device},
                     .cloud = Milliseconds{cloud},
                     .output = Bytes{bytes},
                     .pin = {}};
  };
  p.graph.nodes = {node("split", 1, 100, 1000), node("left", 50, 1, 10), node("right", 50, 1, 10),
                   node("join", 1, 100, 10)};
  p.graph.edges = {{0, 1}, {0, 2}, {1, 3}, {2, 3}};
  p.graph.input = Bytes{1e6};
  p.graph.inputs = {0};
  p.graph.outputs = {3};
  p.link = {.name = "test", .up = Mbps{1}, .down = Mbps{1}};  // 8 ms for 1000 bytes
  return p;
}

TEST(GraphSolve, ATensorReadTwiceOnTheOtherSideCrossesOnce) {
  const Result<GraphPlan> plan = solve(fork());
  ASSERT_THAT(plan, IsOk());
  EXPECT_EQ(plan->places, (std::vector<Place>{Place::device, Place::cloud, Place::cloud, Place::device}));
  ASSERT_EQ(plan->transfers.size(), 3U);
  EXPECT_EQ(plan->transfers[0].node, 0);
  EXPECT_EQ(plan->transfers[0].direction, Direction::up);
  EXPECT_NEAR(plan->totals.latency.count(), 1 + 8 + 1 + 1 + 2 * 0.08 + 1, 1e-9);
}

TEST(GraphSolve, TheResultComesBackAndTheInputGoesUp) {
  GraphProblem p = fork();
  for (GraphNode& node : p.graph.nodes) node.pin = Place::cloud;
  const Result<GraphPlan> plan = solve(p);
  ASSERT_THAT(plan, IsOk());
  ASSERT_EQ(plan->transfers.size(), 2U);
  EXPECT_EQ(plan->transfers[0].node, -1);
  EXPECT_EQ(plan->transfers[1].node, 3);
  EXPECT_EQ(plan->transfers[1].direction, Direction::down);
  EXPECT_EQ(plan->totals, plan->cloud_only);
}

TEST(GraphSolve, TiesStayOnTheDevice) {
  GraphProblem p = fork();
  for (GraphNode& node : p.graph.nodes) node.cloud = node.device;
  p.graph.input = Bytes{};
  for (GraphNode& node : p.graph.nodes) node.output = Bytes{};
  EXPECT_EQ(solve(p)->places, std::vector<Place>(4, Place::device));
}

TEST(GraphSolve, PinsOfTheConstraintsCountNodesFromOne) {
  GraphProblem p = fork();
  p.constraints.pins = {{.first = 2, .last = 2, .place = Place::device}};
  EXPECT_EQ(solve(p)->places[1], Place::device);
  p.graph.nodes[1].pin = Place::cloud;
  EXPECT_THAT(solve(p), HasErrc(Errc::invalid_argument, HasSubstr("'left'")));
  p.constraints.pins = {{.first = 2, .last = 9, .place = Place::device}};
  EXPECT_THAT(solve(p), HasErrc(Errc::invalid_argument, HasSubstr("")));
}

TEST(GraphSolve, SolversForChainsAreRefused) {
  EXPECT_THAT(solve(fork(), {.solver = Solver::path}), HasErrc(Errc::invalid_argument, HasSubstr("use cut or ilp")));
}

TEST(GraphSolve, ALinkWithoutARateIsRefused) {
  GraphProblem p = fork();
  p.link.down = Mbps{0};
  EXPECT_THAT(solve(p), HasErrc(Errc::invalid_argument, HasSubstr("above 0 Mbps")));
}

TEST(GraphSolve, GivesWhatItFoundWhenTheTimeIsUp) {
  Random random(8);
  GraphProblem problem = random_graph_problem(random, 300);
  problem.objective = Objective::latency;
  problem.constraints.energy_budget = solve(problem)->totals.energy * 0.9;
  problem.constraints.device_memory = Bytes{4000};
  const Result<GraphPlan> plan = solve(problem, {.time_limit = Milliseconds{1}});
  ASSERT_THAT(plan, IsOk());
  if (plan->feasible) {
    EXPECT_TRUE(keeps(problem.constraints, used_by(problem, plan->places)));
    EXPECT_LE(plan->lower_bound, plan->totals.latency.count() * (1 + 1e-9));
  }
}

TEST(GraphSolve, JsonNamesThePlaceOfEveryNode) {
  const GraphProblem p = fork();
  const Json json = to_json(*solve(p), p.graph);
  EXPECT_EQ(json["format"], "tandem.plan.v1");
  EXPECT_EQ(json["assignment"], (Json{{"split", "device"}, {"left", "cloud"}, {"right", "cloud"}, {"join", "device"}}));
  EXPECT_EQ(json["transfers"][0]["of"], "split");
  EXPECT_EQ(json["solver"], "cut");
  EXPECT_TRUE(json["proven_optimal"].get<bool>());
}

TEST(GraphSolve, PictureFitsTheTerminal) {
  const GraphProblem p = fork();
  const GraphPlan plan = *solve(p);
  for (const int width : {44, 80, 200}) {
    const std::string text = picture(plan, p.graph, {.width = width, .colour = false});
    for (std::size_t start = 0; start < text.size();) {
      const std::size_t end = text.find('\n', start);
      EXPECT_LE(end - start, static_cast<std::size_t>(width)) << text;
      start = end + 1;
    }
  }
  EXPECT_THAT(picture(plan, p.graph, {.width = 80, .colour = false}), HasSubstr("2 of 4  split, join"));
}

}  // namespace
}  // namespace tandem::plan
