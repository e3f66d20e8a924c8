#include "tandem/profile/group_model.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

namespace tandem::profile {
namespace {

// A network whose true costs are known: what the counters say, times what they get wrong, with ends and a cache.
class Synthetic {
 public:
  Synthetic(int blocks, std::uint64_t seed, double wrong) : random_(seed) {
    for (int block = 0; block < blocks; ++block) {
      BlockEstimate estimate{.inside = Milliseconds{random_.uniform(0.1, 2.0)},
                             .start = Milliseconds{random_.uniform(0.0, 0.2)},
                             .end = Milliseconds{random_.uniform(0.0, 0.2)},
                             .weight_bytes = 1e5,
                             .input_bytes = 1e5,
                             .output_bytes = 1e5};
      counted_.push_back(estimate);
      estimate.inside *= 1.0 + wrong * random_.uniform(-1.0, 1.0);
      estimate.start *= 1.0 + 3 * wrong * random_.uniform(-1.0, 1.0);
      estimate.end *= 1.0 + 3 * wrong * random_.uniform(-1.0, 1.0);
      true_.push_back(estimate);
    }
  }

  [[nodiscard]] int size() const { return static_cast<int>(true_.size()); }
  [[nodiscard]] const std::vector<BlockEstimate>& counted() const { return counted_; }
  [[nodiscard]] Milliseconds cost(BlockRange range) const {
    Milliseconds sum = Milliseconds{0.005} + at(range.first).start + at(range.last).end;
    for (int block = range.first; block <= range.last; ++block) sum += at(block).inside;
    return sum;
  }
  [[nodiscard]] MeasuredGroup measured(BlockRange range, double noise) {
    const Milliseconds latency = cost(range) * (1.0 + noise * random_.uniform(-1.0, 1.0));
    return {range, latency, latency * (noise / 2)};
  }
  [[nodiscard]] std::vector<BlockRange> groups() const {
    std::vector<BlockRange> all;
    for (int last = 1; last <= size(); ++last) {
      for (int first = 1; first <= last; ++first) all.push_back({.first = first, .last = last});
    }
    return all;
  }

 private:
  [[nodiscard]] const BlockEstimate& at(int block) const { return true_[static_cast<std::size_t>(block) - 1]; }

