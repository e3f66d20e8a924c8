// Static tables of symbol frequencies for the range coder (rans.hpp): made from counts, written to bits, read back.
//
// A table is sent as a weight a symbol, with three significant bits; both sides scale the weights to the same
// frequencies, which sum to kScale. Coarser weights would cost more in symbols than they save here.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "bits.hpp"

namespace tandem::codec {

inline constexpr unsigned kScaleBits = 12;
inline constexpr std::uint32_t kScale = 1U << kScaleBits;
inline constexpr std::size_t kMaxSymbols = 256;

// Of one table; zero where a symbol cannot occur. At least two symbols can, so that none takes all of kScale.
using Frequencies = std::array<std::uint16_t, kMaxSymbols>;

inline constexpr unsigned kMaxWeightClass = 14;  // weights below 2^14
// Class k in 0..kMaxWeightClass and, from class 3 on, two bits below the leading one: 0, 1, 2, 3, 4, 5, 6, 7, 8, 10,
// 12, …
using Weights = std::array<std::uint16_t, kMaxSymbols>;

// Weights near the counts' proportions. Precondition: counts.size() <= kMaxSymbols.
Weights weights_of(std::span<const std::uint32_t> counts);

void write_weights(const Weights& weights, std::size_t symbols, BitWriter& bits);
Weights read_weights(std::size_t symbols, BitReader& bits);
std::size_t weight_bits(const Weights& weights, std::size_t symbols);

// Any weights, also those of a damaged stream, give a usable table.
Frequencies scale(const Weights& weights);

}  // namespace tandem::codec
