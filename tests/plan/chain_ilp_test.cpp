#include "matchers.hpp"
#include "random_problem.hpp"
#include "tandem/plan/plan.hpp"

namespace tandem::plan {
namespace {

// Limits near what a random schedule uses.
Constraints random_limits(Random& random, const Problem& problem) {
  std::vector<Segment> any;
  for (int first = 1; first <= problem.layers;) {
    const int last = std::min<int>(problem.layers, first + static_cast<int>(random.below(4)));
    any.push_back({.first = first, .last = last, .place = random.below(2) == 0 ? Place::device : Place::cloud});
    first = last + 1;
  }
  const Totals used = evaluate(problem, any);
  Constraints limits;
  if (random.below(2) == 0) limits.deadline = used.latency * random.uniform(0.5, 1.1);
  if (random.below(2) == 0) limits.energy_budget = used.energy * random.uniform(0.5, 1.1);
  if (random.below(3) == 0) limits.cloud_time = used.cloud * random.uniform(0.3, 1.1);
  if (random.below(4) == 0) limits.max_switches = static_cast<int>(random.below(5));
  return limits;
}

void expect_same(const Problem& problem, Solver solver, int instance) {
  const Result<Plan> ilp = solve(problem, Solver::ilp);
  ASSERT_THAT(ilp, IsOk());
  EXPECT_EQ(ilp->solver, "ilp");
  EXPECT_TRUE(ilp->proven_optimal);
  const Result<Plan> exact = solve(problem, solver);
  ASSERT_THAT(exact, IsOk());
  ASSERT_EQ(ilp->feasible, exact->feasible) << "instance " << instance;
  if (!exact->feasible) return;
  const double cost = cost_of(problem, exact->totals);
  ASSERT_NEAR(cost_of(problem, ilp->totals), cost, 1e-6 * cost) << "instance " << instance;
}

TEST(ChainIlp, AgreesWithTheShortestPath) {
  Random random(21);
  for (int i = 0; i < 120; ++i) {
    const int layers = 1 + static_cast<int>(random.below(14));
    expect_same(random_problem(random, layers, random.below(2) == 0 ? Objective::latency : Objective::energy),
                Solver::path, i);
  }
}

TEST(ChainIlp, AgreesWithLabelSettingUnderLimits) {
  Random random(22);
  for (int i = 0; i < 120; ++i) {
    const int layers = 1 + static_cast<int>(random.below(9));
    Problem problem = random_problem(random, layers, random.below(2) == 0 ? Objective::latency : Objective::energy);
    problem.constraints = random_limits(random, problem);
    expect_same(problem, Solver::label, i);
  }
}

TEST(ChainIlp, KeepsPins) {
  Random random(23);
  for (int i = 0; i < 40; ++i) {
    Problem problem = random_problem(random, 8, Objective::latency);
    problem.constraints.pins = {{.first = 1, .last = 1 + static_cast<int>(random.below(4)), .place = Place::device},
                                {.first = 7, .last = 7, .place = Place::cloud}};
    expect_same(problem, Solver::path, i);
  }
}

}  // namespace
}  // namespace tandem::plan
