// One step of the range decoder on a vector of up to eight lanes. Included by files that are compiled once for each
// kind of processor, so it is not guarded in the usual way.
#if defined(TANDEM_CODEC_RANS_STEP) == defined(HWY_TARGET_TOGGLE)
#ifdef TANDEM_CODEC_RANS_STEP
#undef TANDEM_CODEC_RANS_STEP
#else
#define TANDEM_CODEC_RANS_STEP
#endif

#include <array>
#include <cstddef>
#include <cstdint>

#include "rans.hpp"
#include "word_order.hpp"

HWY_BEFORE_NAMESPACE();
namespace tandem::codec::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Lanes = hn::CappedTag<std::uint32_t, 8>;
using Vector = hn::Vec<Lanes>;

HWY_INLINE Vector look_up(const std::uint32_t* table, Vector state) {
  const Lanes d;
  const hn::RebindToSigned<Lanes> di;
  return hn::GatherIndex(d, table, hn::BitCast(di, hn::And(state, hn::Set(d, kScale - 1))));
}

HWY_INLINE Vector advance(Vector state, Vector entry) {
  const Lanes d;
  const auto frequency = hn::And(hn::ShiftRight<8>(entry), hn::Set(d, kScale - 1));
  return hn::Add(hn::Mul(frequency, hn::ShiftRight<kScaleBits>(state)), hn::ShiftRight<20>(entry));
}

// Lanes below kLowest take a word each, in their order.
HWY_INLINE Vector refill(Vector state, const std::uint16_t*& words) {
  const Lanes d;
  const hn::Rebind<std::uint16_t, Lanes> d16;
  const hn::Rebind<std::uint8_t, Lanes> d8;
  const auto low = hn::Lt(state, hn::Set(d, kLowest));
  std::uint8_t bits[8] = {};
  hn::StoreMaskBits(d, low, bits);
  const auto next = hn::PromoteTo(d, hn::LoadU(d16, words));
  const auto order = hn::PromoteTo(d, hn::Load(d8, kWordOrder[bits[0]].data()));
  const auto mine = hn::TableLookupLanes(next, hn::IndicesFromVec(d, order));
  words += kWordCount[bits[0]];
  return hn::IfThenElse(low, hn::Or(hn::ShiftLeft<16>(state), mine), state);
}

HWY_INLINE void store_symbols(Vector entry, std::uint8_t* symbols) {
  const hn::Rebind<std::uint8_t, Lanes> d8;
  hn::StoreU(hn::TruncateTo(d8, entry), d8, symbols);
}

HWY_INLINE std::uint8_t decode_one(const std::uint32_t* table, std::uint32_t& state, const std::uint16_t*& words) {
  const std::uint32_t entry = table[state & (kScale - 1)];
  state = ((entry >> 8U) & (kScale - 1)) * (state >> kScaleBits) + (entry >> 20U);
  if (state < kLowest) state = state << 16U | *words++;
  return static_cast<std::uint8_t>(entry);
}

}  // namespace tandem::codec::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
