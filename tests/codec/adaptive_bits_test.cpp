#include "adaptive_bits.hpp"

#include <gmock/gmock.h>

#include <rapidcheck/gtest.h>

#include "filter_code.hpp"
#include "tandem/base/random.hpp"

namespace tandem::codec {
namespace {

RC_GTEST_PROP(AdaptiveBits, AreReadAsWrittenAndWhatFollowsThem, (std::uint64_t seed)) {
  struct Item {
    unsigned kind;
    int value;
  };
  Random random(seed);
  std::vector<Item> items(random.below(400));
  for (Item& item : items) {
    item.kind = static_cast<unsigned>(random.below(4));
    const std::uint64_t most = std::array<std::uint64_t, 4>{1U << random.below(16), 1000, 1U << 11U, 20}[item.kind];
    item.value = static_cast<int>(random.below(most)) - (item.kind == 1 ? 500 : 0);
    if (item.kind == 3) item.value = item.value == 0 ? 1 : 0;  // mostly the same
  }
  const auto code_all = [&](auto& coder, auto&& visit) {
    AdaptiveNumber number;
    AdaptiveNumber integer;
    AdaptiveBit bit;
    for (const Item& item : items) {
      const auto value = static_cast<std::uint32_t>(item.value);
      switch (item.kind) {
        case 0: visit(item.value, static_cast<int>(coder.number(number, value))); break;
        case 1: visit(item.value, coder.integer(integer, item.value)); break;
        case 2: visit(item.value, static_cast<int>(coder.raw(value, 11))); break;
        default: visit(item.value, static_cast<int>(coder.bit(bit, value))); break;
      }
    }
  };
  std::vector<std::byte> bytes{std::byte{7}};
  AdaptiveWriter writer(bytes);
  code_all(writer, [](int, int) {});
  writer.finish();
  RC_ASSERT(bytes.front() == std::byte{7});
  bytes.push_back(std::byte{42});
  AdaptiveReader reader(std::span<const std::byte>(bytes).subspan(1));
  code_all(reader, [](int written, int read) { RC_ASSERT(read == written); });
  RC_ASSERT(!reader.overrun());
  RC_ASSERT(reader.rest().size() == 1U);
  RC_ASSERT(reader.rest().front() == std::byte{42});
}

TEST(AdaptiveBits, OfOneValueTakeAlmostNothing) {
  std::vector<std::byte> bytes;
  AdaptiveWriter writer(bytes);
  AdaptiveBit bit;
  for (int i = 0; i < 1000; ++i) writer.bit(bit, 1);
  writer.finish();
  EXPECT_LT(bytes.size(), 14U);
}

TEST(AdaptiveBits, CutOffAreNoticed) {
  std::vector<std::byte> bytes;
  AdaptiveWriter writer(bytes);
  for (int i = 0; i < 100; ++i) writer.raw(0x5a, 8);
  writer.finish();
  AdaptiveReader reader(std::span<const std::byte>(bytes).first(50));
  for (int i = 0; i < 100; ++i) reader.raw(0, 8);
  EXPECT_TRUE(reader.overrun());
  EXPECT_TRUE(reader.rest().empty());
}

TEST(FilterCode, ReadsTheFiltersThatWereFitted) {
  const PlaneShape shape{.channels = 12, .height = 30, .width = 40};
  Random random(3);
  std::vector<std::uint8_t> codes(shape.size());
  for (std::size_t i = 0; i < codes.size(); ++i) {
    const auto like = i >= shape.plane() ? codes[i - shape.plane()] : std::uint8_t{8};
    codes[i] = static_cast<std::uint8_t>(std::min<std::uint64_t>(15, like / 2 + random.below(9)));
  }
  const FittedFilters fitted = fit_filters(codes, shape, 16);
  std::vector<std::byte> bytes;
  AdaptiveWriter writer(bytes);
  write_filters(fitted, 16, writer);
  writer.finish();
  AdaptiveReader reader(bytes);
  const FittedFilters read = read_filters(shape.channels, 16, reader);
  EXPECT_EQ(read.shared, fitted.shared);
  EXPECT_EQ(read.channels, fitted.channels);
  EXPECT_TRUE(reader.rest().empty());
}

}  // namespace
}  // namespace tandem::codec
