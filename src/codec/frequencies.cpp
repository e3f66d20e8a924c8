#include "frequencies.hpp"

#include <algorithm>
#include <bit>
#include <numeric>

namespace tandem::codec {
namespace {

constexpr unsigned kClassBits = 4;
constexpr unsigned kMantissaBits = 2;

unsigned class_of(std::uint32_t weight) {
  return static_cast<unsigned>(std::bit_width(weight));
}

unsigned mantissa_bits(unsigned weight_class) {
  return weight_class < 2 ? 0 : std::min(weight_class - 1, kMantissaBits);
}

// To three significant bits, to nearest.
std::uint16_t rounded(std::uint32_t weight) {
  const unsigned width = class_of(weight);
  if (width <= kMantissaBits + 1) return static_cast<std::uint16_t>(weight);
  const unsigned dropped = width - kMantissaBits - 1;
  const std::uint32_t up = weight + (1U << (dropped - 1));
  return static_cast<std::uint16_t>(std::min(up >> dropped << dropped, (7U << (kMaxWeightClass - 3))));
}

// The class as a step from the one before: 0 -> "0", +-1 -> "1 0 sign", else "1 1" and the class itself.
void write_class(unsigned before, unsigned now, BitWriter& bits) {
  if (now == before) {
    bits.write(0, 1);
  } else if (now == before + 1 || now + 1 == before) {
    bits.write(now > before ? 0b001 : 0b101, 3);
  } else {
    bits.write(0b11, 2);
    bits.write(now, kClassBits);
  }
}

unsigned class_cost(unsigned before, unsigned now) {
  if (now == before) return 1;
  return now == before + 1 || now + 1 == before ? 3 : 2 + kClassBits;
}

unsigned read_class(unsigned before, BitReader& bits) {
  if (bits.read(1) == 0) return before;
  if (bits.read(1) == 1) return std::min(bits.read(kClassBits), kMaxWeightClass);
  if (bits.read(1) == 0) return std::min(before + 1, kMaxWeightClass);
  return before == 0 ? 0 : before - 1;
}

}  // namespace

Weights weights_of(std::span<const std::uint32_t> counts) {
  const std::uint64_t total = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
  Weights weights{};
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] == 0) continue;
    const auto share = static_cast<std::uint32_t>((counts[i] * std::uint64_t{kScale} + total / 2) / total);
    weights[i] = rounded(std::max(share, 1U));
  }
  return weights;
}

void write_weights(const Weights& weights, std::size_t symbols, BitWriter& bits) {
  unsigned before = 0;
  for (std::size_t i = 0; i < symbols; ++i) {
    const unsigned now = class_of(weights[i]);
    write_class(before, now, bits);
    const unsigned below = mantissa_bits(now);
    if (below > 0) bits.write((weights[i] >> (now - 1 - below)) & ((1U << below) - 1), below);
    before = now;
  }
}

std::size_t weight_bits(const Weights& weights, std::size_t symbols) {
  std::size_t cost = 0;
  unsigned before = 0;
  for (std::size_t i = 0; i < symbols; ++i) {
    const unsigned now = class_of(weights[i]);
    cost += class_cost(before, now) + mantissa_bits(now);
    before = now;
  }
  return cost;
}

Weights read_weights(std::size_t symbols, BitReader& bits) {
  Weights weights{};
  unsigned before = 0;
  for (std::size_t i = 0; i < symbols; ++i) {
    const unsigned now = read_class(before, bits);
    const unsigned below = mantissa_bits(now);
    const std::uint32_t leading = now == 0 ? 0 : (1U << below | bits.read(below));
    weights[i] = static_cast<std::uint16_t>(now == 0 ? 0 : leading << (now - 1 - below));
    before = now;
  }
  return weights;
}

Frequencies scale(const Weights& weights) {
  Weights usable = weights;
  const auto occurs = [](std::uint16_t weight) { return weight != 0; };
  if (std::ranges::count_if(usable, occurs) < 2) {
    // One symbol may take all but one part of the scale; which other symbol gets that part does not matter.
    const auto only = static_cast<std::size_t>(std::ranges::find_if(usable, occurs) - usable.begin()) % kMaxSymbols;
    usable[only] = kScale - 1;
    usable[only == 0 ? 1 : 0] = 1;
  }
  const std::uint32_t total = std::accumulate(usable.begin(), usable.end(), std::uint32_t{0});
  Frequencies frequencies{};
  std::uint32_t given = 0;
  for (std::size_t i = 0; i < usable.size(); ++i) {
    if (usable[i] == 0) continue;
    frequencies[i] = static_cast<std::uint16_t>(std::max(usable[i] * kScale / total, 1U));
    given += frequencies[i];
  }
  // What rounding left over or took too much goes to or comes from the most frequent.
  while (given != kScale) {
    auto& most = *std::ranges::max_element(frequencies);
    const std::uint32_t change = given < kScale ? kScale - given : std::min(given - kScale, most / 2U);
    most = static_cast<std::uint16_t>(given < kScale ? most + change : most - change);
    given = given < kScale ? kScale : given - change;
  }
  return frequencies;
}

}  // namespace tandem::codec
