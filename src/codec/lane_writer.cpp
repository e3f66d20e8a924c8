#include "lane_writer.hpp"

#include <algorithm>
#include <cstring>

#include "word_order.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "lane_writer.cpp"
#include "simd.hpp"

HWY_BEFORE_NAMESPACE();
namespace tandem::codec::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Unsigned = hn::CappedTag<std::uint32_t, 8>;
using Signed = hn::RebindToSigned<Unsigned>;
using Floats = hn::RebindToFloat<Unsigned>;
using UnsignedVector = hn::Vec<Unsigned>;

HWY_INLINE hn::Vec<Floats> as_float(UnsignedVector value) {
  return hn::ConvertTo(Floats(), hn::BitCast(Signed(), value));
}

// The state after a symbol: quotient * kScale + remainder + start of its part. Precondition: state < frequency * 2^20.
HWY_INLINE UnsignedVector next_state(UnsignedVector state, UnsignedVector frequency, UnsignedVector start) {
  const Unsigned d;
  const Signed di;
  const Floats df;
  // The quotient is below 2^20, so a float's is at most one off, which the remainder tells. One over the frequency does
  // not wait for the state. The two halves of a state are exact as floats.
  const auto inverse = hn::Div(hn::Set(df, 1.0F), as_float(frequency));
  const auto high = as_float(hn::ShiftRight<16>(state));
  const auto low = as_float(hn::And(state, hn::Set(d, 0xffffU)));
  const auto estimate = hn::Add(hn::Mul(high, hn::Mul(inverse, hn::Set(df, 65536.0F))), hn::Mul(low, inverse));
  const auto rough = hn::BitCast(d, hn::ConvertTo(di, estimate));
  const auto left = hn::BitCast(di, hn::Sub(state, hn::Mul(rough, frequency)));
  const auto divisor = hn::BitCast(di, frequency);
  const auto one = hn::Set(di, 1);
  const auto under = hn::Lt(left, hn::Zero(di));
  const auto over = hn::Gt(left, hn::Sub(divisor, one));
  const auto change = hn::Sub(hn::IfThenElseZero(over, one), hn::IfThenElseZero(under, one));
  // quotient * kScale + state - quotient * frequency
  const auto quotient = hn::Add(hn::BitCast(di, rough), change);
  const auto remainder = hn::Sub(left, hn::Mul(change, divisor));
  return hn::Add(hn::BitCast(d, hn::Add(hn::ShiftLeft<kScaleBits>(quotient), remainder)), start);
}

// Lanes that follow each other take a symbol each, the last first, where `active` has a bit. Returns the end of the
// words.
HWY_INLINE std::uint16_t* put_lanes(const std::uint32_t* entries, unsigned active, std::uint32_t* states,
                                    std::uint16_t* words) {
  const Unsigned d;
  const hn::Rebind<std::uint8_t, Unsigned> d8;
  const hn::Rebind<std::uint16_t, Unsigned> d16;
  const auto twelve_bits = hn::Set(d, kScale - 1);
  const std::uint8_t active_bits[8] = {static_cast<std::uint8_t>(active)};
  const auto is_active = hn::LoadMaskBits(d, active_bits);
  const auto entry = hn::IfThenElse(is_active, hn::LoadU(d, entries), hn::Set(d, 1U));
  const auto frequency = hn::And(entry, twelve_bits);
  const auto state = hn::LoadU(d, states);
  const auto fits = hn::Lt(hn::ShiftRight<20>(state), frequency);  // the quotient is below 2^20
  const auto gives = hn::AndNot(fits, is_active);
  std::uint8_t bits[8] = {};
  hn::StoreMaskBits(d, gives, bits);
  const auto order = hn::PromoteTo(d, hn::Load(d8, kLastFirst[bits[0]].data()));
  const auto given = hn::TableLookupLanes(state, hn::IndicesFromVec(d, order));
  hn::StoreU(hn::TruncateTo(d16, given), d16, words);
  const auto shortened = hn::IfThenElse(gives, hn::ShiftRight<16>(state), state);
  const auto start = hn::And(hn::ShiftRight<kScaleBits>(entry), twelve_bits);
  hn::StoreU(hn::IfThenElse(is_active, next_state(shortened, frequency, start), state), d, states);
  return words + kWordCount[bits[0]];
}

