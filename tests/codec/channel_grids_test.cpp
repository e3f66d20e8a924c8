// Grids by channel: each channel keeps its own precision, its zeros and its constants, and no bytes do harm.
#include "channel_grids.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <rapidcheck/gtest.h>
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "container.hpp"
#include "little_endian.hpp"
#include "matchers.hpp"
#include "scalar.hpp"
#include "tandem/base/random.hpp"
#include "tandem/codec/codec.hpp"
#include "tandem/codec/pieces.hpp"

namespace tandem::codec {
namespace {

using network::ElementType;
using network::Quantization;
using network::TensorSpec;
using ::testing::HasSubstr;

constexpr float kInfinity = std::numeric_limits<float>::infinity();

TensorSpec spec_of(std::vector<std::int64_t> shape, ElementType type = ElementType::f32) {
  return {.name = "x", .type = type, .shape = std::move(shape)};
}

std::vector<float> round_trip(const std::string& codec, const TensorSpec& spec, std::span<const float> values,
                              const std::optional<Quantization>& grid = {}) {
  std::vector<std::byte> data(spec.bytes());
  narrow(spec.type, values, data);
  const auto coded = encode(codec, spec, data, grid);
  EXPECT_THAT(coded, IsOk());
  EXPECT_THAT(decode(*coded, spec, data), IsOk());
  std::vector<float> decoded(values.size());
  widen(spec.type, data, decoded);
  return decoded;
}

std::size_t coded_bytes(const std::string& codec, const TensorSpec& spec, std::span<const float> values) {
  return encode(codec, spec, std::as_bytes(values)).value().size();
}

enum class Kind { spread, rectified, constant, dead, far, infinite };
constexpr std::array kKinds{Kind::spread, Kind::rectified, Kind::constant, Kind::dead, Kind::far, Kind::infinite};

// A channel of each kind, of any size between a thousandth and a thousand.
void fill_channel(Kind kind, Random& random, std::span<float> values) {
  const auto size = static_cast<float>(std::pow(10.0, random.uniform(-3, 3)));
  for (float& value : values) {
    const float noise = size * static_cast<float>(random.uniform(-1, 1));
    value = noise;
    if (kind == Kind::rectified) value = std::max(noise, 0.0F);
    if (kind == Kind::constant) value = size;
    if (kind == Kind::dead) value = 0.0F;
    if (kind == Kind::far) value = 50 * size + noise;
    if (kind == Kind::infinite && random.below(8) == 0) value = random.below(2) == 0 ? kInfinity : std::nanf("");
  }
}

RC_GTEST_PROP(ChannelGrids, AreOffByAtMostHalfAStepOfTheirChannel, (std::uint64_t seed)) {
  Random random(seed);
  const auto extent = [&](std::uint64_t most) { return static_cast<std::int64_t>(1 + random.below(most)); };
  const std::size_t channels = 2 + random.below(20);
  const TensorSpec spec = spec_of({1, static_cast<std::int64_t>(channels), extent(12), 1 + extent(12)});
  const std::size_t plane = spec.elements() / channels;
  std::vector<float> values(spec.elements());
  for (std::size_t c = 0; c < channels; ++c) {
    const auto channel = std::span(values).subspan(c * plane, plane);
    fill_channel(kKinds[random.below(kKinds.size())], random, channel);
    if (std::ranges::none_of(channel, [](float value) { return std::isfinite(value); })) channel[0] = 1.0F;
  }
  const int bits = std::array{2, 3, 4, 5, 6, 7, 8, 16}[random.below(8)];
  const std::string codec = fmt::format("{}:{}c", random.below(2) == 0 ? kTfc : kTfcFast, bits);
  const auto decoded = round_trip(codec, spec, values);
  for (std::size_t c = 0; c < channels; ++c) {
    const auto channel = std::span<const float>(values).subspan(c * plane, plane);
    float low = kInfinity;
    float high = -kInfinity;
    for (const float value : channel) {
      if (!std::isfinite(value)) continue;
      low = std::min(low, value);
      high = std::max(high, value);
    }
    const float half = 1.025F * (high - low) / static_cast<float>((1 << bits) - 1) / 2;
    const float rounding = 4 * std::numeric_limits<float>::epsilon() * std::max(std::fabs(low), std::fabs(high));
    for (std::size_t i = 0; i < plane; ++i) {
      const float back = decoded[c * plane + i];
      if (std::isfinite(channel[i])) {
        RC_ASSERT(std::fabs(back - channel[i]) <= half + rounding);
      } else {  // the nearest end of its channel's range, as sent; of a NaN the lower one
        RC_ASSERT(std::fabs(back - (channel[i] > 0 ? high : low)) <= 2 * half + (high - low) * 0.025F + rounding);
      }
      if (low == 0 && channel[i] == 0) RC_ASSERT(back == 0.0F);
      if (low == high) RC_ASSERT(back == low);
    }
  }
}

RC_GTEST_PROP(ChannelGrids, ComeBackFromTheirBits, (std::uint64_t seed)) {
  Random random(seed);
  const std::size_t plane = 2 + random.below(30);
  std::vector<float> values(plane * (1 + random.below(40)));
  for (std::size_t at = 0; at < values.size(); at += plane) {
    fill_channel(kKinds[random.below(kKinds.size() - 1)], random, std::span(values).subspan(at, plane));
  }
  const auto grids = channel_grids(ElementType::f32, std::as_bytes(std::span(values)), plane, 16, 1.0);
  RC_ASSERT(grids.has_value());
  std::vector<std::byte> bytes;
  append_channel_grids(*grids, bytes);
  RC_ASSERT(bytes.size() <= (grids->channels.size() * 51 + 7) / 8);
  RC_ASSERT(read_channel_grids(bytes, grids->channels.size()).value() == grids->channels);
  // With a byte too few, or too many, or more channels than that, they are refused.
  RC_ASSERT(!read_channel_grids(std::span(bytes).first(bytes.size() - 1), grids->channels.size()));
  RC_ASSERT(!read_channel_grids(bytes, grids->channels.size() + 3));
  bytes.emplace_back();
  RC_ASSERT(!read_channel_grids(bytes, grids->channels.size()));
}

TEST(ChannelGrids, AreShort) {
  const auto bits_of = [](std::vector<float> values) {
    const std::size_t plane = 2;
    const auto grids = channel_grids(ElementType::f32, std::as_bytes(std::span(values)), plane, 16, 1.0).value();
    std::vector<std::byte> bytes;
    append_channel_grids(grids, bytes);
    return bytes.size() * 8;
  };
  // Eight channels each, so that bytes are bits.
  EXPECT_EQ(bits_of(std::vector<float>(16, 0.0F)), 8U * 3);
  EXPECT_EQ(bits_of(std::vector<float>(16, 0.3F)), 8U * 35);
  std::vector<float> values;
  for (int i = 0; i < 8; ++i) values.insert(values.end(), {0.0F, 0.7F});
  EXPECT_EQ(bits_of(values), 8U * 19);
  for (float& value : values) value -= 0.3F;
  EXPECT_EQ(bits_of(values), 8U * 35);
  for (float& value : values) value += 99.9F;
  EXPECT_EQ(bits_of(values), 8U * 51);
}

TEST(ChannelGrids, GiveSmallChannelsTheirOwnPrecision) {
  const TensorSpec spec = spec_of({1, 2, 10, 10});
  Random random(1);
  std::vector<float> values(spec.elements());
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<float>(random.uniform(-1, 1)) * (i < 100 ? 0.01F : 100.0F);
  }
  const auto by_tensor = round_trip("tfc:4", spec, values);
  const auto by_channel = round_trip("tfc:4c", spec, values);
  EXPECT_GT(std::fabs(by_tensor[0] - values[0]), 1.0F);
  for (std::size_t i = 0; i < 100; ++i) EXPECT_NEAR(by_channel[i], values[i], 0.0007F);
}

TEST(ChannelGrids, OfConstantChannelsCostNothingElse) {
  const TensorSpec spec = spec_of({1, 3, 200, 200});
  std::vector<float> values(spec.elements());
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = std::array{0.0F, 0.1F, -3.7F}[i / 40'000];
  for (const char* codec : {"tfc:4c", "tfc-fast:8c", "tfc:16c", "tfc:4c@99"}) {
    EXPECT_EQ(round_trip(codec, spec, values), values) << codec;
    EXPECT_LT(coded_bytes(codec, spec, values), 40U) << codec;
  }
  // Narrow types, too.
  for (const ElementType type : {ElementType::f16, ElementType::bf16}) {
    const TensorSpec narrow_spec = spec_of({2, 2}, type);
    const std::vector<float> few{0.5F, 0.5F, -2.0F, -2.0F};
    EXPECT_EQ(round_trip("tfc:8c", narrow_spec, few), few);
  }
}

TEST(ChannelGrids, OfConstantChannelsAmongOthersLeaveThoseAsTheyWere) {
  const TensorSpec some = spec_of({1, 2, 30, 30});
  const TensorSpec all = spec_of({1, 4, 30, 30});
  Random random(2);
  std::vector<float> values(some.elements());
  for (float& value : values) value = static_cast<float>(random.uniform(-1, 1));
  std::vector<float> with(all.elements(), 7.0F);
  std::copy_n(values.begin(), 900, with.begin() + 900);
  std::copy_n(values.begin() + 900, 900, with.begin() + 2700);
  EXPECT_LE(coded_bytes("tfc:4c", all, with), coded_bytes("tfc:4c", some, values) + 6);
  const auto decoded = round_trip("tfc:4c", all, with);
  EXPECT_EQ(decoded[0], 7.0F);
  EXPECT_NEAR(decoded[900], values[0], 0.07F);
  EXPECT_NEAR(decoded[3599], values.back(), 0.07F);
}

TEST(ChannelGrids, ClipEachChannelButNotItsZeros) {
  const TensorSpec spec = spec_of({1, 2, 40, 50});
  Random random(3);
  std::vector<float> values(spec.elements());
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<float>(random.uniform(0.5, 1)) * (i < 2000 ? 1.0F : 30.0F);
  }
  values[5] = 0.0F;
  values[6] = 900.0F;
  const auto decoded = round_trip("tfc:4c@99.8", spec, values);
  EXPECT_EQ(decoded[5], 0.0F) << "one zero among 2000 values, which its channel keeps";
  EXPECT_LT(decoded[6], 1.5F);
  for (std::size_t i = 7; i < values.size(); ++i) EXPECT_NEAR(decoded[i], values[i], i < 2000 ? 0.06F : 1.2F);
}

TEST(ChannelGrids, SendTheNetworksOwnCodesWhereTheyCan) {
  const Quantization grid{.low = -1.5F, .high = 2.0F, .levels = 16};
  const TensorSpec spec = spec_of({1, 4, 5, 5});
  std::vector<float> values(spec.elements());
  Random random(4);
  for (float& value : values) value = static_cast<float>(random.below(16)) / 15.0F * 3.5F - 1.5F;
  EXPECT_EQ(round_trip("tfc:4c", spec, values, grid), values);
  EXPECT_EQ(encode("tfc:4c", spec, std::as_bytes(std::span(values)), grid).value(),
            encode("tfc:4", spec, std::as_bytes(std::span(values)), grid).value());
}

TEST(ChannelGrids, GiveWayToOneWhereAChannelCannotHaveIts) {
  const auto same_as_by_tensor = [](const TensorSpec& spec, const std::vector<float>& values) {
    const auto data = std::as_bytes(std::span(values));
    return encode("tfc:8c", spec, data).value() == encode("tfc:8", spec, data).value();
  };
  EXPECT_TRUE(same_as_by_tensor(spec_of({4}), {1, 2, 3, 4})) << "no channels";
  EXPECT_TRUE(same_as_by_tensor(spec_of({1, 4}), {1, 2, 3, 4})) << "one channel";
  EXPECT_TRUE(same_as_by_tensor(spec_of({1, 4, 1, 1}), {1, 2, 3, 4})) << "a value a channel";
  EXPECT_TRUE(same_as_by_tensor(spec_of({2, 2}), {1, 2, kInfinity, std::nanf("")})) << "nothing finite";
  EXPECT_TRUE(same_as_by_tensor(spec_of({2, 2}), {1, 2, -3e38F, 3e38F})) << "a range beyond float32";
  EXPECT_TRUE(same_as_by_tensor(spec_of({2, 0}), {})) << "nothing at all";
  EXPECT_FALSE(same_as_by_tensor(spec_of({2, 2}), {1, 2, 3, 4}));
}

TEST(ChannelGrids, WorkInPieces) {
  Random random(5);
  for (const auto& shape : {std::vector<std::int64_t>{1, 40, 6, 6}, {1, 2, 60, 20}}) {
    const TensorSpec spec = spec_of(shape);
    std::vector<float> values(spec.elements());
    const std::size_t plane = values.size() / static_cast<std::size_t>(shape[1]);
    const auto scale = [plane](std::size_t i) {
      const std::size_t channel = i / plane;
      return static_cast<float>(1 + channel);
    };
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] = static_cast<float>(random.uniform(0, 1)) * scale(i);
    }
    const auto coded = encode("tfc:8c/4", spec, std::as_bytes(std::span(values))).value();
    EXPECT_EQ(read_header(coded).value().codec, kPieces);
    const auto decoded = round_trip("tfc:8c/4", spec, values);
    for (std::size_t i = 0; i < values.size(); ++i) {
      EXPECT_NEAR(decoded[i], values[i], 0.0021F * scale(i));
    }
  }
}

