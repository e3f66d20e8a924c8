// The codecs made for features: lossless on the codes, whatever the shape, the levels and the values.
#include "features.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <rapidcheck/gtest.h>
#include <algorithm>
#include <cmath>
#include <string>

#include "matchers.hpp"
#include "tandem/base/random.hpp"
#include "tandem/codec/codec.hpp"

namespace tandem::codec {
namespace {

using network::ElementType;
using network::Quantization;
using network::TensorSpec;
using ::testing::HasSubstr;

enum class Kind { smooth, rectified, noise, constant, sparse };

// Something of each kind that features are.
std::vector<float> values_of(const TensorSpec& spec, Kind kind, std::uint64_t seed) {
  Random random(seed);
  std::vector<float> values(spec.elements());
  float level = 0;
  for (float& value : values) {
    const auto step = static_cast<float>(random.uniform(-1, 1));
    level = 0.9F * level + step;
    if (kind == Kind::smooth) value = level;
    if (kind == Kind::rectified) value = std::max(level, 0.0F);
    if (kind == Kind::noise) value = step;
    if (kind == Kind::constant) value = 3.5F;
    if (kind == Kind::sparse) value = step > 0.98F ? step : 0.0F;
  }
  return values;
}

constexpr std::array kKinds{Kind::smooth, Kind::rectified, Kind::noise, Kind::constant, Kind::sparse};

std::vector<float> round_trip(const std::string& codec, const TensorSpec& spec, std::span<const float> values,
                              const std::optional<Quantization>& grid = {}) {
  const auto coded = encode(codec, spec, std::as_bytes(values), grid);
  EXPECT_THAT(coded, IsOk());
  std::vector<float> decoded(values.size());
  EXPECT_THAT(decode(*coded, spec, std::as_writable_bytes(std::span(decoded))), IsOk());
  return decoded;
}

RC_GTEST_PROP(Features, AreOffByAtMostHalfAStep, (std::uint64_t seed)) {
  Random random(seed);
  const auto extent = [&](std::uint64_t most) { return static_cast<std::int64_t>(1 + random.below(most)); };
  const TensorSpec spec{.name = "x", .type = ElementType::f32, .shape = {1, extent(40), extent(24), extent(40)}};
  const Kind kind = kKinds[random.below(kKinds.size())];
  const int bits = std::array{2, 3, 4, 5, 6, 7, 8, 16}[random.below(8)];
  const std::string codec = fmt::format("{}:{}", random.below(2) == 0 ? kTfc : kTfcFast, bits);
  const auto values = values_of(spec, kind, seed);
  const auto decoded = round_trip(codec, spec, values);
  const auto [low, high] = std::ranges::minmax(values);
  const float half = (high - low) / static_cast<float>((1 << bits) - 1) / 2;
  for (std::size_t i = 0; i < values.size(); ++i) RC_ASSERT(std::fabs(values[i] - decoded[i]) <= half * 1.01F + 1e-5F);
}

TEST(Features, KeepTheNetworksOwnCodesExactly) {
  const Quantization grid{.low = -1.5F, .high = 2.0F, .levels = 200};
  const TensorSpec spec{.name = "x", .type = ElementType::f32, .shape = {1, 5, 9, 11}};
  Random random(1);
  std::vector<float> values(spec.elements());
  for (float& value : values) {
    value = static_cast<float>(random.below(200)) / 199.0F * (grid.high - grid.low) + grid.low;
  }
  for (const char* codec : {"tfc", "tfc-fast", "tfc:16"}) EXPECT_EQ(round_trip(codec, spec, values, grid), values);
  EXPECT_NE(round_trip("tfc:4", spec, values, grid), values) << "four bits do not hold 200 levels";
}

TEST(Features, LoseNothingOfIntegers) {
  Random random(2);
  for (const ElementType type : {ElementType::u8, ElementType::i8, ElementType::i32, ElementType::f64}) {
    const TensorSpec spec{.name = "x", .type = type, .shape = {1, 3, 7, 5}};
    std::vector<std::byte> data(spec.bytes());
    for (std::byte& byte : data) byte = static_cast<std::byte>(random.below(20));
    for (const auto codec : {kTfc, kTfcFast}) {
      const auto coded = encode(codec, spec, data).value();
      std::vector<std::byte> decoded(data.size());
      ASSERT_THAT(decode(coded, spec, decoded), IsOk());
      EXPECT_EQ(decoded, data);
    }
  }
}

TEST(Features, NarrowFloatsWhereTold) {
  const TensorSpec spec{.name = "x", .type = ElementType::f32, .shape = {1, 4, 8, 8}};
  const auto values = values_of(spec, Kind::smooth, 3);
  const auto half = round_trip("tfc:f16", spec, values);
  const auto brain = round_trip("tfc:bf16", spec, values);
  for (std::size_t i = 0; i < values.size(); ++i) {
    EXPECT_NEAR(half[i], values[i], std::fabs(values[i]) / 2048 + 1e-7F);
    EXPECT_NEAR(brain[i], values[i], std::fabs(values[i]) / 256);
  }
}

// Of noise nothing can be saved: what is sent must not be more than the codes themselves, but for a header.
TEST(Features, NeverTakeMuchMoreThanTheCodesThemselves) {
  Random random(4);
  const TensorSpec spec{.name = "x", .type = ElementType::f32, .shape = {1, 32, 28, 28}};
  std::vector<float> values(spec.elements());
  for (float& value : values) value = static_cast<float>(random.uniform(-1, 1));
  for (const int bits : {2, 3, 4, 6, 8}) {
    for (const auto codec : {kTfc, kTfcFast}) {
      const auto coded = encode(fmt::format("{}:{}", codec, bits), spec, std::as_bytes(std::span(values))).value();
      EXPECT_LE(static_cast<double>(coded.size()), 1.01 * static_cast<double>(values.size()) * bits / 8);
    }
  }
}

TEST(Features, NonFiniteValuesBecomeTheEndsOfTheRange) {
  const TensorSpec spec{.name = "x", .type = ElementType::f32, .shape = {1, 1, 1, 5}};
  const float infinity = std::numeric_limits<float>::infinity();
  const std::vector<float> values{-1, infinity, std::nanf(""), -infinity, 2};
  EXPECT_EQ(round_trip("tfc", spec, values), (std::vector<float>{-1, 2, -1, -1, 2}));
}

TEST(Features, ClippedAreMorePreciseButForTheMostExtreme) {
  Random random(6);
  const TensorSpec spec{.name = "x", .type = ElementType::f32, .shape = {1, 8, 50, 50}};
  std::vector<float> values(spec.elements());
  for (float& value : values) value = static_cast<float>(random.uniform(0, 1));
  for (std::size_t i = 0; i < values.size(); i += 4000) values[i] = i % 8000 == 0 ? -100.0F : 100.0F;
  const auto back = round_trip("tfc:4@99.8", spec, values);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::fabs(values[i]) < 2) {
      EXPECT_NEAR(back[i], values[i], 0.06F);
    } else {
      EXPECT_LT(std::fabs(back[i]), 1.1F);
    }
  }
  // Rectified: what is zero stays so.
  for (float& value : values) value = std::max(value - 0.7F, 0.0F);
  const auto rectified = round_trip("tfc:4@99", spec, values);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i] == 0) {
      EXPECT_EQ(rectified[i], 0.0F);
    }
  }
}

TEST(Features, OfOneValueComeBackHoweverMany) {
  const TensorSpec spec{.name = "x", .type = ElementType::f32, .shape = {1, 8, 1024, 1024}};
  const std::vector<float> values(spec.elements(), 3.0F);
  EXPECT_EQ(round_trip("tfc-fast:4", spec, values), values);
}

TEST(Features, RefuseBitsTheyDoNotHave) {
  const TensorSpec spec{.name = "x", .type = ElementType::f32, .shape = {1}};
  const std::vector<std::byte> data(4);
  for (const char* codec :
       {"tfc:", "tfc:1", "tfc:9", "tfc:x", "tfc-fast:4x", "tfc:f32", "tfc:4@", "tfc:4@40", "tfc:4@x"}) {
    EXPECT_THAT(encode(codec, spec, data), HasErrc(Errc::invalid_argument, HasSubstr("after the colon"))) << codec;
  }
}

}  // namespace
}  // namespace tandem::codec
