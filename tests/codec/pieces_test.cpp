// Tensors in pieces: what arrives is what was sent, piece by piece, and damage is found.
#include "tandem/codec/pieces.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "container.hpp"
#include "little_endian.hpp"
#include "matchers.hpp"
#include "tandem/base/random.hpp"
#include "tandem/codec/codec.hpp"

namespace tandem::codec {
namespace {

using network::ElementType;
using network::TensorSpec;
using ::testing::HasSubstr;

TensorSpec spec_of(std::vector<std::int64_t> shape) {
  return {.name = "x", .type = ElementType::f32, .shape = std::move(shape)};
}

std::vector<float> noise(std::size_t count, std::uint64_t seed = 1) {
  Random random(seed);
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(random.uniform(-1, 3));
  return values;
}

// A container of pieces whose payload is given, sealed as it should be.
std::vector<std::byte> pieces_with(const TensorSpec& spec, std::uint64_t count,
                                   const std::vector<std::vector<std::byte>>& pieces) {
  std::vector<std::byte> parameters;
  append_varint(parameters, count);
  std::vector<std::byte> coded = container_head(kPieces, spec, parameters);
  for (const auto& piece : pieces) {
    append_varint(coded, piece.size());
    coded.insert(coded.end(), piece.begin(), piece.end());
  }
  seal(coded);
  return coded;
}

TEST(Pieces, SlicesCoverEveryByteOnce) {
  for (const auto& shape : {std::vector<std::int64_t>{1, 7, 3, 2}, {5}, {2, 3, 31}, {1, 3, 70, 4}, {}, {3, 0}}) {
    const TensorSpec spec = spec_of(shape);
    for (int pieces = 1; pieces <= 10; ++pieces) {
      std::vector<int> covered(spec.bytes());
      for (const Slice& slice : slices_of(spec, pieces)) {
        EXPECT_EQ(slice.spec.bytes(), slice.runs * slice.run_bytes);
        for (std::size_t run = 0; run < slice.runs; ++run) {
          for (std::size_t byte = 0; byte < slice.run_bytes; ++byte) {
            ++covered.at(slice.offset + run * slice.stride + byte);
          }
        }
      }
      EXPECT_EQ(std::ranges::count(covered, 1), std::ssize(covered));
    }
  }
  EXPECT_EQ(slices_of(spec_of({1, 3, 224, 224}), 6).front().spec.shape, (std::vector<std::int64_t>{1, 3, 16, 224}));
  EXPECT_EQ(slices_of(spec_of({1, 2, 3}), 2).size(), 2U);
  EXPECT_EQ(slices_of(spec_of({1, 2, 3}), 3).size(), 1U);
}

TEST(Pieces, AreSmallAtBothEnds) {
  std::vector<std::int64_t> channels;
  for (const Slice& slice : slices_of(spec_of({1, 70, 7, 7}), 6)) channels.push_back(slice.spec.shape[1]);
  EXPECT_THAT(channels, ::testing::ElementsAre(5, 10, 20, 20, 10, 5));
  EXPECT_THAT(slices_of(spec_of({9}), 3).at(1).spec.shape, ::testing::ElementsAre(4));
}

class PieceStreams : public ::testing::TestWithParam<std::vector<std::int64_t>> {};

TEST_P(PieceStreams, TheEncodersPartsTogetherAreTheStream) {
  const TensorSpec spec = spec_of(GetParam());
  const auto values = noise(spec.elements());
  const auto data = std::as_bytes(std::span(values));
  for (const char* codec : {"tfc/3", "tfc-fast/3", "linear8/2", "tfc:4/3", "raw/2"}) {
    auto encoder = PieceEncoder::start(codec, spec, data).value();
    std::vector<std::byte> together;
    int parts = 0;
    for (; !encoder.done(); ++parts) {
      const auto part = encoder.next().value();
      EXPECT_FALSE(part.empty());
      together.insert(together.end(), part.begin(), part.end());
    }
    EXPECT_EQ(parts, pieced_codec(codec)->pieces) << codec;
    EXPECT_EQ(together, encode(codec, spec, data).value()) << codec;
    std::vector<float> decoded(values.size());
    ASSERT_THAT(decode(together, spec, std::as_writable_bytes(std::span(decoded))), IsOk());
    for (std::size_t i = 0; i < values.size(); ++i) EXPECT_NEAR(decoded[i], values[i], 0.2) << codec;
    for (const std::size_t size : {std::size_t{1}, std::size_t{33}, together.size()}) {
      std::vector<float> arrived(values.size());
      PieceDecoder decoder(spec, std::as_writable_bytes(std::span(arrived)));
      for (std::size_t at = 0; at < together.size(); at += size) {
        const auto left = std::span<const std::byte>(together).subspan(at);
        ASSERT_THAT(decoder.add(left.first(std::min(size, left.size()))), IsOk());
      }
      ASSERT_THAT(decoder.finish(), IsOk());
      EXPECT_EQ(arrived, decoded) << codec << " in parts of " << size;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(ByChannelsAndByRows, PieceStreams,
                         ::testing::Values(std::vector<std::int64_t>{1, 10, 6, 5},
                                           std::vector<std::int64_t>{1, 1, 20, 5},
                                           std::vector<std::int64_t>{2, 1, 13, 5}));

TEST(Pieces, EachIsQuantisedInItsOwnRange) {
  const TensorSpec spec = spec_of({1, 8, 5, 5});
  auto values = noise(spec.elements());
  const std::size_t last = slices_of(spec, 3).back().offset / sizeof(float);
  for (std::size_t i = last; i < values.size(); ++i) values[i] *= 100.0F;
  const auto coded = encode("tfc/3", spec, std::as_bytes(std::span(values))).value();
  std::vector<float> decoded(values.size());
  ASSERT_THAT(decode(coded, spec, std::as_writable_bytes(std::span(decoded))), IsOk());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const float step = (i < last ? 4.0F : 400.0F) / 255;
    EXPECT_NEAR(decoded[i], values[i], 0.51F * step) << i;
  }
}

TEST(Pieces, NamesAreACodecAndANumber) {
  EXPECT_EQ(pieced_codec("tfc:4@99.9/12")->codec, "tfc:4@99.9");
  for (const char* name : {"tfc", "tfc/", "tfc/1", "tfc/13", "tfc/4x", "zip/4", "jpeg/4", "tfc/2/2", "/4"}) {
    EXPECT_FALSE(pieced_codec(name)) << name;
    EXPECT_EQ(codes_tensors(name), std::string_view(name) == "tfc") << name;
  }
  const TensorSpec spec = spec_of({2});
  const std::vector<std::byte> data(spec.bytes());
  EXPECT_THAT(encode("tfc/99", spec, data), HasErrc(Errc::invalid_argument, HasSubstr("2 to 12 pieces")));
}

TEST(Pieces, RefusesWhatNoEncoderMakes) {
  const TensorSpec spec = spec_of({1, 3, 4});
  const auto values = noise(spec.elements());
  const auto data = std::as_bytes(std::span(values));
  const auto slices = slices_of(spec, 2);
  const auto first = encode(kTfc, slices[0].spec, data.first(slices[0].spec.bytes())).value();
  const auto second = encode(kTfc, slices[1].spec, data.subspan(slices[1].offset)).value();
  const auto nested = encode("raw/2", slices[1].spec, data.subspan(slices[1].offset)).value();
  std::vector<std::byte> out(spec.bytes());
  EXPECT_THAT(decode(pieces_with(spec, 2, {first, second}), spec, out), IsOk());
  EXPECT_THAT(decode(pieces_with(spec, 2, {first}), spec, out), HasErrc(Errc::data_loss, HasSubstr("end too soon")));
  EXPECT_THAT(decode(pieces_with(spec, 2, {first, second, second}), spec, out),
              HasErrc(Errc::data_loss, HasSubstr("left over")));
  EXPECT_THAT(decode(pieces_with(spec, 5, {first, second}), spec, out),
              HasErrc(Errc::data_loss, HasSubstr("more than the tensor can have")));
  EXPECT_THAT(decode(pieces_with(spec, 65, {first, second}), spec, out), HasErrc(Errc::data_loss, HasSubstr("number")));
  EXPECT_THAT(decode(pieces_with(spec, 2, {first, first}), spec, out), HasErrc(Errc::data_loss, HasSubstr("is due")));
  EXPECT_THAT(decode(pieces_with(spec, 2, {first, nested}), spec, out),
              HasErrc(Errc::data_loss, HasSubstr("in pieces itself")));
}

TEST(Pieces, ThatArriveAreRefusedAsSoonAsTheyAreWrong) {
  const TensorSpec spec = spec_of({1, 3, 4});
  const auto values = noise(spec.elements());
  const auto coded = encode("tfc/2", spec, std::as_bytes(std::span(values))).value();
  std::vector<std::byte> out(spec.bytes());
  const auto arrive = [&](std::span<const std::byte> bytes) -> Status {
    PieceDecoder decoder(spec, out);
    if (Status added = decoder.add(bytes); !added) return added;
    return decoder.finish();
  };
  EXPECT_THAT(arrive(coded), IsOk());
  for (std::size_t size = 0; size < coded.size(); ++size) {
    EXPECT_THAT(arrive(std::span(coded).first(size)), HasErrc(Errc::data_loss, HasSubstr(""))) << size;
  }
  auto longer = coded;
  longer.resize(longer.size() - kChecksumBytes);
  longer.push_back(std::byte{0});
  seal(longer);
  EXPECT_THAT(arrive(longer), HasErrc(Errc::data_loss, HasSubstr("left over")));
  PieceDecoder other(spec_of({1, 4, 3}), out);
  EXPECT_THAT(other.add(coded), HasErrc(Errc::invalid_argument, HasSubstr("is due")));
  auto damaged = coded;
  damaged[coded.size() - kChecksumBytes - 1] ^= std::byte{1};
  PieceDecoder last_is_damaged(spec, out);
  EXPECT_THAT(last_is_damaged.add(std::span(damaged).first(coded.size() - kChecksumBytes)),
              HasErrc(Errc::data_loss, HasSubstr("a piece")));
}

}  // namespace
}  // namespace tandem::codec
