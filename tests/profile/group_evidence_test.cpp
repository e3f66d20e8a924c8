#include "tandem/profile/group_evidence.hpp"

#include <gmock/gmock.h>

#include "matchers.hpp"

namespace tandem::profile {
namespace {

using ::testing::HasSubstr;

CostTable head_of(int blocks) {
  CostTable table;
  for (int block = 1; block <= blocks; ++block) table.layers.push_back("layer" + std::to_string(block));
  return table;
}

GroupEvidence evidence_of(int blocks) {
  GroupEvidence evidence;
  for (int block = 1; block <= blocks; ++block) {
    evidence.blocks.push_back({.inside = Milliseconds{0.5 + block},
                               .start = Milliseconds{0.1},
                               .end = Milliseconds{-0.05},
                               .weight_bytes = 1e5,
                               .input_bytes = 2e4,
                               .output_bytes = 3e4});
  }
  evidence.groups = {{{.first = 1, .last = blocks}, {Milliseconds{9.5}, Milliseconds{9.0}, Milliseconds{9.2}}},
                     {{.first = 2, .last = 2}, {Milliseconds{2.6}}}};
  return evidence;
}

TEST(GroupEvidence, AGroupTakesTheLeastOfItsVisitsAndErrsByHowTheyScatter) {
  const VisitedGroup steady{{.first = 1, .last = 2}, {Milliseconds{2.02}, Milliseconds{2.0}, Milliseconds{3.0}}};
  const VisitedGroup noisy{{.first = 1, .last = 2}, {Milliseconds{2.4}, Milliseconds{2.0}}};
  EXPECT_EQ(steady.measured().latency, Milliseconds{2.0});
  EXPECT_EQ(noisy.measured().latency, Milliseconds{2.0});
  EXPECT_GT(steady.measured().std.count(), 0.0) << "nothing is known exactly";
  EXPECT_GT(noisy.measured().std, steady.measured().std);
}

TEST(GroupEvidence, TheTableHasEveryGroupAndThoseVisitedAsMeasured) {
  const CostTable table = predicted_table(head_of(4), evidence_of(4));
  EXPECT_EQ(table.group_count(), 10U);
  EXPECT_EQ(table.measured_count(), 2U);
  EXPECT_EQ(table.cost({.first = 1, .last = 4}).latency, Milliseconds{9.0});
  EXPECT_FALSE(table.cost({.first = 2, .last = 2}).predicted);
  EXPECT_TRUE(table.cost({.first = 2, .last = 3}).predicted);
}

TEST(GroupEvidence, WithoutBlocksNothingIsPredicted) {
  GroupEvidence evidence = evidence_of(2);
  evidence.blocks.clear();
  EXPECT_EQ(predicted_table(head_of(2), evidence).group_count(), 2U);
}

TEST(GroupEvidence, ComesBackFromJson) {
  const GroupEvidence evidence = evidence_of(4);
  const auto back = evidence_from_json(to_json(evidence), 4);
  ASSERT_THAT(back, IsOk());
  EXPECT_EQ(to_json(*back), to_json(evidence));
}

TEST(GroupEvidence, ErrorsNameTheField) {
  const Json good = to_json(evidence_of(4));
  EXPECT_THAT(evidence_from_json(good, 5), HasErrc(Errc::invalid_argument, HasSubstr("blocks")));
  Json bad = good;
  bad["groups"][1]["visits_ms"] = Json::array();
  EXPECT_THAT(evidence_from_json(bad, 4), HasErrc(Errc::invalid_argument, HasSubstr("groups[1].visits_ms")));
  bad = good;
  bad["groups"][0]["last"] = 7;
  EXPECT_THAT(evidence_from_json(bad, 4), HasErrc(Errc::invalid_argument, HasSubstr("groups[0].last")));
  bad = good;
  bad["blocks"][2]["start_ms"] = "soon";
  EXPECT_THAT(evidence_from_json(bad, 4), HasErrc(Errc::invalid_argument, HasSubstr("blocks[2].start_ms")));
  EXPECT_THAT(evidence_from_json(Json(7), 4), HasErrc(Errc::invalid_argument, HasSubstr("object")));
}

}  // namespace
}  // namespace tandem::profile
