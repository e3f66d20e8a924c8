// Which of the next words goes to which lane: by a byte of eight bits that say which lanes take one. And which lane
// gives which word, the last lane first: by the lanes that give one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace tandem::codec {

inline constexpr std::size_t kReadAhead = 16;  // words that a vector may read beyond the last

struct alignas(8) LaneOrder : std::array<std::uint8_t, 8> {};

inline constexpr std::array<LaneOrder, 256> kWordOrder = [] {
  std::array<LaneOrder, 256> orders{};
  for (std::size_t bits = 0; bits < orders.size(); ++bits) {
    std::uint8_t next = 0;
    for (std::size_t lane = 0; lane < 8; ++lane) {
      // Of lanes that take none any word will do.
      orders[bits][lane] = (bits >> lane & 1U) != 0 ? next++ : std::uint8_t{0};
    }
  }
  return orders;
}();

inline constexpr std::array<LaneOrder, 256> kLastFirst = [] {
  std::array<LaneOrder, 256> orders{};
  for (std::size_t bits = 0; bits < orders.size(); ++bits) {
    std::size_t next = 0;
    for (std::size_t lane = 8; lane-- > 0;) {
      if ((bits >> lane & 1U) != 0) orders[bits][next++] = static_cast<std::uint8_t>(lane);
    }
  }
  return orders;
}();

inline constexpr std::array<std::uint8_t, 256> kWordCount = [] {
  std::array<std::uint8_t, 256> counts{};
  for (std::size_t bits = 0; bits < counts.size(); ++bits) {
    for (std::size_t lane = 0; lane < 8; ++lane)
      counts[bits] = static_cast<std::uint8_t>(counts[bits] + (bits >> lane & 1U));
  }
  return counts;
}();

}  // namespace tandem::codec
