// Runs of predictions and of what errors to expect, from planes that are there already.
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

// Rows of a channel that follow each other.
struct Rows {
  std::size_t channel;
  std::size_t first;
  std::size_t count;
};
// How many rows are worth a run: vectors waste the less the longer it is, but its numbers are to stay in the cache.
std::size_t rows_in_run(const PlaneShape& shape);
// Numbers in a run of rows: those between rows, too.
std::size_t run_length(const PlaneShape& shape, std::size_t rows);

// Of a run that begins `begin` numbers after the first: sums[i] = offset + the products, modulo 2^32. `sums` has kSlack
// more than there are numbers.
void sum_run(const Taps& taps, std::size_t begin, std::int32_t offset, std::span<std::int32_t> sums);

// A row of codes as values less the mean.
void find_values(std::span<const std::uint8_t> codes, std::int16_t mean, const Scale& scale, std::int16_t* values);
// `sums` of the rows become predictions; `errors`: how far the values are from them, and between rows the activity.
void find_errors(const Rows& rows, const PlaneShape& shape, const ChannelModel& model, const Scale& scale,
                 const MarginPlanes& values, std::span<std::int32_t> sums, MarginPlanes& errors);

struct RunOfSymbols {
  const std::int16_t* values;  // as the next two, kSlack more than there are contexts
  std::span<const std::int32_t> predictions;
  std::span<const std::int32_t> activities;
  std::span<std::uint16_t> contexts;  // out; as the next, with kSlack more
  std::span<std::uint8_t> symbols;    // out
};
void find_symbols(const RunOfSymbols& run, std::int16_t mean, const Scale& scale, bool zero_symbol);

}  // namespace tandem::codec
