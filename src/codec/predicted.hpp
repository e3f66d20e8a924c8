// `tfc`: predict each code from its neighbours and from other channels, and code it with the table of its context.
//
// Here is the coding with a model that both sides have; where the model comes from is the caller's: a prior, or a fit
// to the tensor. The stream is one of rans.hpp with kLanes lanes, in the order of schedule.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "kept.hpp"
#include "lane_writer.hpp"
#include "lanes.hpp"
#include "model.hpp"
#include "planes.hpp"
#include "tandem/base/result.hpp"

namespace tandem::codec {

// Of every code, in the tensor's order.
struct Symbols {
  std::vector<std::uint16_t> contexts;
  std::vector<std::uint8_t> symbols;
};

// Does not look at the model's tables. Precondition: check(model, shape) is fine.
Symbols find_symbols(std::span<const std::uint8_t> codes, const PlaneShape& shape, unsigned levels, const Model& model);

// Of every code, in the tensor's order, where its symbol stands among all of a model's tables:
// table * kMaxSymbols + symbol.
using Slots = Kept<std::uint16_t>;
Slots slots_of(const Symbols& symbols, const Model& model);
// The same at once, for a model with tables.
Slots find_slots(std::span<const std::uint8_t> codes, const PlaneShape& shape, unsigned levels, const Model& model);

// A model made ready for one direction, which takes as long as coding a small tensor. The model must outlive it.
struct ReadyEncoder {
  ReadyEncoder(const Model& its, unsigned levels) : model(its), entries(slot_entries(its, levels)) {}
  const Model& model;
  SlotEntries entries;
};
struct ReadyDecoder {
  explicit ReadyDecoder(const Model& its) : model(its), tables(lane_tables(its)) {}
  const Model& model;
  LaneTables tables;
};

// What follows: the number of escaped codes, a varint; those codes; and the stream. `slots` are those of the codes.
void append_stream(const Slots& slots, std::span<const std::uint8_t> codes, const PlaneShape& shape,
                   const ReadyEncoder& ready, std::vector<std::byte>& out);

// Whether the model is one for planes of this shape: what does not come from us may be anything. Error: data_loss.
Status check(const Model& model, const PlaneShape& shape, unsigned levels);

// Preconditions: codes.size() == shape.size(), check(model, shape) is fine. Error: data_loss.
Status decode_stream(std::span<const std::byte> stream, const PlaneShape& shape, unsigned levels,
                     const ReadyDecoder& ready, std::span<std::uint8_t> codes);

}  // namespace tandem::codec
