#include <gtest/gtest.h>

#include <cstdint>

#include "tandem/base/number.hpp"

namespace tandem {
namespace {

TEST(Number, IsTheWholeText) {
  EXPECT_EQ(parse_number<int>("21"), 21);
  EXPECT_EQ(parse_number<int>("-3"), -3);
  EXPECT_EQ(parse_number<double>("2.5e3"), 2500.0);
  for (const char* text : {"", " 21", "21 ", "21x", "+21", "0x15", "2.5"}) {
    EXPECT_EQ(parse_number<int>(text), std::nullopt) << '"' << text << '"';
  }
}

TEST(Number, OutOfRangeOrNotFiniteIsNone) {
  EXPECT_EQ(parse_number<int>("2147483648"), std::nullopt);
  EXPECT_EQ(parse_number<std::uint64_t>("-1"), std::nullopt);
  for (const char* text : {"nan", "inf", "-inf", "1e999"}) {
    EXPECT_EQ(parse_number<double>(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace tandem
