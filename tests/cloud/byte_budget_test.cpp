#include "byte_budget.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace tandem::cloud {
namespace {

TEST(ByteBudget, RefusesWhatDoesNotFitAndTakesItWhenThereIsRoomAgain) {
  ByteBudget budget(100);
  auto first = budget.take(60);
  ASSERT_TRUE(first);
  EXPECT_FALSE(budget.take(41));
  const auto second = budget.take(40);
  EXPECT_TRUE(second);
  EXPECT_TRUE(budget.take(0)) << "nothing always fits";
  EXPECT_FALSE(budget.take(1));
  first.reset();
  EXPECT_TRUE(budget.take(60));
}

TEST(ByteBudget, NeverLendsMoreThanItHas) {
  ByteBudget budget(10);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&budget] {
      for (int i = 0; i < 10000; ++i) {
        const auto share = budget.take(4);
        if (share) {
          EXPECT_FALSE(budget.take(7));
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(budget.take(10)) << "all of it came back";
}

}  // namespace
}  // namespace tandem::cloud
