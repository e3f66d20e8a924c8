// Decoding a group of the schedule: sixteen lanes in step, each with its own range coder state, prediction and context.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "contexts.hpp"
#include "model.hpp"
#include "rans.hpp"
#include "schedule.hpp"

namespace tandem::codec {

// What all groups of a tensor share.
struct LaneTables {
  std::vector<DecodeTable> tables;
  // Of each context, where its table begins in `tables`, in entries; 32 bits each to be gathered.
  std::vector<std::int32_t> table_at;
};
LaneTables lane_tables(const Model& model);

struct LaneCoder {
  std::array<std::uint32_t, kLanes> states{};
  std::size_t state_count = kLanes;  // a power of two, at least kLanes / 2: lane l has state l % state_count
  const std::uint16_t* next = nullptr;
  const std::uint16_t* end = nullptr;     // kLanes + kReadAhead words can be read beyond
  const std::uint8_t* escaped = nullptr;  // codes that have no symbol of their own, in the order of decoding
  const std::uint8_t* last_escaped = nullptr;
};

// Coefficients of each lane's channel, and for each step and lane what does not depend on this group's codes.
struct Group {
  std::array<std::array<std::int32_t, kLanes>, kOwnTaps> own{};
  std::array<std::int32_t, kLanes> means{};
  std::array<std::int32_t, kLanes> idle_errors{};  // what stands where a lane has nothing to do: its activity
  std::uint16_t lanes = 0;                         // a bit for each that has a channel
  std::vector<std::int32_t> sums;                  // steps * kLanes
  std::vector<std::int32_t> activities;            // steps * kLanes
  std::vector<std::int16_t> values;                // the schedule's buffers, with margins filled
  std::vector<std::int16_t> errors;
  std::vector<std::uint8_t> codes;  // steps * kLanes, out

  explicit Group(const Schedule& schedule);
  // Fills the buffers with what stands for neighbours outside.
  void clear();
};

// Leaves early where the stream ends early: coder.next is then beyond coder.end.
void decode_group(const Schedule& schedule, const Model& model, const Scale& scale, const LaneTables& tables,
                  Group& group, LaneCoder& coder);

}  // namespace tandem::codec
