// The container: round trips, and what hostile bytes meet.
#include "tandem/codec/codec.hpp"

#include <gmock/gmock.h>
#include <zstd.h>

#include <rapidcheck/gtest.h>
#include <cstring>
#include <limits>

#include "matchers.hpp"
#include "tandem/base/random.hpp"

namespace tandem::codec {
namespace {

using network::ElementType;
using network::TensorSpec;
using ::testing::HasSubstr;

const TensorSpec kSpec{.name = "x", .type = ElementType::f32, .shape = {2, 3, 5}};

std::vector<std::byte> random_bytes(std::size_t count, std::uint64_t seed) {
  Random random(seed);
  std::vector<std::byte> bytes(count);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(random.next());
  return bytes;
}

std::vector<std::byte> sample(std::string_view codec, std::uint64_t seed = 1) {
  Random random(seed);
  std::vector<float> values(kSpec.elements());
  for (float& value : values) value = static_cast<float>(random.uniform(-1, 1));
  return encode(codec, kSpec, std::as_bytes(std::span(values))).value();
}

template <class T>
std::vector<std::byte> with(std::vector<std::byte> bytes, std::size_t offset, T value) {
  std::memcpy(bytes.data() + offset, &value, sizeof value);
  return bytes;
}

// Whatever the bytes: an answer in bounded memory, and the same one from the header alone where that is damaged.
void decode_any(std::span<const std::byte> bytes) {
  const auto header = read_header(bytes);
  std::vector<std::byte> out(kSpec.bytes());
  const Status status = decode(bytes, kSpec, out);
  if (!header) {
    EXPECT_THAT(status, HasErrc(Errc::data_loss, HasSubstr("not a coded tensor")));
    return;
  }
  EXPECT_LE(header->spec.bytes(), kMaxTensorBytes);
  if (!status) {
    EXPECT_TRUE(status.error().code == Errc::data_loss || status.error().code == Errc::invalid_argument);
    EXPECT_FALSE(status.error().message.empty());
  }
}

TEST(Codec, RawKeepsEveryBit) {
  for (const ElementType type : {ElementType::f32, ElementType::f16, ElementType::u8, ElementType::i64}) {
    const TensorSpec spec{.name = "x", .type = type, .shape = {4, 7}};
    const auto data = random_bytes(spec.bytes(), 5);
    const auto coded = encode(kRaw, spec, data).value();
    std::vector<std::byte> decoded(data.size());
    ASSERT_THAT(decode(coded, spec, decoded), IsOk());
    EXPECT_EQ(decoded, data);
  }
}

TEST(Codec, HeaderSaysWhatIsInside) {
  for (const auto codec : {kRaw, kLinear8}) {
    const auto header = read_header(sample(codec));
    ASSERT_THAT(header, IsOk());
    EXPECT_EQ(header->codec, codec);
    EXPECT_EQ(header->spec.type, kSpec.type);
    EXPECT_EQ(header->spec.shape, kSpec.shape);
  }
}

TEST(Codec, CarriesScalarsAndEmptyTensors) {
  for (const auto codec : {kRaw, kLinear8}) {
    for (const auto& shape : {std::vector<std::int64_t>{}, std::vector<std::int64_t>{0}, {3, 0, 5}}) {
      const TensorSpec spec{.name = "x", .type = ElementType::f32, .shape = shape};
      const auto data = random_bytes(spec.bytes(), 6);
      const auto coded = encode(codec, spec, data);
      ASSERT_THAT(coded, IsOk());
      std::vector<std::byte> decoded(spec.bytes());
      EXPECT_THAT(decode(*coded, spec, decoded), IsOk());
    }
  }
}

TEST(Codec, RefusesCodecsItDoesNotHave) {
  const std::vector<std::byte> data(kSpec.bytes());
  EXPECT_THAT(encode("zip", kSpec, data), HasErrc(Errc::invalid_argument, HasSubstr("unknown codec 'zip'")));
  EXPECT_THAT(encode(kJpeg, kSpec, data), HasErrc(Errc::invalid_argument, HasSubstr("codes an image")));
}

TEST(Codec, RefusesATensorOfAnotherShapeOrType) {
  const auto coded = sample(kLinear8);
  std::vector<std::byte> out(kSpec.bytes());
  EXPECT_THAT(decode(coded, {.name = "x", .type = ElementType::f32, .shape = {2, 15}}, out),
              HasErrc(Errc::invalid_argument, HasSubstr("f32[2,3,5]")));
  EXPECT_THAT(decode(coded, {.name = "x", .type = ElementType::i32, .shape = {2, 3, 5}}, out),
              HasErrc(Errc::invalid_argument, HasSubstr("is due")));
  out.pop_back();
  EXPECT_THAT(decode(coded, kSpec, out), HasErrc(Errc::invalid_argument, HasSubstr("room for")));
}

TEST(Codec, RefusesEveryTruncation) {
  for (const auto codec : {kRaw, kLinear8}) {
    const auto coded = sample(codec);
    std::vector<std::byte> out(kSpec.bytes());
    for (std::size_t length = 0; length < coded.size(); ++length) {
      EXPECT_THAT(decode(std::span(coded).first(length), kSpec, out),
                  HasErrc(Errc::data_loss, HasSubstr("not a coded")));
    }
    auto longer = coded;
    longer.push_back(std::byte{0});
    EXPECT_THAT(decode(longer, kSpec, out), HasErrc(Errc::data_loss, HasSubstr("payload")));
  }
}

TEST(Codec, RefusesHostileHeaders) {
  const auto coded = sample(kLinear8);
  EXPECT_THAT(read_header(with<char>(coded, 0, 'X')), HasErrc(Errc::data_loss, HasSubstr("TNDM")));
  EXPECT_THAT(read_header(with<std::uint8_t>(coded, 4, 2)), HasErrc(Errc::data_loss, HasSubstr("version 2")));
  EXPECT_THAT(read_header(with<std::uint8_t>(coded, 5, 99)), HasErrc(Errc::data_loss, HasSubstr("codec number 99")));
  EXPECT_THAT(read_header(with<std::uint8_t>(coded, 6, 99)), HasErrc(Errc::data_loss, HasSubstr("type number 99")));
  EXPECT_THAT(read_header(with<std::uint8_t>(coded, 7, 255)), HasErrc(Errc::data_loss, HasSubstr("255 dimensions")));
  EXPECT_THAT(read_header(with<std::int64_t>(coded, 8, -1)), HasErrc(Errc::data_loss, HasSubstr("negative")));
  EXPECT_THAT(read_header(with(coded, 8, std::numeric_limits<std::int64_t>::max())),
              HasErrc(Errc::data_loss, HasSubstr("over")));
  EXPECT_THAT(read_header(with<std::int64_t>(coded, 8, 1 << 29)), HasErrc(Errc::data_loss, HasSubstr("over")));
}

TEST(Codec, NeverInflatesBeyondTheTensor) {
  // A zstd frame of a few bytes that holds a hundred megabytes of zeros, in a container that claims thirty floats.
  const std::vector<std::byte> zeros(100U << 20U);
  std::vector<std::byte> bomb(ZSTD_compressBound(zeros.size()));
  bomb.resize(ZSTD_compress(bomb.data(), bomb.size(), zeros.data(), zeros.size(), 1));
  auto coded = sample(kLinear8);
  const std::size_t payload_at = 8 + 3 * 8 + 2 + 11 + 8;
  coded.resize(payload_at);
  coded = with<std::uint64_t>(coded, payload_at - 8, bomb.size());
  coded.insert(coded.end(), bomb.begin(), bomb.end());
  std::vector<std::byte> out(kSpec.bytes());
  EXPECT_THAT(decode(coded, kSpec, out), HasErrc(Errc::data_loss, HasSubstr("holds 104857600 bytes, 30 are due")));
}

RC_GTEST_PROP(Codec, SurvivesFlippedBits, (std::uint64_t seed)) {
  for (const auto codec : {kRaw, kLinear8}) {
    auto coded = sample(codec, seed);
    const auto flips = *rc::gen::inRange(1, 6);
    for (int i = 0; i < flips; ++i) {
      const auto bit = *rc::gen::inRange<std::size_t>(0, coded.size() * 8);
      coded[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
    }
    decode_any(coded);
  }
}

RC_GTEST_PROP(Codec, SurvivesAnyBytesBehindAGoodBeginning, (std::uint64_t seed)) {
  const auto coded = sample(kLinear8);
  auto bytes = random_bytes(*rc::gen::inRange<std::size_t>(0, 200), seed);
  const auto kept = std::min(*rc::gen::inRange<std::size_t>(0, coded.size()), bytes.size());
  std::copy_n(coded.begin(), kept, bytes.begin());
  decode_any(bytes);
}

}  // namespace
}  // namespace tandem::codec
