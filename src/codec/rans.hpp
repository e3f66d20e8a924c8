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

#include "frequencies.hpp"
#include "tandem/base/result.hpp"

namespace tandem::codec {

inline constexpr std::uint32_t kLowest = 1U << 16U;

// What the decoder knows of a slot, the low kScaleBits of a state: the symbol (bits 0..7), its frequency (8..19), and
// how far the slot lies within the symbol's part (20..31).
using DecodeTable = std::array<std::uint32_t, kScale>;
void fill(DecodeTable& table, const Frequencies& frequencies);

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
