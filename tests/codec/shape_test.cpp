#include "tandem/codec/shape.hpp"

#include <gmock/gmock.h>

#include <limits>
#include <vector>

#include "matchers.hpp"

namespace tandem::codec {
namespace {

using network::ElementType;
using ::testing::HasSubstr;

constexpr std::int64_t kHuge = std::numeric_limits<std::int64_t>::max();

Result<std::size_t> bytes_of(ElementType type, std::vector<std::int64_t> shape) {
  return checked_bytes(type, shape);
}

TEST(CheckedBytes, IsElementsTimesWidth) {
  EXPECT_EQ(bytes_of(ElementType::f32, {1, 3, 224, 224}), 602112);
  EXPECT_EQ(bytes_of(ElementType::f64, {}), 8) << "a scalar";
  EXPECT_EQ(bytes_of(ElementType::u8, {1 << 30}), kMaxTensorBytes);
}

TEST(CheckedBytes, IsZeroForAnEmptyTensorHoweverLargeItsOtherDimensions) {
  EXPECT_EQ(bytes_of(ElementType::f32, {0, kHuge, kHuge}), 0);
  EXPECT_EQ(bytes_of(ElementType::f32, {kHuge, kHuge, 0}), 0);
}

TEST(CheckedBytes, RefusesWhatOverflowsOrIsTooLarge) {
  EXPECT_THAT(bytes_of(ElementType::u8, {(1 << 30) + 1}), HasErrc(Errc::invalid_argument, HasSubstr("over")));
  EXPECT_THAT(bytes_of(ElementType::f32, {kHuge}), HasErrc(Errc::invalid_argument, HasSubstr("over")));
  EXPECT_THAT(bytes_of(ElementType::u8, {1LL << 32, 1LL << 32}), HasErrc(Errc::invalid_argument, HasSubstr("over")));
  EXPECT_THAT(bytes_of(ElementType::u8, {-1, -1}), HasErrc(Errc::invalid_argument, HasSubstr("negative")));
  EXPECT_THAT(bytes_of(ElementType::u8, {-1, 0}), HasErrc(Errc::invalid_argument, HasSubstr("negative")));
  EXPECT_THAT(bytes_of(ElementType::u8, std::vector<std::int64_t>(9, 1)),
              HasErrc(Errc::invalid_argument, HasSubstr("9 dimensions")));
}

}  // namespace
}  // namespace tandem::codec
