// The tables of a fitted model: contexts are joined to classes, and each class in use has a bell (analytic.hpp) or,
// where it occurs often, weights of its own.
#pragma once

#include "adaptive_bits.hpp"
#include "model.hpp"
#include "predicted.hpp"

namespace tandem::codec {

// How finely contexts are told apart, 0 to kMostDetail.
inline constexpr unsigned kDetailBits = 2;
inline constexpr unsigned kMostDetail = 2;

// Of codes to be told how finely, and whether there is a zero symbol.
struct TableKind {
  unsigned detail = 0;
  unsigned levels = 256;
  bool zero_symbol = false;
};

// Finds tables for the symbols, writes them, and sets them in the model.
void write_tables(const Symbols& symbols, const TableKind& kind, AdaptiveWriter& writer, Model& model);
// Of any bytes; check() of predicted.hpp says whether they make a model.
void read_tables(const TableKind& kind, AdaptiveReader& reader, Model& model);

}  // namespace tandem::codec
