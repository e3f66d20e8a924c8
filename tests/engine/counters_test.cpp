#include "counters.hpp"

#include <gmock/gmock.h>

#include "matchers.hpp"
#include "small_network.hpp"

namespace tandem::engine {
namespace {

using network::BlockRange;
using ::testing::HasSubstr;

TEST(Counters, TellWhereTheTimeOfEveryGroupGoes) {
  const network::Network network = small_network();
  const std::vector<BlockRange> apart{{.first = 1, .last = 1}, {.first = 2, .last = network.size()}};
  auto counted = CountedGroups::compile(network, apart, {});
  ASSERT_THAT(counted, IsOk());
  Milliseconds total{};
  constexpr int kRuns = 5;
  for (int i = 0; i < kRuns; ++i) {
    const auto took = counted->infer();
    ASSERT_THAT(took, IsOk());
    total += *took;
  }
  const auto counters = counted->read();
  ASSERT_THAT(counters, IsOk());
  ASSERT_EQ(counters->inside.size(), static_cast<std::size_t>(network.size()) + 1);
  Milliseconds counted_time{};
  for (const auto* times : {&counters->inside, &counters->start, &counters->end}) {
    for (const Milliseconds time : *times) {
      EXPECT_GE(time.count(), 0);
      counted_time += time;
    }
  }
  EXPECT_GT(counted_time.count(), 0);
  EXPECT_LE(counted_time, total / kRuns) << "no time counts twice";
}

TEST(Counters, RefuseAGroupThatIsNotThere) {
  const network::Network network = small_network();
  const BlockRange beyond{.first = 1, .last = network.size() + 1};
  EXPECT_THAT(CountedGroups::compile(network, std::span(&beyond, 1), {}),
              HasErrc(Errc::invalid_argument, HasSubstr("there are no layers")));
}

}  // namespace
}  // namespace tandem::engine
