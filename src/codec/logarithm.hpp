// Logarithms to base two in integers: costs of symbols that are the same on every machine.
#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace tandem::codec {

// 1/256 bits.
using BitCost = std::int64_t;
inline constexpr unsigned kCostBits = 8;

// 256 * log2(value), rounded down to what a squaring at a time gives. Precondition: value > 0.
constexpr BitCost slow_log2(std::uint64_t value) {
  const unsigned whole = static_cast<unsigned>(std::bit_width(value)) - 1;
  std::uint64_t mantissa = whole > 31 ? value >> (whole - 31) : value << (31 - whole);  // 1.31
  BitCost result = whole;
  for (unsigned i = 0; i < kCostBits; ++i) {
    mantissa = (mantissa * mantissa) >> 31U;
    result <<= 1U;
    if (mantissa >= std::uint64_t{1} << 32U) {
      result |= 1;
      mantissa >>= 1U;
    }
  }
  return result;
}

inline constexpr std::size_t kLogTableSize = 4097;
inline constexpr std::array<std::uint16_t, kLogTableSize> kLogTable = [] {
  std::array<std::uint16_t, kLogTableSize> table{};
  for (std::size_t i = 1; i < table.size(); ++i) table[i] = static_cast<std::uint16_t>(slow_log2(i));
  return table;
}();

constexpr BitCost log2_cost(std::uint64_t value) {
  if (value < kLogTableSize) return kLogTable[value];
  const unsigned dropped = static_cast<unsigned>(std::bit_width(value)) - 12;
  return kLogTable[value >> dropped] + (static_cast<BitCost>(dropped) << kCostBits);
}

}  // namespace tandem::codec
