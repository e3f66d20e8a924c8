// What `tfc` knows of a tensor before it sees a code: how each channel is predicted from its neighbours and from other
// channels, how large the error is likely to be, and which table of symbols belongs to that.
//
// Everything is integer. Codes are looked at as *values*, with kValueBits bits whatever the number of levels, less the
// channel's mean. A prediction is a sum of products with coefficients of 1 / kUnit.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "frequencies.hpp"
#include "planes.hpp"

namespace tandem::codec {

inline constexpr unsigned kValueBits = 12;
inline constexpr unsigned kCoefficientBits = 12;
inline constexpr int kUnit = 1 << kCoefficientBits;
inline constexpr unsigned kActivityBits = 8;

// Of the channel itself: left, above, above left, above right, two left, two above.
inline constexpr std::size_t kOwnTaps = 6;
inline constexpr std::array<std::array<int, 2>, kOwnTaps> kOwnPlaces{
    {{0, -1}, {-1, 0}, {-1, -1}, {-1, 1}, {0, -2}, {-2, 0}}};
// Of a reference, which is a channel coded before: the same place, above, below, left, right.
inline constexpr std::size_t kReferenceTaps = 5;
inline constexpr std::array<std::array<int, 2>, kReferenceTaps> kReferencePlaces{
    {{0, 0}, {-1, 0}, {1, 0}, {0, -1}, {0, 1}}};
inline constexpr std::size_t kMostReferences = 6;

struct Reference {
  std::uint16_t channel = 0;
  std::array<std::int16_t, kReferenceTaps> taps{};

  bool operator==(const Reference&) const = default;
};

struct ChannelModel {
  std::int16_t mean = 0;       // a value
  std::uint16_t activity = 1;  // mean size of the prediction's error, in values
  std::array<std::int16_t, kOwnTaps> own{};
  std::vector<Reference> references{};

  bool operator==(const ChannelModel&) const = default;
};

// How large an error is likely: a weighted sum of the errors around, in 1 / 2^kActivityBits.
struct ActivityModel {
  std::array<std::int16_t, 4> own{};  // of the first four of kOwnPlaces
  std::array<std::int16_t, kMostReferences + 1>
      reference{};  // of each reference's error at the same place, by their number
  std::array<std::int16_t, kMostReferences + 1> channel{};  // of ChannelModel::activity
  std::array<std::int16_t, kMostReferences + 1> place{};    // of the same, as busy as the place is: activity_map.hpp

  [[nodiscard]] bool looks_at_places() const { return place != decltype(place){}; }
  bool operator==(const ActivityModel&) const = default;
};

// Contexts: the activity's level (four an octave), how far the prediction is from zero in terms of it, and where
// between two codes the prediction lies.
inline constexpr std::size_t kActivityLevels = 48;
inline constexpr std::size_t kZeroDistances = 8;
inline constexpr std::size_t kPhases = 4;
inline constexpr std::size_t kContexts = kActivityLevels * kZeroDistances * kPhases;
inline constexpr std::size_t kMostTables = 128;

// Of `levels` symbols the one that is farthest from what is predicted says that the code itself follows elsewhere: so a
// table need not make room for symbols that hardly ever occur.
constexpr std::size_t escape_of(unsigned levels) {
  return levels / 2;
}

// Weights near the counts' proportions, in which what occurs too rarely for a part of the scale is left to the escape.
Weights weights_with_escape(std::span<const std::uint32_t> counts);

// What symbols of these counts take with such weights, in 1/256 bits; an escaped one eight bits more than the escape.
std::int64_t coding_cost(std::span<const std::uint32_t> counts, const Weights& weights);

struct Model {
  bool zero_symbol = false;  // symbol 0 is code 0, whatever the prediction: for rectified features
  std::vector<ChannelModel> channels;
  ActivityModel activity;
  std::array<std::uint8_t, kContexts> table_of{};  // < tables.size()
  std::vector<Weights> tables;                     // 1 to kMostTables

  bool operator==(const Model&) const = default;
};

// Channels of planes this narrow are coded sixteen at a time, the others one at a time in sixteen rows at a time. A
// reference must have been decoded before: lie in an earlier group of sixteen, or be any channel before.
bool is_narrow(const PlaneShape& shape);
std::size_t first_unusable_reference(const PlaneShape& shape, std::size_t channel);

}  // namespace tandem::codec
