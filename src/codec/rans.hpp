// Interleaved range ANS with static tables (Duda 2014; interleaving and word-wise renormalisation after Giesen 2014).
//
// Lanes are coder states that take turns: of symbol i, lane i % lanes. Each state is 32 bits, at least 2^16 between
// symbols; a symbol moves at most one 16-bit word. The stream is
//
//   4 * lanes bytes   the states, uint32
//   2 n bytes         words, uint16, in the order in which the decoder takes them
//
// The decoder ends with all states at kLowest, which shows most damage.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "frequencies.hpp"
#include "kept.hpp"
#include "tandem/base/result.hpp"

namespace tandem::codec {

inline constexpr std::uint32_t kLowest = 1U << 16U;

// What the decoder knows of a slot, the low kScaleBits of a state: the symbol (bits 0..7), its frequency (8..19), and
// how far the slot lies within the symbol's part (20..31).
using DecodeTable = std::array<std::uint32_t, kScale>;
void fill(DecodeTable& table, const Frequencies& frequencies);

// What the encoder knows of a symbol: its part of the scale, and one over its frequency.
struct EncodeSymbol {
  std::uint64_t inverse = 0;  // ceil(2^64 / frequency)
  std::uint32_t limit = 0;    // states from here on give a word away first
  std::uint16_t start = 0;
  std::uint16_t others = 0;  // kScale - frequency
};
using EncodeTable = std::array<EncodeSymbol, kMaxSymbols>;
void fill(EncodeTable& table, const Frequencies& frequencies);

// Takes the symbols in the reverse of the decoder's order, and appends the stream at the end.
class RansEncoder {
 public:
  // At most `symbols` will follow. Precondition: lanes is a power of two.
  RansEncoder(std::size_t lanes, std::size_t symbols)
      : states_(lanes, kLowest), words_(symbols + 1), first_(symbols + 1) {}

  // What a loop over many symbols holds in registers; nothing else may be put while one lives.
  class Writer {
   public:
    explicit Writer(RansEncoder& encoder)
        : encoder_(encoder), states_(encoder.states_.data()), first_(encoder.words_.data() + encoder.first_) {}
    ~Writer() { encoder_.first_ = static_cast<std::size_t>(first_ - encoder_.words_.data()); }
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;
    void put(std::size_t lane, const EncodeSymbol& symbol) {
      states_[lane] = next_state(states_[lane], symbol, first_);
    }

   private:
    RansEncoder& encoder_;
    std::uint32_t* const states_;
    std::uint16_t* first_;
  };

  // Symbols of one table that follow each other, the first at lane `place % lanes`.
  void put_run(const EncodeTable& table, std::span<const std::uint8_t> symbols, std::size_t place);

  void finish(std::vector<std::byte>& out) const;

 private:
  // `first`: of the words so far.
  static std::uint32_t next_state(std::uint32_t state, const EncodeSymbol& symbol, std::uint16_t*& first) {
    // Always written, kept only where the state is too large: there is no branch to predict.
    const bool gives = state >= symbol.limit;
    first[-1] = static_cast<std::uint16_t>(state);
    first -= gives ? 1 : 0;
    state >>= gives ? 16U : 0U;
    const auto quotient = static_cast<std::uint32_t>(high_product(state, symbol.inverse));
    return state + symbol.start + quotient * symbol.others;
  }

  static std::uint64_t high_product(std::uint64_t a, std::uint64_t b) {
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::uint64_t>((Wide{a} * b) >> 64U);
  }

  std::vector<std::uint32_t> states_;
  Kept<std::uint16_t> words_;  // filled from the back
  std::size_t first_;
};

// One run of symbols from one table.
struct Run {
  const DecodeTable* table;
  std::size_t count;
};

// Decodes the runs one behind the other into `symbols`; within a run symbol i is of lane i % lanes. `stream` must hold
// exactly what that takes. Preconditions: lanes is a multiple of 8, the counts sum to symbols.size(). Error: data_loss.
Status decode_runs(std::span<const std::byte> stream, std::size_t lanes, std::span<const Run> runs,
                   std::span<std::uint8_t> symbols);

}  // namespace tandem::codec
