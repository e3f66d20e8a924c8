// Coding with the range coder of rans.hpp, eight lanes in step, from the last symbol to the first: groups of the
// schedule, which lanes.hpp undoes, and runs of symbols of one table, which decode_runs() does.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "kept.hpp"
#include "model.hpp"
#include "rans.hpp"
#include "schedule.hpp"

namespace tandem::codec {

// What the encoder knows of a slot, kMaxSymbols a table: the frequency (bits 0..11), the start of its part of the scale
// (12..23), and whether it stands for the escape (24), which symbols without a part of their own do, too.
using SlotEntries = std::vector<std::uint32_t>;
inline constexpr std::uint32_t kEscapes = 1U << 24U;
SlotEntries slot_entries(const Model& model, unsigned levels);

// Of one table: frequency and start.
using RunEntries = std::array<std::uint32_t, kMaxSymbols>;
RunEntries run_entries(const Frequencies& frequencies);

class LaneWriter {
 public:
  // At most `codes` will follow. Lane l has state l % state_count, of 8, 16 or 32.
  LaneWriter(std::size_t state_count, std::size_t codes) : state_count_(state_count), words_(codes + kLanes) {
    states_.fill(kLowest);
  }

  // `entries`: of each lane at each step; those of lanes that have nothing to do there may be anything. `lanes`: a bit
  // for each lane that has something to do in the group. The groups come last first.
  void put_group(const std::vector<Step>& steps, std::uint16_t lanes, const std::vector<std::uint32_t>& entries);

  // Symbols of one table that follow each other, the first at lane `place % state_count`.
  void put_run(const RunEntries& table, std::span<const std::uint8_t> symbols, std::size_t place);

  // States, then words.
  void finish(std::vector<std::byte>& out) const;

 private:
  static constexpr std::size_t kMostStates = 32;
  std::array<std::uint32_t, kMostStates> states_{};
  std::size_t state_count_;
  Kept<std::uint16_t> words_;  // the last first
  std::size_t count_ = 0;      // of words
};

}  // namespace tandem::codec
