#include "frequencies.hpp"

#include <gmock/gmock.h>

#include <rapidcheck/gtest.h>
#include <numeric>

#include "tandem/base/random.hpp"

namespace tandem::codec {
namespace {

void expect_usable(const Frequencies& frequencies) {
  std::uint32_t sum = 0;
  for (const std::uint16_t frequency : frequencies) {
    EXPECT_LT(frequency, kScale);
    sum += frequency;
  }
  EXPECT_EQ(sum, kScale);
}

RC_GTEST_PROP(Frequencies, SurviveTheTripAndCoverWhatOccurs, (std::uint64_t seed)) {
  Random random(seed);
  const std::size_t symbols = 2 + random.below(255);
  std::vector<std::uint32_t> counts(symbols);
  for (auto& count : counts)
    count = random.below(3) == 0 ? 0 : static_cast<std::uint32_t>(random.below(1U << random.below(20)));
  if (std::accumulate(counts.begin(), counts.end(), 0U) == 0) counts[0] = 1;
  const Weights weights = weights_of(counts);
  std::vector<std::byte> bytes;
  BitWriter writer(bytes);
  write_weights(weights, symbols, writer);
  writer.flush();
  RC_ASSERT(bytes.size() == (weight_bits(weights, symbols) + 7) / 8);
  BitReader reader(bytes);
  const Weights back = read_weights(symbols, reader);
  RC_ASSERT(back == weights);
  RC_ASSERT(!reader.overrun());
  const Frequencies frequencies = scale(back);
  expect_usable(frequencies);
  for (std::size_t i = 0; i < symbols; ++i) RC_ASSERT((counts[i] == 0) || (frequencies[i] > 0));
}

RC_GTEST_PROP(Frequencies, AnyBitsGiveAUsableTable, (std::uint64_t seed)) {
  Random random(seed);
  std::vector<std::byte> bytes(random.below(200));
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(random.next());
  BitReader reader(bytes);
  expect_usable(scale(read_weights(256, reader)));
}

TEST(Frequencies, OneSymbolAloneLeavesAPartToAnother) {
  for (const std::size_t only : {std::size_t{0}, std::size_t{7}}) {
    Weights weights{};
    weights[only] = 5;
    const Frequencies frequencies = scale(weights);
    expect_usable(frequencies);
    EXPECT_EQ(frequencies[only], kScale - 1);
  }
  expect_usable(scale(Weights{}));
}

}  // namespace
}  // namespace tandem::codec
