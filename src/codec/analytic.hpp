// Tables of symbols that a few bits describe: a bell around the prediction, and how often code 0 occurs.
//
// The weight of an error of d eighths of a code is (a / (a + d^2))^m: m says how heavy the tails are (a Student's t
// distribution of 2 m - 1 degrees of freedom), a how wide the bell is. All in integers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "frequencies.hpp"

namespace tandem::codec {

inline constexpr unsigned kEvenOdds = 32;

struct Bell {
  unsigned tails = 0;  // 0 to 3: m is 1, 2, 3, 6
  unsigned width = 0;  // 0 to 63: the square root of a, a quarter of an octave a step
  unsigned zeros = 0;  // 0 to 63: odds of code 0, half an octave a step, even at kEvenOdds; only with a zero symbol

  bool operator==(const Bell&) const = default;
};

// `phase`: of contexts.hpp, where between two codes the prediction lies; `phases` 1 where that is not known.
struct BellPlace {
  unsigned levels = 256;
  bool zero_symbol = false;
  std::size_t phase = 0;
  std::size_t phases = 1;
};

Weights weights_of(const Bell& bell, const BellPlace& place);

// The bell that codes the counts in about the fewest bits. Precondition: some count is not zero.
Bell bell_of(std::span<const std::uint32_t> counts, const BellPlace& place);

}  // namespace tandem::codec
