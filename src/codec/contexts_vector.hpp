// contexts.hpp in vectors of eight codes, 32 bits each. Included by files that are compiled once for each kind of
// processor, so it is not guarded in the usual way.
#if defined(TANDEM_CODEC_CONTEXTS_VECTOR) == defined(HWY_TARGET_TOGGLE)
#ifdef TANDEM_CODEC_CONTEXTS_VECTOR
#undef TANDEM_CODEC_CONTEXTS_VECTOR
#else
#define TANDEM_CODEC_CONTEXTS_VECTOR
#endif

#include <cstdint>

#include "contexts.hpp"

HWY_BEFORE_NAMESPACE();
namespace tandem::codec::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Integers = hn::CappedTag<std::int32_t, 8>;
using IntegerVector = hn::Vec<Integers>;

HWY_INLINE IntegerVector constant(int value) {
  return hn::Set(Integers(), value);
}

HWY_INLINE IntegerVector clamped(IntegerVector value, int least, int most) {
  return hn::Min(hn::Max(value, constant(least)), constant(most));
}

HWY_INLINE IntegerVector vector_level_of(IntegerVector value) {
  // The exponent and the first two bits of the mantissa of the same number as a float, which is exact below 2^24.
  const hn::RebindToFloat<Integers> df;
  const auto bits = hn::BitCast(Integers(), hn::ConvertTo(df, value));
  return hn::Sub(hn::ShiftRight<21>(bits), constant(127 * 4));
}

HWY_INLINE IntegerVector vector_context_of(IntegerVector prediction, IntegerVector activity, const Scale& scale,
                                           bool zero_symbol) {
  const auto level = vector_level_of(clamped(hn::ShiftRight<kActivityBits>(activity), 1, kMostActivity));
  auto zero = constant(0);
  if (zero_symbol) {
    const auto distance = hn::Sub(vector_level_of(hn::Max(prediction, constant(1))), level);
    zero = clamped(hn::ShiftRight<2>(hn::Add(distance, constant(10))), 0, static_cast<int>(kZeroDistances) - 1);
  }
  const auto within = hn::And(hn::Add(prediction, constant(scale.half())), constant((1 << scale.shift) - 1));
  const auto phase =
      hn::IfThenElseZero(hn::Lt(level, constant(4 * scale.shift + 6)), hn::ShiftRightSame(within, scale.shift - 2));
  static_assert(kZeroDistances == 8 && kPhases == 4);
  return hn::Add(hn::ShiftLeft<2>(hn::Add(hn::ShiftLeft<3>(level), zero)), phase);
}

HWY_INLINE IntegerVector vector_nearest_code(IntegerVector prediction, const Scale& scale) {
  return hn::Min(hn::ShiftRightSame(hn::Add(prediction, constant(scale.half())), scale.shift),
                 constant(scale.levels - 1));
}

HWY_INLINE IntegerVector vector_symbol_of(IntegerVector code, IntegerVector nearest, const Scale& scale,
                                          bool zero_symbol) {
  if (!zero_symbol) {
    const auto difference = hn::Sub(code, nearest);
    return hn::Add(difference, hn::IfThenElseZero(hn::Lt(difference, constant(0)), constant(scale.levels)));
  }
  const auto difference = hn::Sub(code, hn::Max(nearest, constant(1)));
  const auto wrapped =
      hn::Add(difference, hn::IfThenElseZero(hn::Lt(difference, constant(0)), constant(scale.levels - 1)));
  return hn::IfThenElseZero(hn::Gt(code, constant(0)), hn::Add(wrapped, constant(1)));
}

HWY_INLINE IntegerVector vector_code_of(IntegerVector symbol, IntegerVector nearest, const Scale& scale,
                                        bool zero_symbol) {
  if (!zero_symbol) {
    const auto code = hn::Add(nearest, symbol);
    return hn::Sub(code, hn::IfThenElseZero(hn::Gt(code, constant(scale.levels - 1)), constant(scale.levels)));
  }
  const auto code = hn::Add(hn::Max(nearest, constant(1)), hn::Sub(symbol, constant(1)));
  const auto wrapped =
      hn::Sub(code, hn::IfThenElseZero(hn::Gt(code, constant(scale.levels - 1)), constant(scale.levels - 1)));
  return hn::IfThenElseZero(hn::Gt(symbol, constant(0)), wrapped);
}

}  // namespace tandem::codec::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