TEST(ChannelGrids, HaveNamesOfOurFeatureCodecsOnly) {
  for (const char* codec : {"tfc:4c", "tfc-fast:8c", "tfc:16c", "tfc:3c@99.9", "tfc:4c@99.9/6"}) {
    EXPECT_TRUE(codes_tensors(codec)) << codec;
  }
  EXPECT_EQ(name_in_header("tfc:4c"), kTfc);
  const TensorSpec spec = spec_of({1});
  const std::vector<std::byte> data(spec.bytes());
  for (const char* codec : {"tfc:c", "tfc:4cc", "tfc:4C", "tfc:4@99.9c", "tfc:f16c", "butterfly:4c", "jointdnn:8c"}) {
    EXPECT_THAT(encode(codec, spec, data), HasErrc(Errc::invalid_argument, HasSubstr("after the colon"))) << codec;
  }
}

// A container as the encoder makes it, but for what the test says.
struct Hostile {
  std::uint8_t mapping = 5;
  std::uint16_t last_level = 15;
  std::vector<std::byte> grids{};
  std::vector<std::byte> payload{std::byte{0}};

  [[nodiscard]] std::vector<std::byte> of(const TensorSpec& spec) const {
    std::vector<std::byte> parameters;
    append(parameters, mapping);
    append(parameters, last_level);
    parameters.insert(parameters.end(), grids.begin(), grids.end());
    std::vector<std::byte> coded = container_head(kTfc, spec, parameters);
    coded.insert(coded.end(), payload.begin(), payload.end());
    seal(coded);
    return coded;
  }
};

