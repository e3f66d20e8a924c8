// What linear8 promises about values: half a step of error, exactness on a grid, sane answers for odd input.
#include <gmock/gmock.h>

#include <rapidcheck/gtest.h>
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "matchers.hpp"
#include "tandem/base/random.hpp"
#include "tandem/codec/codec.hpp"

namespace tandem::codec {
namespace {

using network::ElementType;
using network::Quantization;
using network::TensorSpec;
using ::testing::Each;
using ::testing::ElementsAreArray;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

std::vector<float> round_trip(const std::vector<float>& values, const std::optional<Quantization>& grid = {}) {
  const TensorSpec spec{.name = "x", .type = ElementType::f32, .shape = {static_cast<std::int64_t>(values.size())}};
  const auto coded = encode(kLinear8, spec, std::as_bytes(std::span(values)), grid);
  EXPECT_THAT(coded, IsOk());
  std::vector<float> decoded(values.size());
  EXPECT_THAT(decode(*coded, spec, std::as_writable_bytes(std::span(decoded))), IsOk());
  return decoded;
}

// The plain form that the fast one is checked against.
std::vector<float> naive_round_trip(const std::vector<float>& values) {
  const auto [low, high] = std::ranges::minmax(values);
  std::vector<float> result;
  for (const float value : values) {
    const double code = high > low ? std::round((double{value} - low) / (double{high} - low) * 255.0) : 0.0;
    result.push_back(static_cast<float>(code / 255.0 * (double{high} - low) + low));
  }
  return result;
}

std::vector<float> random_values(std::size_t count, std::uint64_t seed, double low, double high) {
  Random random(seed);
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(random.uniform(low, high));
  return values;
}

RC_GTEST_PROP(Linear8, IsOffByAtMostHalfAStep, (std::uint64_t seed)) {
  const auto count = *rc::gen::inRange<std::size_t>(1, 6000);
  const double magnitude = std::ldexp(1.0, *rc::gen::inRange(-60, 60));
  const double offset = *rc::gen::element(0.0, 0.5, -3.0, 100.0) * magnitude;
  const auto values = random_values(count, seed, offset - magnitude, offset + magnitude);
  const auto decoded = round_trip(values);
  const auto naive = naive_round_trip(values);
  const auto [low, high] = std::ranges::minmax(values);
  const double step = (double{high} - low) / 255.0;
  const double rounding = 4 * std::numeric_limits<float>::epsilon() * std::max(std::fabs(low), std::fabs(high));
  for (std::size_t i = 0; i < count; ++i) {
    RC_ASSERT(std::fabs(double{decoded[i]} - values[i]) <= step / 2 * 1.0001 + rounding);
    RC_ASSERT(std::fabs(double{decoded[i]} - naive[i]) <= step * 1.0001 + rounding);
  }
}

RC_GTEST_PROP(Linear8, IsBitExactOnAGrid, (std::uint64_t seed)) {
  const Quantization grid{.low = static_cast<float>(*rc::gen::inRange(-1000, 1) / 97.0),
                          .high = static_cast<float>(*rc::gen::inRange(1, 1000) / 89.0),
                          .levels = *rc::gen::inRange(2, 257)};
  Random random(seed);
  std::vector<float> values(*rc::gen::inRange<std::size_t>(1, 5000));
  for (float& value : values) {
    const auto code = static_cast<float>(random.below(static_cast<std::uint64_t>(grid.levels)));
    value = code / static_cast<float>(grid.levels - 1) * (grid.high - grid.low) + grid.low;
  }
  const auto decoded = round_trip(values, grid);
  RC_ASSERT(std::memcmp(decoded.data(), values.data(), values.size() * sizeof(float)) == 0);
}

TEST(Linear8, TakesTheValuesOwnRangeWhereTheyDoNotLieOnTheGrid) {
  const Quantization grid{.low = 0.0F, .high = 1.0F, .levels = 256};
  const auto values = random_values(1000, 7, -5.0, 5.0);
  EXPECT_THAT(round_trip(values, grid), ElementsAreArray(round_trip(values)));
}

TEST(Linear8, IgnoresAGridItCannotUse) {
  const auto values = random_values(100, 8, 0.0, 1.0);
  for (const Quantization& grid :
       {Quantization{0, 1, 1}, Quantization{0, 1, 65536}, Quantization{1, 0, 256}, Quantization{kNaN, 1, 256},
        Quantization{0, kInfinity, 256}, Quantization{0, 1, -4}}) {
    EXPECT_THAT(round_trip(values, grid), ElementsAreArray(round_trip(values)));
  }
}

TEST(Linear8, KeepsTheSmallestAndTheZeroOfARectifiedTensor) {
  auto values = random_values(4099, 9, -1.0, 1.0);
  for (float& value : values) value = std::max(value, 0.0F);
  const auto decoded = round_trip(values);
  for (std::size_t i = 0; i < values.size(); ++i) EXPECT_TRUE(values[i] != 0.0F || decoded[i] == 0.0F);
}

TEST(Linear8, IsExactForAConstant) {
  EXPECT_THAT(round_trip(std::vector<float>(37, 0.1F)), Each(0.1F));
  EXPECT_THAT(round_trip({-7.0F}), Each(-7.0F));
}

TEST(Linear8, ClampsWhatIsNotFinite) {
  const auto decoded = round_trip({-1.0F, kInfinity, 3.0F, -kInfinity, kNaN});
  EXPECT_THAT(decoded, ElementsAreArray({-1.0F, 3.0F, 3.0F, -1.0F, -1.0F}));
}

TEST(Linear8, CarriesRangesThatFloatsCannotDivideWithoutLoss) {
  constexpr float kLargest = std::numeric_limits<float>::max();
  constexpr float kSmallest = std::numeric_limits<float>::denorm_min();
  EXPECT_THAT(round_trip({-kLargest, 0.5F, kLargest}), ElementsAreArray({-kLargest, 0.5F, kLargest}));
  EXPECT_THAT(round_trip({0.0F, kSmallest}), ElementsAreArray({0.0F, kSmallest}));
  EXPECT_TRUE(std::isnan(round_trip({kNaN})[0]));
}

TEST(Linear8, QuantisesHalfPrecisionTypes) {
  for (const ElementType type : {ElementType::f16, ElementType::bf16}) {
    // 1.0, 0.0, 2.0 and 0.5 in either type; the largest error is half of 2/255.
    const std::vector<std::uint16_t> values = type == ElementType::f16
                                                  ? std::vector<std::uint16_t>{0x3c00, 0x0000, 0x4000, 0x3800}
                                                  : std::vector<std::uint16_t>{0x3f80, 0x0000, 0x4000, 0x3f00};
    const TensorSpec spec{.name = "x", .type = type, .shape = {2, 2}};
    const auto coded = encode(kLinear8, spec, std::as_bytes(std::span(values))).value();
    std::vector<std::uint16_t> decoded(4);
    ASSERT_THAT(decode(coded, spec, std::as_writable_bytes(std::span(decoded))), IsOk());
    EXPECT_EQ(decoded[1], values[1]);
    EXPECT_EQ(decoded[2], values[2]);
    EXPECT_NEAR(decoded[0], values[0], type == ElementType::f16 ? 4 : 1);
  }
}

TEST(Linear8, CarriesOtherTypesWithoutLoss) {
  Random random(3);
  for (const ElementType type :
       {ElementType::f64, ElementType::i8, ElementType::u8, ElementType::i16, ElementType::u16, ElementType::i32,
        ElementType::u32, ElementType::i64, ElementType::u64, ElementType::boolean}) {
    const TensorSpec spec{.name = "x", .type = type, .shape = {3, 41}};
    std::vector<std::byte> values(spec.bytes());
    for (std::byte& value : values) value = static_cast<std::byte>(random.next() % 5);
    const auto coded = encode(kLinear8, spec, values, Quantization{}).value();
    std::vector<std::byte> decoded(values.size());
    ASSERT_THAT(decode(coded, spec, decoded), IsOk());
    EXPECT_EQ(decoded, values);
  }
}

TEST(Linear8, IsSmallOnTheZerosOfARectifiedTensor) {
  auto values = random_values(100000, 11, -1.0, 1.0);
  for (float& value : values) value = std::max(value - 0.8F, 0.0F);  // nine in ten are zero
  const TensorSpec spec{.name = "x", .type = ElementType::f32, .shape = {100000}};
  EXPECT_LT(encode(kLinear8, spec, std::as_bytes(std::span(values)))->size(), 40000U);
}

}  // namespace
}  // namespace tandem::codec