std::uint16_t* put_steps(const std::vector<Step>& steps, std::uint16_t lanes, const std::uint32_t* entries,
                         std::uint32_t* states, std::size_t state_count, std::uint16_t* words) {
  const std::size_t width = hn::Lanes(Unsigned());
  for (std::size_t k = steps.size(); k-- > 0;) {
    const unsigned active = steps[k].active & lanes;
    for (std::size_t lane = kLanes; lane > 0;) {
      lane -= width;
      words = put_lanes(entries + k * kLanes + lane, active >> lane, states + (lane & (state_count - 1)), words);
    }
  }
  return words;
}

// `entries` are of places from `first`, on which a vector may begin; symbols are there from `begin` to `end`.
std::uint16_t* put_places(const std::uint32_t* entries, std::size_t first, std::size_t begin, std::size_t end,
                          std::uint32_t* states, std::size_t state_count, std::uint16_t* words) {
  const std::size_t width = hn::Lanes(Unsigned());
  for (std::size_t place = (end + width - 1) / width * width; place > begin;) {
    place -= width;
    unsigned active = (1U << width) - 1;
    if (place + width > end) active &= (1U << (end - place)) - 1;
    if (place < begin) active &= ~((1U << (begin - place)) - 1);
    words = put_lanes(entries + (place - first), active, states + (place & (state_count - 1)), words);
  }
  return words;
}

}  // namespace tandem::codec::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tandem::codec {

HWY_EXPORT(put_steps);
HWY_EXPORT(put_places);

SlotEntries slot_entries(const Model& model, unsigned levels) {
  SlotEntries entries(model.tables.size() * kMaxSymbols);
  const std::size_t escape = escape_of(levels);
  for (std::size_t i = 0; i < model.tables.size(); ++i) {
    const Frequencies frequencies = scale(model.tables[i]);
    std::uint32_t* const its = entries.data() + i * kMaxSymbols;
    std::ranges::copy(run_entries(frequencies), its);
    const std::uint32_t escaped = its[escape] | kEscapes;
    for (std::size_t k = 0; k < kMaxSymbols; ++k) {
      if (k == escape || frequencies[k] == 0) its[k] = escaped;
    }
  }
  return entries;
}

RunEntries run_entries(const Frequencies& frequencies) {
  RunEntries entries{};
  std::uint32_t start = 0;
  for (std::size_t k = 0; k < kMaxSymbols; ++k) {
    entries[k] = frequencies[k] | start << kScaleBits;
    start += frequencies[k];
  }
  return entries;
}

void LaneWriter::put_run(const RunEntries& table, std::span<const std::uint8_t> symbols, std::size_t place) {
  constexpr std::size_t kVector = 8;
  constexpr std::size_t kChunk = 1024;
  std::array<std::uint32_t, kChunk + 2 * kVector> entries{};
  const std::size_t end = place + symbols.size();
  for (std::size_t chunk_end = end; chunk_end > place;) {
    // Chunks begin where vectors do.
    const std::size_t least = chunk_end > kChunk ? (chunk_end - kChunk + kVector - 1) / kVector * kVector : 0;
    const std::size_t begin = std::max(place, least);
    const std::size_t first = begin / kVector * kVector;
    for (std::size_t i = begin; i < chunk_end; ++i) entries[i - first] = table[symbols[i - place]];
    const std::uint16_t* const last = HWY_DYNAMIC_DISPATCH(put_places)(
        entries.data(), first, begin, chunk_end, states_.data(), state_count_, words_.data() + count_);
    count_ = static_cast<std::size_t>(last - words_.data());
    chunk_end = begin;
  }
}

void LaneWriter::put_group(const std::vector<Step>& steps, std::uint16_t lanes,
                           const std::vector<std::uint32_t>& entries) {
  const std::uint16_t* const end = HWY_DYNAMIC_DISPATCH(put_steps)(steps, lanes, entries.data(), states_.data(),
                                                                   state_count_, words_.data() + count_);
  count_ = static_cast<std::size_t>(end - words_.data());
}

void LaneWriter::finish(std::vector<std::byte>& out) const {
  const auto states = std::as_bytes(std::span(states_).first(state_count_));
  out.insert(out.end(), states.begin(), states.end());
  const std::size_t begin = out.size();
  out.resize(begin + count_ * sizeof(std::uint16_t));
  std::byte* next = out.data() + begin;
  for (std::size_t i = count_; i-- > 0; next += sizeof(std::uint16_t)) std::memcpy(next, &words_[i], sizeof words_[i]);
}

}  // namespace tandem::codec
#endif
