#include "tandem/profile/load.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace tandem::profile {
namespace {

constexpr Milliseconds kProfiled{10};

TEST(LoadRatio, IsOneBeforeAnythingWasObserved) {
  EXPECT_EQ(LoadRatio().value(), 1.0);
}

TEST(LoadRatio, BelievesTheFirstAtOnce) {
  LoadRatio ratio;
  ratio.observe(Milliseconds{25}, kProfiled);
  EXPECT_DOUBLE_EQ(ratio.value(), 2.5);
}

TEST(LoadRatio, FollowsThrottlingAfterThreeRequestsAndBack) {
  LoadRatio ratio;
  for (int i = 0; i < 20; ++i) ratio.observe(Milliseconds{10}, kProfiled);
  for (int i = 0; i < 3; ++i) ratio.observe(Milliseconds{30}, kProfiled);
  EXPECT_DOUBLE_EQ(ratio.value(), 3);
  for (int i = 0; i < 3; ++i) ratio.observe(Milliseconds{10}, kProfiled);
  EXPECT_DOUBLE_EQ(ratio.value(), 1);
}

TEST(LoadRatio, IgnoresTwoDisturbedRequestsInARow) {
  LoadRatio ratio;
  for (int i = 0; i < 5; ++i) ratio.observe(Milliseconds{11}, kProfiled);
  ratio.observe(Milliseconds{400}, kProfiled);
  ratio.observe(Milliseconds{900}, kProfiled);
  EXPECT_DOUBLE_EQ(ratio.value(), 1.1);
}

TEST(LoadRatio, PutsGroupsOfAnyLengthOnOneScale) {
  LoadRatio ratio;
  for (const double profiled : {1.0, 50.0, 7.0}) ratio.observe(Milliseconds{2 * profiled}, Milliseconds{profiled});
  EXPECT_DOUBLE_EQ(ratio.value(), 2);
}

TEST(LoadRatio, IgnoresTimesTooShortToMeanAnything) {
  LoadRatio ratio;
  ratio.observe(Milliseconds{5}, Milliseconds{0});
  ratio.observe(Milliseconds{0.001}, kProfiled);
  ratio.observe(Milliseconds{std::nan("")}, kProfiled);
  ratio.observe(Milliseconds{INFINITY}, kProfiled);
  EXPECT_EQ(ratio.observed(), 0U);
}

TEST(CloudFactor, IsTheRatioOfComputeWhereNothingWaits) {
  EXPECT_DOUBLE_EQ(cloud_factor(1.5, Milliseconds{0}, kProfiled), 1.5);
}

TEST(CloudFactor, WaitingWeighsMoreForASmallPart) {
  EXPECT_DOUBLE_EQ(cloud_factor(1, Milliseconds{40}, Milliseconds{10}), 5);
  EXPECT_DOUBLE_EQ(cloud_factor(1, Milliseconds{40}, Milliseconds{80}), 1.5);
}

TEST(CloudFactor, IsOneWhereThereIsNoProfile) {
  EXPECT_EQ(cloud_factor(3, Milliseconds{4}, Milliseconds{0}), 1.0);
}

}  // namespace
}  // namespace tandem::profile
