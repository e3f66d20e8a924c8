#include <numeric>

#include "matchers.hpp"
#include "random_graph.hpp"
#include "tandem/plan/ilp.hpp"

namespace tandem::plan {
namespace {

TEST(Ilp, FindsTheLeastCostInIntegers) {
  Ilp program;  // a knapsack: the relaxation takes fractions
  const std::vector<double> weight{5, 4, 3}, worth{10, 40, 30};
  std::vector<Ilp::Term> terms;
  for (std::size_t i = 0; i < weight.size(); ++i) terms.push_back({program.add_binary(-worth[i]), weight[i]});
  program.add_row(terms, {.upper = 8});
  const Result<IlpSolution> solution = cbc().solve(program);
  ASSERT_THAT(solution, IsOk());
  EXPECT_TRUE(solution->exact);
  EXPECT_DOUBLE_EQ(solution->cost, -70);
  EXPECT_EQ(solution->values, (std::vector<double>{0, 1, 1}));
}

TEST(Ilp, SaysWhenThereIsNoSolution) {
  Ilp program;
  const int x = program.add_binary(1), y = program.add_binary(1);
  program.add_row({{x, 1}, {y, 1}}, {.lower = 3});
  const Result<IlpSolution> solution = cbc().solve(program);
  ASSERT_THAT(solution, IsOk());
  EXPECT_TRUE(solution->exact);
  EXPECT_TRUE(solution->values.empty());
}

TEST(Ilp, IsSilent) {
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  Random random(1);
  ASSERT_THAT(solve(random_graph_problem(random, 12), {.solver = Solver::ilp}), IsOk());
  std::fflush(stdout);
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

TEST(GraphIlp, AgreesWithTheMinimumCut) {
  Random random(31);
  for (int i = 0; i < 150; ++i) {
    const GraphProblem problem = random_graph_problem(random, 1 + static_cast<int>(random.below(40)));
    const Result<GraphPlan> ilp = solve(problem, {.solver = Solver::ilp});
    ASSERT_THAT(ilp, IsOk());
    const Result<GraphPlan> cut = solve(problem);
    EXPECT_TRUE(ilp->proven_optimal);
    const double least = cost_of(problem, used_by(problem, cut->places));
    ASSERT_NEAR(cost_of(problem, used_by(problem, ilp->places)), least, 1e-6 * std::max(1.0, least)) << i;
  }
}

TEST(GraphIlp, AgreesWithTheSearchUnderLimits) {
  Random random(32);
  for (int i = 0; i < 150; ++i) {
    GraphProblem problem = random_graph_problem(random, 1 + static_cast<int>(random.below(12)));
    problem.constraints = random_limits(random, problem);
    const Result<GraphPlan> ilp = solve(problem, {.solver = Solver::ilp});
    ASSERT_THAT(ilp, IsOk());
    const Result<GraphPlan> cut = solve(problem);
    ASSERT_EQ(ilp->feasible, cut->feasible) << i;
    if (!cut->feasible) continue;
    const double least = cost_of(problem, used_by(problem, cut->places));
    ASSERT_NEAR(cost_of(problem, used_by(problem, ilp->places)), least, 1e-6 * std::max(1.0, least)) << i;
  }
}

}  // namespace
}  // namespace tandem::plan
