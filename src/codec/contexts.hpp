// From a prediction and the errors around it to the context of a code, and from the code to its symbol: the scalar
// definition. predict.cpp and lanes.cpp do the same in vectors.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

#include "model.hpp"

namespace tandem::codec {

// How codes and values relate for a number of levels.
struct Scale {
  int levels = 256;
  int shift = 4;  // value = code << shift

  explicit Scale(unsigned level_count)
      : levels(static_cast<int>(level_count)),
        shift(static_cast<int>(kValueBits) - static_cast<int>(std::bit_width(level_count - 1))) {}
  [[nodiscard]] int largest() const { return (levels - 1) << shift; }
  [[nodiscard]] int half() const { return 1 << (shift - 1); }
};

// Four an octave: 4 log2(value), rounded down. Precondition: 1 <= value < 4096.
constexpr int level_of(int value) {
  const int octave = std::bit_width(static_cast<unsigned>(value)) - 1;
  return 4 * octave + (((value << 2) >> octave) & 3);
}

inline constexpr int kMostActivity = (1 << kValueBits) - 1;

// `activity` in 1 / 2^kActivityBits.
inline int context_of(int prediction, int activity, const Scale& scale, bool zero_symbol) {
  const int level = level_of(std::clamp(activity >> kActivityBits, 1, kMostActivity));
  const int distance = level_of(std::max(prediction, 1)) - level;
  const int zero = zero_symbol ? std::clamp((distance + 10) >> 2, 0, static_cast<int>(kZeroDistances) - 1) : 0;
  const int within = (prediction + scale.half()) & ((1 << scale.shift) - 1);
  // Where errors are larger than a few codes, it does not matter where between two codes the prediction lies.
  const int phase = level < 4 * scale.shift + 6 ? within >> (scale.shift - 2) : 0;
  return (level * static_cast<int>(kZeroDistances) + zero) * static_cast<int>(kPhases) + phase;
}

// The code next to the prediction.
inline int nearest_code(int prediction, const Scale& scale) {
  return std::min((prediction + scale.half()) >> scale.shift, scale.levels - 1);
}

inline int symbol_of(int code, int nearest, const Scale& scale, bool zero_symbol) {
  if (!zero_symbol) return code - nearest + (code < nearest ? scale.levels : 0);
  if (code == 0) return 0;
  const int difference = code - std::max(nearest, 1);
  return 1 + difference + (difference < 0 ? scale.levels - 1 : 0);
}

inline int code_of(int symbol, int nearest, const Scale& scale, bool zero_symbol) {
  if (!zero_symbol) {
    const int code = nearest + symbol;
    return code >= scale.levels ? code - scale.levels : code;
  }
  if (symbol == 0) return 0;
  const int code = std::max(nearest, 1) + symbol - 1;
  return code >= scale.levels ? code - (scale.levels - 1) : code;
}

}  // namespace tandem::codec
