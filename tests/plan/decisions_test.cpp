#include "tandem/plan/decisions.hpp"

#include <gmock/gmock.h>

#include "tandem/plan/plan.hpp"

namespace tandem::plan {
namespace {

// A chain whose tensors shrink towards its end; layer 2 takes `second_ms`.
profile::CostTable table_with(double second_ms) {
  profile::CostTable table;
  table.network = "chain";
  table.fingerprint = "0123456789abcdef";
  table.layers = {"a", "b", "c", "d"};
  table.boundary_bytes = {600e3, 400e3, 20e3, 10e3, 4e3};
  const double layers_ms[] = {2.0, second_ms, 8.0, 8.0};
  for (int first = 1; first <= 4; ++first) {
    double sum = 0.0;
    for (int last = first; last <= 4; ++last) {
      sum += layers_ms[last - 1];
      table.set({.first = first, .last = last}, {.latency = Milliseconds{sum}});
    }
  }
  return table;
}

TEST(Decisions, ProfilesThatAgreeDecideAlike) {
  const profile::CostTable table = table_with(5);
  const profile::CostTable possible[] = {table, table};
  const Decisions decisions = compare_decisions(table, possible);
  EXPECT_EQ(decisions.regret, 0.0);
  EXPECT_TRUE(decisions.rivals.empty());
}

TEST(Decisions, AProfileThatMayBeWrongWherePlansDependOnItIsUndecided) {
  const profile::CostTable possible[] = {table_with(300), table_with(5)};
  const Decisions decisions = compare_decisions(table_with(5), possible);
  EXPECT_GT(decisions.regret, 0.01);
  EXPECT_FALSE(decisions.rivals.empty());
  for (const auto& [group, count] : decisions.rivals) {
    EXPECT_LE(1, group.first);
    EXPECT_LE(group.second, 4);
    EXPECT_GT(count, 0);
  }
}

TEST(Decisions, AreLookedAtOverThreeLinksBothObjectivesAndThreeSpeeds) {
  EXPECT_EQ(usual_decision_cases().size(), 18U);
  for (const DecisionCase& decision : usual_decision_cases()) {
    const auto problem = decision_problem(table_with(5), decision);
    ASSERT_TRUE(problem.has_value());
    EXPECT_DOUBLE_EQ(problem->device_ms.at(1, 1), 2.0 * decision.slowdown);
    EXPECT_DOUBLE_EQ(problem->cloud_ms.at(1, 1), 2.0);
    EXPECT_TRUE(solve(*problem).feasible);
  }
}

}  // namespace
}  // namespace tandem::plan
