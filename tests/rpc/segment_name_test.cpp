#include "tandem/rpc/segment_name.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace tandem::rpc {
namespace {

RC_GTEST_PROP(SegmentName, ReadsWhatItWrote, (const std::string& network)) {
  const network::BlockRange range{.first = *rc::gen::inRange(1, 1000), .last = *rc::gen::inRange(1, 1000)};
  const SegmentName name = parse_segment_name(segment_name(network, range));
  RC_ASSERT(name.network == network);
  RC_ASSERT(name.range == range);
}

TEST(SegmentName, TakesAnythingElseForAWholeNetwork) {
  for (const char* name :
       {"", "resnet50", "resnet50@", "resnet50@3", "resnet50@-", "resnet50@3-", "resnet50@-3", "resnet50@3-4x",
        "resnet50@ 3-4", "resnet50@3--4", "resnet50@99999999999999999999-1", "resnet50@0x1-2", "resnet50@+1-2", "@"}) {
    const SegmentName parsed = parse_segment_name(name);
    EXPECT_EQ(parsed.network, name);
    EXPECT_FALSE(parsed.range) << name;
  }
}

TEST(SegmentName, TheLastAtCounts) {
  const SegmentName name = parse_segment_name("net@2@3-4");
  EXPECT_EQ(name.network, "net@2");
  EXPECT_EQ(name.range, (network::BlockRange{.first = 3, .last = 4}));
}

}  // namespace
}  // namespace tandem::rpc
