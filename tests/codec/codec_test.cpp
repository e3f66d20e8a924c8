// The container: round trips, and what hostile bytes meet.
#include "tandem/codec/codec.hpp"

#include <gmock/gmock.h>
#include <zstd.h>

#include <rapidcheck/gtest.h>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>

#include "container.hpp"
#include "features.hpp"
#include "matchers.hpp"
#include "tandem/base/random.hpp"

namespace tandem::codec {
namespace {

using network::ElementType;
using network::TensorSpec;
using ::testing::HasSubstr;

constexpr std::array<std::string_view, 8> kTensorCodecs{kRaw,      kLinear8,   kTfcFast, kTfc,
                                                        kJointDnn, kButterfly, "raw/2",  "tfc/2"};

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

// With the checksum that belongs to the bytes: damage that only a hostile peer can make.
std::vector<std::byte> sealed(std::vector<std::byte> coded) {
  coded.resize(coded.size() - sizeof(std::uint32_t));
  seal(coded);
  return coded;
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

TEST(Codec, BottlenetComesBackNearWhatItWasInFewBytes) {
  const TensorSpec spec{.name = "x", .type = ElementType::f32, .shape = {1, 6, 24, 20}};
  Random random(4);
  std::vector<float> values(spec.elements());
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = 2 + std::sin(static_cast<float>(i % 20) / 6) + std::cos(static_cast<float>(i / 20 % 24) / 7);
    values[i] += static_cast<float>(random.uniform(-0.1, 0.1));
  }
  const auto data = std::as_bytes(std::span(values));
  const auto coded = encode(kBottleNet, spec, data).value();
  EXPECT_LT(coded.size(), encode(kJointDnn, spec, data).value().size() / 2);
  std::vector<float> back(values.size());
  ASSERT_THAT(decode(coded, spec, std::as_writable_bytes(std::span(back))), IsOk());
  double squares = 0;
  for (std::size_t i = 0; i < values.size(); ++i) squares += std::pow(back[i] - values[i], 2);
  EXPECT_LT(std::sqrt(squares / static_cast<double>(values.size())), 0.15);
  EXPECT_THAT(encode("bottlenet:4", spec, data), HasErrc(Errc::invalid_argument, HasSubstr("8 bits")));
}

TEST(Codec, BottlenetLosesNothingOfIntegers) {
  const TensorSpec spec{.name = "x", .type = ElementType::i32, .shape = {2, 5, 7}};
  const auto data = random_bytes(spec.bytes(), 3);
  std::vector<std::byte> back(data.size());
  ASSERT_THAT(decode(encode(kBottleNet, spec, data).value(), spec, back), IsOk());
  EXPECT_EQ(back, data);
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
  for (const auto codec : kTensorCodecs) {
    const auto header = read_header(sample(codec));
    ASSERT_THAT(header, IsOk());
    EXPECT_EQ(header->codec, name_in_header(codec));
    EXPECT_EQ(header->spec.type, kSpec.type);
    EXPECT_EQ(header->spec.shape, kSpec.shape);
  }
}

TEST(Codec, CarriesScalarsAndEmptyTensors) {
  for (const auto codec : kTensorCodecs) {
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
  for (const auto codec : kTensorCodecs) {
    const auto coded = sample(codec);
    std::vector<std::byte> out(kSpec.bytes());
    for (std::size_t length = 0; length < coded.size(); ++length) {
      EXPECT_THAT(decode(std::span(coded).first(length), kSpec, out),
                  HasErrc(Errc::data_loss, HasSubstr("not a coded")));
    }
    auto longer = coded;
    longer.push_back(std::byte{0});
    EXPECT_THAT(decode(longer, kSpec, out), HasErrc(Errc::data_loss, HasSubstr("checksum")));
  }
}

TEST(Codec, RefusesEveryTruncationEvenWithAChecksumThatFits) {
  for (const auto codec : kTensorCodecs) {
    if (codec == kJointDnn) continue;  // a PNG file ends with bytes that libspng does not miss
    const auto coded = sample(codec);
    std::vector<std::byte> out(kSpec.bytes());
    for (std::size_t length = 4; length < coded.size(); ++length) {
      EXPECT_THAT(decode(sealed({coded.begin(), coded.begin() + static_cast<std::ptrdiff_t>(length)}), kSpec, out),
                  HasErrc(Errc::data_loss, HasSubstr("coded tensor")));
    }
  }
}

TEST(Codec, RefusesHostileHeaders) {
  const auto coded = sample(kLinear8);
  const auto read = [](std::vector<std::byte> bytes) { return read_header(sealed(std::move(bytes))); };
  EXPECT_THAT(read(with<char>(coded, 0, 'X')), HasErrc(Errc::data_loss, HasSubstr("'TN'")));
  EXPECT_THAT(read(with<std::uint8_t>(coded, 2, 1)), HasErrc(Errc::data_loss, HasSubstr("version 1")));
  EXPECT_THAT(read(with<std::uint8_t>(coded, 3, 99)), HasErrc(Errc::data_loss, HasSubstr("codec number 99")));
  EXPECT_THAT(read(with<std::uint8_t>(coded, 4, 0x3f)), HasErrc(Errc::data_loss, HasSubstr("type number 15")));
  EXPECT_THAT(read(with<std::uint8_t>(coded, 4, 0xf0)), HasErrc(Errc::data_loss, HasSubstr("15 dimensions")));
  // A dimension without an end, and one of 2^56: nothing is allocated for either.
  EXPECT_THAT(read(with<std::array<std::uint8_t, 10>>(coded, 5, {255, 255, 255, 255, 255, 255, 255, 255, 255, 255})),
              HasErrc(Errc::data_loss, HasSubstr("dimensions")));
  EXPECT_THAT(read(with<std::array<std::uint8_t, 9>>(coded, 5, {128, 128, 128, 128, 128, 128, 128, 128, 1})),
              HasErrc(Errc::data_loss, HasSubstr("over")));
}

TEST(Codec, NoticesEveryFlippedBit) {
  for (const auto codec : kTensorCodecs) {
    const auto coded = sample(codec);
    for (std::size_t bit = 0; bit < coded.size() * 8; ++bit) {
      auto flipped = coded;
      flipped[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
      EXPECT_THAT(read_header(flipped), HasErrc(Errc::data_loss, HasSubstr("")));
    }
  }
}

TEST(Codec, NeverInflatesBeyondTheTensor) {
  // A zstd frame of a few bytes that holds a hundred megabytes of zeros, in a container that claims thirty floats.
  const std::vector<std::byte> zeros(100U << 20U);
  std::vector<std::byte> bomb(ZSTD_compressBound(zeros.size()));
  bomb.resize(ZSTD_compress(bomb.data(), bomb.size(), zeros.data(), zeros.size(), 1));
  auto coded = sample(kLinear8);
  const std::size_t payload_at = 5 + 3 + 1 + 11;
  coded.resize(payload_at);
  coded.insert(coded.end(), bomb.begin(), bomb.end());
  seal(coded);
  std::vector<std::byte> out(kSpec.bytes());
  EXPECT_THAT(decode(coded, kSpec, out), HasErrc(Errc::data_loss, HasSubstr("holds 104857600 bytes, 30 are due")));
}

TEST(Codec, AHundredBytesCannotClaimAGigabyte) {
  const TensorSpec huge{.name = "x", .type = ElementType::u8, .shape = {1 << 10, 1 << 10, 1 << 10}};
  for (const int mode : {0, 1, 2, 3}) {
    std::vector<std::byte> coded = container_head(kTfc, huge, std::array{std::byte{0}});
    coded.resize(100, static_cast<std::byte>(mode));
    coded[9 + 7] = static_cast<std::byte>(mode);
    seal(coded);
    // Room that is never touched costs no memory.
    std::vector<std::byte> out;
    ASSERT_THAT(read_header(coded), IsOk());
    EXPECT_THAT(decode(coded, huge, out), HasErrc(Errc::invalid_argument, HasSubstr("room for 0 bytes")));
    const auto container = read_container(coded).value();
    EXPECT_THAT(decode_features(container, out), HasErrc(Errc::data_loss, HasSubstr("cannot hold 1073741824")));
  }
}

RC_GTEST_PROP(Codec, SurvivesFlippedBits, (std::uint64_t seed)) {
  for (const auto codec : kTensorCodecs) {
    auto coded = sample(codec, seed);
    const auto flips = *rc::gen::inRange(1, 6);
    for (int i = 0; i < flips; ++i) {
      const auto bit = *rc::gen::inRange<std::size_t>(0, coded.size() * 8);
      coded[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
    }
    decode_any(coded);
    decode_any(sealed(coded));
  }
}

RC_GTEST_PROP(Codec, SurvivesAnyBytesBehindAGoodBeginning, (std::uint64_t seed)) {
  const auto coded = sample(kTensorCodecs[seed % kTensorCodecs.size()]);
  auto bytes = random_bytes(*rc::gen::inRange<std::size_t>(0, 200), seed);
  const auto kept = std::min(*rc::gen::inRange<std::size_t>(0, coded.size()), bytes.size());
  std::copy_n(coded.begin(), kept, bytes.begin());
  decode_any(bytes);
  if (bytes.size() > 4) decode_any(sealed(bytes));
}

}  // namespace
}  // namespace tandem::codec
