// The decoder of runs, eight lanes to a vector, compiled for each kind of processor and chosen when it runs.
#include "rans.hpp"

#include <array>
#include <cstring>
#include <vector>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rans_decode.cpp"
#include "simd.hpp"

#include "rans_step.hpp"

HWY_BEFORE_NAMESPACE();
namespace tandem::codec::HWY_NAMESPACE {

// `words` leaves room to read a vector beyond the last word. Returns the words taken.
const std::uint16_t* decode_run(const std::uint32_t* table, std::size_t count, std::uint32_t* states, std::size_t lanes,
                                const std::uint16_t* words, const std::uint16_t* end, std::uint8_t* symbols) {
  const Lanes d;
  const std::size_t width = hn::Lanes(d);
  std::size_t done = 0;
  if (lanes == 4 * width) {
    auto s0 = hn::LoadU(d, states);
    auto s1 = hn::LoadU(d, states + width);
    auto s2 = hn::LoadU(d, states + 2 * width);
    auto s3 = hn::LoadU(d, states + 3 * width);
    for (; done + lanes <= count && words <= end; done += lanes) {
      const auto e0 = look_up(table, s0);
      const auto e1 = look_up(table, s1);
      const auto e2 = look_up(table, s2);
      const auto e3 = look_up(table, s3);
      s0 = refill(advance(s0, e0), words);
      s1 = refill(advance(s1, e1), words);
      s2 = refill(advance(s2, e2), words);
      s3 = refill(advance(s3, e3), words);
      store_symbols(e0, symbols + done);
      store_symbols(e1, symbols + done + width);
      store_symbols(e2, symbols + done + 2 * width);
      store_symbols(e3, symbols + done + 3 * width);
    }
    hn::StoreU(s0, d, states);
    hn::StoreU(s1, d, states + width);
    hn::StoreU(s2, d, states + 2 * width);
    hn::StoreU(s3, d, states + 3 * width);
  } else {
    for (; done + lanes <= count && words <= end; done += lanes) {
      for (std::size_t lane = 0; lane < lanes; lane += width) {
        const auto state = hn::LoadU(d, states + lane);
        const auto entry = look_up(table, state);
        hn::StoreU(refill(advance(state, entry), words), d, states + lane);
        store_symbols(entry, symbols + done + lane);
      }
    }
  }
  for (std::size_t lane = 0; done < count && words <= end; ++done, ++lane) {
    symbols[done] = decode_one(table, states[lane], words);
  }
  return words;
}

}  // namespace tandem::codec::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tandem::codec {

HWY_EXPORT(decode_run);

Status decode_runs(std::span<const std::byte> stream, std::size_t lanes, std::span<const Run> runs,
                   std::span<std::uint8_t> symbols) {
  const std::size_t state_bytes = lanes * sizeof(std::uint32_t);
  if (stream.size() < state_bytes || (stream.size() - state_bytes) % 2 != 0) {
    return fail(Errc::data_loss, "the coded tensor's stream is cut off");
  }
  std::vector<std::uint32_t> states(lanes);
  std::memcpy(states.data(), stream.data(), state_bytes);
  // A copy, with room to read beyond the end: at most `lanes` words before that is noticed, and a vector.
  const std::size_t count = (stream.size() - state_bytes) / 2;
  std::vector<std::uint16_t> words(count + lanes + kReadAhead);
  std::memcpy(words.data(), stream.data() + state_bytes, 2 * count);
  const std::uint16_t* const end = words.data() + count;
  const std::uint16_t* next = words.data();
  std::size_t done = 0;
  for (const Run& run : runs) {
    next = HWY_DYNAMIC_DISPATCH(decode_run)(run.table->data(), run.count, states.data(), lanes, next, end,
                                            symbols.data() + done);
    done += run.count;
  }
  bool whole = next == end;
  for (const std::uint32_t state : states) whole = whole && state == kLowest;
  return whole ? Status() : fail(Errc::data_loss, "the coded tensor's stream is damaged");
}

}  // namespace tandem::codec
#endif
