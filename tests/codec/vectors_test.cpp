// Conformance: coded tensors in the repository that every decoder must decode to the same bytes, and that our encoder
// must come to again. With TANDEM_WRITE_VECTORS set the files are written instead: after a change of the format, on
// purpose.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <span>
#include <string>

#include "checksum.hpp"
#include "fuzz_decode.hpp"
#include "matchers.hpp"
#include "tandem/base/file.hpp"
#include "tandem/base/random.hpp"
#include "tandem/codec/codec.hpp"

namespace tandem::codec {
namespace {

using network::ElementType;
using network::TensorSpec;

struct Vector {
  const char* name;
  const char* codec;
  std::array<std::int64_t, 4> shape;
  bool rectified;
  std::uint32_t decoded;  // XXH32 of the decoded tensor
};

constexpr std::array kVectors{
#include "vectors/expected.inc"
};

std::string path_of(const Vector& vector) {
  return fmt::format("{}/{}.tn", TANDEM_VECTORS_DIR, vector.name);
}

// Random planes that are smooth and alike, of exact sums only, so that they are the same everywhere.
std::vector<float> tensor_of(const Vector& vector) {
  Random random(42);
  const auto channels = static_cast<std::size_t>(vector.shape[1]);
  const auto width = static_cast<std::size_t>(vector.shape[3]);
  const std::size_t plane = static_cast<std::size_t>(vector.shape[2]) * width;
  std::vector<float> values(channels * plane);
  for (std::size_t c = 0; c < channels; ++c) {
    for (std::size_t i = 0; i < plane; ++i) {
      const auto noise = static_cast<float>(static_cast<int>(random.below(64)) - 32) / 64.0F;
      const float left = i % width == 0 ? 0.0F : values[c * plane + i - 1];
      const float above = i < width ? 0.0F : values[c * plane + i - width];
      const float other = c == 0 ? 0.0F : values[(c - 1) * plane + i];
      const float value = (left + above) / 4.0F + other / 2.0F + noise;
      values[c * plane + i] = vector.rectified && value < 0 ? 0.0F : value;
    }
  }
  return values;
}

class Vectors : public ::testing::TestWithParam<Vector> {};

TEST_P(Vectors, AreCodedAndDecodedAsEver) {
  const TensorSpec spec{
      .name = "x", .type = ElementType::f32, .shape = {GetParam().shape.begin(), GetParam().shape.end()}};
  const auto values = tensor_of(GetParam());
  const auto coded = encode(GetParam().codec, spec, std::as_bytes(std::span(values))).value();
  std::vector<std::byte> decoded(spec.bytes());
  if (std::getenv("TANDEM_WRITE_VECTORS") != nullptr) {
    ASSERT_THAT(write_file(path_of(GetParam()), {reinterpret_cast<const char*>(coded.data()), coded.size()}), IsOk());
    ASSERT_THAT(decode(coded, spec, decoded), IsOk());
    fmt::print("{}: 0x{:08x}\n", GetParam().name, checksum(decoded));
    return;
  }
  const auto file = read_file(path_of(GetParam()));
  ASSERT_THAT(file, IsOk());
  const auto bytes = std::as_bytes(std::span(*file));
  ASSERT_THAT(decode(bytes, spec, decoded), IsOk());
  EXPECT_EQ(checksum(decoded), GetParam().decoded);
  // What libraries of others write may change with them.
  const std::string_view codec = GetParam().codec;
  if (codec == kJointDnn || codec == kBottleNet || codec == kLinear8) return;
  EXPECT_TRUE(std::ranges::equal(coded, bytes)) << coded.size() << " bytes, " << bytes.size() << " in the file";
}

TEST_P(Vectors, AsACorpusHarmNobody) {
  if (std::getenv("TANDEM_WRITE_VECTORS") != nullptr) GTEST_SKIP() << "the vectors are being written";
  const auto file = read_file(path_of(GetParam()));
  ASSERT_THAT(file, IsOk());
  // Without the checksum, which the target makes.
  std::vector<std::byte> bytes(file->size() - 4);
  std::ranges::transform(file->begin(), file->end() - 4, bytes.begin(),
                         [](char c) { return static_cast<std::byte>(c); });
  decode_any_bytes(bytes);
  Random random(1);
  for (int i = 0; i < 40; ++i) {
    auto damaged = bytes;
    for (std::uint64_t k = 0; k < 1 + random.below(6); ++k)
      damaged[random.below(damaged.size())] = static_cast<std::byte>(random.next());
    if (random.below(4) == 0) damaged.resize(random.below(damaged.size()));
    decode_any_bytes(damaged);
  }
}

INSTANTIATE_TEST_SUITE_P(All, Vectors, ::testing::ValuesIn(kVectors),
                         [](const auto& tested) { return std::string(tested.param.name); });

// Bytes that a fuzzer found, without the checksum: each once did harm.
TEST(Hostile, WhatDidHarmDoesSoNoMore) {
  const std::filesystem::path folder = std::filesystem::path(TANDEM_VECTORS_DIR).parent_path() / "hostile";
  int found = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const auto file = read_file(entry.path());
    ASSERT_THAT(file, IsOk());
    decode_any_bytes(std::as_bytes(std::span(*file)));
    ++found;
  }
  EXPECT_GT(found, 0);
}

}  // namespace
}  // namespace tandem::codec
