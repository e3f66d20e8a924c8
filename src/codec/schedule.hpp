// In which order sixteen lanes take the codes of a group of channels, so that whatever a code's prediction needs has
// been decoded a step before.
//
// Wide planes: a group is one channel, lane l takes the rows l, 16 + l, …, two places behind the lane above it, so
// that above and above right are there. Narrow planes: a group is sixteen channels, one a lane, all at the same place.
//
// Values and errors of a group lie in a buffer, a row of kBufferColumns a step; a neighbour is at a fixed distance in
// it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "model.hpp"
#include "planes.hpp"

namespace tandem::codec {

inline constexpr std::size_t kLanes = 16;
inline constexpr std::size_t kBufferColumns = 18;  // two for the rows above lane 0, then the lanes

struct Step {
  std::uint32_t row = 0;     // of the buffer
  std::uint16_t active = 0;  // a bit a lane
};

class Schedule {
 public:
  explicit Schedule(const PlaneShape& shape);

  [[nodiscard]] std::size_t groups() const { return groups_; }
  [[nodiscard]] const std::vector<Step>& steps() const { return steps_; }
  [[nodiscard]] std::size_t buffer_size() const { return buffer_rows_ * kBufferColumns + kLanes; }
  // From a place of the buffer to that of each of kOwnPlaces.
  [[nodiscard]] const std::array<std::ptrdiff_t, kOwnTaps>& neighbours() const { return neighbours_; }
  // Rows of the buffer after which lanes 14 and 15 appear in the two columns before lane 0; 0: not at all.
  [[nodiscard]] std::size_t mirror_rows() const { return mirror_rows_; }
  [[nodiscard]] std::size_t channels_per_group() const { return narrow_ ? kLanes : 1; }

  // The step and lane at which a place of a channel has its turn.
  struct Turn {
    std::size_t step;
    std::size_t lane;
  };
  [[nodiscard]] Turn turn(std::size_t channel, std::size_t y, std::size_t x) const;
  // A bit for each lane that has something to do in the group.
  [[nodiscard]] std::uint16_t lanes_of(std::size_t group) const;

 private:
  PlaneShape shape_;
  bool narrow_;
  std::size_t groups_ = 0;
  std::size_t period_ = 0;  // wide: steps from a row to the row sixteen below it
  std::size_t buffer_rows_ = 0;
  std::size_t mirror_rows_ = 0;
  std::array<std::ptrdiff_t, kOwnTaps> neighbours_{};
  std::vector<Step> steps_;
};

}  // namespace tandem::codec