  Random random_;
  std::vector<BlockEstimate> counted_, true_;
};

struct Score {
  double median = 0.0, within = 0.0;
};

Score score_of(const Synthetic& truth, const GroupModel& model) {
  std::vector<double> errors;
  double within = 0.0;
  for (const BlockRange range : truth.groups()) {
    const Cost cost = model.predict(range);
    const Milliseconds real = truth.cost(range);
    errors.push_back(std::abs(cost.latency / real - 1.0));
    within += std::abs((cost.latency - real).count()) <= cost.std.count() ? 1.0 : 0.0;
  }
  std::ranges::sort(errors);
  return {.median = errors[errors.size() / 2], .within = within / static_cast<double>(errors.size())};
}

// The whole, then what the model asks for, in three batches.
GroupModel learn(Synthetic& truth, int count, double noise) {
  std::vector<MeasuredGroup> measured{truth.measured({.first = 1, .last = truth.size()}, noise)};
  std::vector<WeightedGroup> targets;
  for (const BlockRange range : truth.groups()) targets.push_back({range});
  for (int batch = 0; batch < 3; ++batch) {
    const GroupModel model(truth.counted(), measured);
    for (const BlockRange next : model.most_informative(truth.groups(), targets, count / 3)) {
      measured.push_back(truth.measured(next, noise));
    }
  }
  return {truth.counted(), measured};
}

TEST(GroupModel, WithoutMeasurementsSaysWhatTheCountersSay) {
  const Synthetic truth(8, 1, 0.0);
  const GroupModel model(truth.counted(), {});
  for (const BlockRange range : truth.groups()) {
    const Cost cost = model.predict(range);
    EXPECT_TRUE(cost.predicted);
    EXPECT_GT(cost.std.count(), 0);
    EXPECT_NEAR(cost.latency / truth.cost(range), 1.0, 0.25) << range.first << ".." << range.last;
  }
}

TEST(GroupModel, WhatIsFusedAwayWithinOthersHasNoEndOfItsOwn) {
  // An activation behind a convolution: the change of layout at its end is the convolution's.
  std::vector<BlockEstimate> blocks(3, {.inside = Milliseconds{1.0}, .start = Milliseconds{0.1}});
  blocks[1] = {.inside = Milliseconds{0.0}, .start = Milliseconds{0.02}, .end = Milliseconds{0.3}};
  const GroupModel model(blocks, {});
  EXPECT_LT(model.predict({.first = 2, .last = 2}).latency.count(), 0.05);
  EXPECT_GT(model.predict({.first = 1, .last = 2}).latency.count(), 1.3);
}

TEST(GroupModel, DoesNotAskForWhatTakesNoTime) {
  // Its counters are as wrong as any, but a hundredth of a hundredth of the whole decides nothing.
  std::vector<BlockEstimate> blocks(4, {.inside = Milliseconds{25.0}});
  blocks[1].inside = Milliseconds{0.01};
  const GroupModel model(blocks, {});
  std::vector<BlockRange> singles;
  std::vector<WeightedGroup> targets;
  for (int block = 1; block <= 4; ++block) {
    singles.push_back({.first = block, .last = block});
    targets.push_back({singles.back()});
  }
  EXPECT_EQ(model.most_informative(singles, targets, 4).back(), singles[1]);
}

TEST(GroupModel, AMeasuredGroupIsPredictedAsItWasMeasured) {
  Synthetic truth(10, 2, 0.1);
  const std::vector<MeasuredGroup> measured{truth.measured({.first = 1, .last = 10}, 1e-4),
                                            truth.measured({.first = 3, .last = 5}, 1e-4)};
  const GroupModel model(truth.counted(), measured);
  for (const MeasuredGroup& group : measured) {
    EXPECT_NEAR(model.predict(group.range).latency / group.latency, 1.0, 0.005);
  }
}

TEST(GroupModel, FewMeasurementsMakeAllGroupsAccurateAndTheErrorsHonest) {
  double within = 0.0;
  constexpr int kNetworks = 6;
  for (std::uint64_t seed = 1; seed <= kNetworks; ++seed) {
    Synthetic truth(16, seed, 0.15);
    const double before = score_of(truth, GroupModel(truth.counted(), {})).median;
    const Score after = score_of(truth, learn(truth, 24, 0.01));
    EXPECT_LT(after.median, 0.03) << seed;
    EXPECT_LT(after.median, before) << seed;
    within += after.within / kNetworks;
  }
  EXPECT_GT(within, 0.55);
}

TEST(GroupModel, FindsThatGroupsWhichStayInACacheAreFaster) {
  // A chain of equal dense layers: alone they run four times as fast as within the whole.
  const std::vector<BlockEstimate> blocks(
      12, {.inside = Milliseconds{1.0}, .weight_bytes = 8e6, .input_bytes = 1e3, .output_bytes = 1e3});
  const auto truth = [](BlockRange range) {
    const int count = range.last - range.first + 1;
    return Milliseconds{count <= 2 ? 0.25 * count : count >= 5 ? 1.0 * count : 0.6 * count};
  };
  std::vector<MeasuredGroup> measured;
  for (const BlockRange range : {BlockRange{1, 12},
                                 {1, 1},
                                 {4, 4},
                                 {8, 8},
                                 {1, 2},
                                 {5, 6},
                                 {10, 11},
                                 {3, 7},
                                 {6, 11},
                                 {2, 9},
                                 {1, 3},
                                 {9, 12}}) {
    measured.push_back({range, truth(range), truth(range) * 0.01});
  }
  const GroupModel model(blocks, measured);
  EXPECT_LT(model.predict({.first = 7, .last = 7}).latency.count(), 0.5);
  EXPECT_LT(model.predict({.first = 2, .last = 3}).latency.count(), 0.9);
  EXPECT_NEAR(model.predict({.first = 3, .last = 10}).latency.count(), 8.0, 0.8);
}

TEST(GroupModel, MeasurementsMakeStandardErrorsSmaller) {
  Synthetic truth(12, 3, 0.1);
  const GroupModel before(truth.counted(), {truth.measured({.first = 1, .last = 12}, 0.01)});
  const BlockRange asked{.first = 4, .last = 9};
  const GroupModel after(
      truth.counted(), {truth.measured({.first = 1, .last = 12}, 0.01), truth.measured({.first = 4, .last = 8}, 0.01)});
  EXPECT_LT(after.predict(asked).std.count(), before.predict(asked).std.count());
}

TEST(GroupModel, AsksForWhatTheTargetsDependOn) {
  const Synthetic truth(12, 4, 0.1);
  const GroupModel model(truth.counted(), {});
  const std::vector<WeightedGroup> targets{{.range = {.first = 10, .last = 12}}};
  const std::vector<BlockRange> candidates{{.first = 1, .last = 3}, {.first = 10, .last = 12}, {.first = 4, .last = 6}};
  const auto next = model.most_informative(candidates, targets, 1);
  ASSERT_EQ(next.size(), 1U);
  EXPECT_EQ(next.front(), (BlockRange{.first = 10, .last = 12}));
  EXPECT_EQ(model.most_informative(candidates, targets, 9).size(), 3U) << "no more than there are";
}

TEST(GroupModel, DrawsScatterAsTheStandardErrorsSay) {
  Synthetic truth(8, 5, 0.1);
  const GroupModel model(
      truth.counted(), {truth.measured({.first = 1, .last = 8}, 0.01), truth.measured({.first = 2, .last = 4}, 0.01)});
  Random random(1);
  const BlockRange range{.first = 3, .last = 6};
  constexpr int kDraws = 400;
  double sum = 0.0;
  double squares = 0.0;
  for (int i = 0; i < kDraws; ++i) {
    const double latency = model.draw(random)[group_index(range)].count();
    sum += latency;
    squares += latency * latency;
  }
  const double mean = sum / kDraws;
  const Cost cost = model.predict(range);
  EXPECT_NEAR(mean, cost.latency.count(), cost.std.count() / 4);
  EXPECT_NEAR(std::sqrt(squares / kDraws - mean * mean) * model.calibration(), cost.std.count(), cost.std.count() / 5);
}

}  // namespace
}  // namespace tandem::profile
