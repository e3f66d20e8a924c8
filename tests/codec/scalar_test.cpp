#include "scalar.hpp"

#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>

namespace tandem::codec {
namespace {

using network::ElementType;

float widened(ElementType type, std::uint16_t bits) {
  float value = 0;
  widen(type, std::as_bytes(std::span(&bits, 1)), std::span(&value, 1));
  return value;
}

std::uint16_t narrowed(ElementType type, float value) {
  std::uint16_t bits = 0;
  narrow(type, std::span(&value, 1), std::as_writable_bytes(std::span(&bits, 1)));
  return bits;
}

// Straight from IEEE 754: sign, 5 bits of exponent biased by 15, 10 bits of mantissa.
float naive_half(std::uint16_t bits) {
  const int exponent = (bits >> 10) & 31;
  const int mantissa = bits & 1023;
  const double sign = (bits & 0x8000) != 0 ? -1.0 : 1.0;
  if (exponent == 31) return mantissa != 0 ? std::nanf("") : static_cast<float>(sign * HUGE_VAL);
  if (exponent == 0) return static_cast<float>(sign * std::ldexp(mantissa, -24));
  return static_cast<float>(sign * std::ldexp(1024 + mantissa, exponent - 25));
}

TEST(Scalar, WidensEveryHalfAsTheStandardSays) {
  for (std::uint32_t bits = 0; bits < 65536; ++bits) {
    const float expected = naive_half(static_cast<std::uint16_t>(bits));
    const float value = widened(ElementType::f16, static_cast<std::uint16_t>(bits));
    if (std::isnan(expected)) {
      EXPECT_TRUE(std::isnan(value)) << bits;
    } else {
      EXPECT_EQ(std::bit_cast<std::uint32_t>(value), std::bit_cast<std::uint32_t>(expected)) << bits;
    }
  }
}

TEST(Scalar, NarrowingUndoesWidening) {
  for (std::uint32_t bits = 0; bits < 65536; ++bits) {
    for (const ElementType type : {ElementType::f16, ElementType::bf16}) {
      const float value = widened(type, static_cast<std::uint16_t>(bits));
      const std::uint16_t back = narrowed(type, value);
      if (std::isnan(value)) {
        EXPECT_TRUE(std::isnan(widened(type, back))) << bits;
      } else {
        EXPECT_EQ(back, bits);
      }
    }
  }
}

RC_GTEST_PROP(Scalar, NarrowingRoundsToTheNearestAndTiesToEven, (std::uint32_t float_bits)) {
  const float value = std::bit_cast<float>(float_bits);
  RC_PRE(std::isfinite(value));
  for (const ElementType type : {ElementType::f16, ElementType::bf16}) {
    const std::uint16_t bits = narrowed(type, value);
    const double chosen = widened(type, bits);
    if (std::isinf(chosen)) {
      const double largest = widened(type, type == ElementType::f16 ? 0x7bff : 0x7f7f);
      RC_ASSERT(std::fabs(static_cast<double>(value)) > largest);
      continue;
    }
    const double error = std::fabs(chosen - value);
    for (const int step : {-1, 1}) {
      const auto neighbour = static_cast<std::uint16_t>(bits + step);
      const double other = widened(type, neighbour);
      if (!std::isfinite(other) || (other < 0) != (chosen < 0)) continue;
      const double other_error = std::fabs(other - value);
      RC_ASSERT(error < other_error || (error == other_error && bits % 2 == 0));
    }
  }
}

TEST(Scalar, BlocksOfNothingAreFine) {
  widen(ElementType::f32, {}, {});
  narrow(ElementType::bf16, {}, {});
}

}  // namespace
}  // namespace tandem::codec