TEST(ChannelGrids, RefuseWhatNoEncoderMakes) {
  const TensorSpec spec = spec_of({2, 8});
  std::vector<float> out(spec.elements());
  const auto decoded = [&](const Hostile& hostile, const TensorSpec& due) {
    return decode(hostile.of(due), due, std::as_writable_bytes(std::span(out)).first(due.bytes()));
  };
  const std::vector<std::byte> dead{std::byte{0}};  // two channels of three bits
  EXPECT_THAT(decoded({.grids = dead}, spec), IsOk());
  EXPECT_THAT(decoded({.last_level = 0, .grids = dead}, spec), HasErrc(Errc::data_loss, HasSubstr("parameters")));
  EXPECT_THAT(decoded({.last_level = 256, .grids = dead}, spec), HasErrc(Errc::data_loss, HasSubstr("parameters")));
  EXPECT_THAT(decoded({.mapping = 6, .last_level = 256, .grids = dead}, spec), IsOk());
  EXPECT_THAT(decoded({.mapping = 7, .grids = dead}, spec), HasErrc(Errc::data_loss, HasSubstr("parameters")));
  EXPECT_THAT(decoded({.grids = {}}, spec), HasErrc(Errc::data_loss, HasSubstr("ranges of channels")));
  const std::vector<std::byte> no_kind{std::byte{3}};
  EXPECT_THAT(decoded({.grids = no_kind}, spec), HasErrc(Errc::data_loss, HasSubstr("ranges of channels")));
  const std::vector<std::byte> no_width{std::byte{4}, std::byte{0}, std::byte{0}};
  EXPECT_THAT(decoded({.grids = no_width}, spec), HasErrc(Errc::data_loss, HasSubstr("ranges of channels")));
  EXPECT_THAT(decoded({.grids = dead}, spec_of({2, 8}, ElementType::i32)),
              HasErrc(Errc::data_loss, HasSubstr("parameters")));
  EXPECT_THAT(decoded({.grids = dead}, spec_of({2, 0})), HasErrc(Errc::data_loss, HasSubstr("parameters")));
  // Planes of no channels, in whatever mode.
  for (int mode = 0; mode < 8; ++mode) {
    for (const std::size_t more : {0U, 1U, 40U, 300U}) {
      std::vector<std::byte> payload(1 + more, std::byte{0x40});
      payload[0] = static_cast<std::byte>(mode);
      const Status done = decoded({.grids = dead, .payload = payload}, spec);
      if (done) {
        EXPECT_THAT(out, ::testing::Each(0.0F));
      }
    }
  }
}

TEST(ChannelGrids, AreNotBelievedToBeMoreThanTheirBytesCanSay) {
  // 2^28 channels of one value, and a hundred bytes that could tell of 266: refused before anything is made for them.
  const auto read = read_channel_grids(std::vector<std::byte>(100), std::size_t{1} << 28U);
  EXPECT_THAT(read, HasErrc(Errc::data_loss, HasSubstr("ranges of channels")));
  EXPECT_THAT(read_channel_grids(std::vector<std::byte>(100), std::numeric_limits<std::size_t>::max()),
              HasErrc(Errc::data_loss, HasSubstr("")));
}

}  // namespace
}  // namespace tandem::codec
