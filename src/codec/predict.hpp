// Rows of predictions and of what errors to expect, from planes that are there already.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "activity_map.hpp"
#include "contexts.hpp"
#include "margins.hpp"
#include "model.hpp"

namespace tandem::codec {

// Products to sum at each place of a plane: of `first[k][y * pitch + x]` with `coefficients[k]`.
struct Taps {
  std::vector<const std::int16_t*> first;
  std::vector<std::int32_t> coefficients;

  void clear() {
    first.clear();
    coefficients.clear();
  }
  void add(const std::int16_t* row, std::int32_t coefficient) {
    first.push_back(row);
    coefficients.push_back(coefficient);
  }
};

void add_own(const ChannelModel& model, const MarginPlanes& values, std::size_t channel, Taps& taps);
void add_references(const ChannelModel& model, const MarginPlanes& values, Taps& taps);
void add_own_errors(const ActivityModel& model, const MarginPlanes& errors, std::size_t channel, Taps& taps);
// Of the errors of references at the same place.
void add_reference_errors(const Model& model, std::size_t channel, const MarginPlanes& errors, Taps& taps);
// Of the channel's activity, by how busy the place is.
void add_map(const Model& model, std::size_t channel, const ActivityMap& map, Taps& taps);
// What is the same at all places of a channel: its mean and rounding, and its share of the activity.
std::int32_t prediction_offset(const ChannelModel& model);
std::int32_t activity_offset(const Model& model, std::size_t channel);

// Of a row that begins `row` numbers after the first: sums[x] = offset + the products, modulo 2^32. `sums` has kSlack
// more than there are columns.
void sum_row(const Taps& taps, std::size_t row, std::int32_t offset, std::span<std::int32_t> sums);

// Of a row of one channel: the codes as values less the mean.
void find_values(std::span<const std::uint8_t> codes, std::int16_t mean, const Scale& scale, std::int16_t* values);
// `sums` become predictions; `errors`: how far the codes are from them, as values.
void find_errors(std::span<const std::uint8_t> codes, const Scale& scale, std::span<std::int32_t> sums,
                 std::int16_t* errors);

struct RowOfSymbols {
  std::span<const std::uint8_t> codes;
  std::span<const std::int32_t> predictions;
  std::span<const std::int32_t> activities;
  std::span<std::uint16_t> contexts;  // out
  std::span<std::uint8_t> symbols;    // out
};
void find_symbols(const RowOfSymbols& row, const Scale& scale, bool zero_symbol);

}  // namespace tandem::codec
