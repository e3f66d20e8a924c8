#include "tandem/profile/plausibility.hpp"

#include <gmock/gmock.h>

#include "tables.hpp"

namespace tandem::profile {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

CostTable additive(int layers) {
  CostTable table = table_of(layers);
  for (int first = 1; first <= layers; ++first) {
    for (int last = first; last <= layers; ++last) table.set({first, last}, cost_of(last - first + 1));
  }
  return table;
}

TEST(DearerThanLarger, FindsNothingWhereLargerGroupsCostMore) {
  EXPECT_THAT(dearer_than_larger(additive(5), 0), IsEmpty());
}

TEST(DearerThanLarger, FindsAGroupThatWasDisturbed) {
  CostTable table = additive(5);
  table.set({2, 3}, cost_of(3.5));  // 2..4 and 1..3 cost 3
  EXPECT_THAT(dearer_than_larger(table, 0.05), ElementsAre(BlockRange{2, 3}));
  EXPECT_THAT(dearer_than_larger(table, 0.2), IsEmpty());
}

TEST(DearerThanLarger, ComparesPrefixesWithPrefixesAlone) {
  CostTable table = table_of(3);
  table.set({1, 1}, cost_of(4));
  table.set({1, 2}, cost_of(2));
  table.set({1, 3}, cost_of(5));
  EXPECT_THAT(dearer_than_larger(table, 0.05), ElementsAre(BlockRange{1, 1}));
}

}  // namespace
}  // namespace tandem::profile
