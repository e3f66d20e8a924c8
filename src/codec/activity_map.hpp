// How busy each place of a plane is in the channels coded before: their errors there, relative to what each of them
// usually errs. Where one channel of a tensor is hard to predict, the next one mostly is, too.
//
// A map is the same on both sides, since it is made of errors that both have: add() what a group of the schedule has
// coded before the next group looks at it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "margins.hpp"
#include "planes.hpp"

namespace tandem::codec {

inline constexpr int kUsual = 128;  // of a place that is as busy as places are on average

class ActivityMap {
 public:
  explicit ActivityMap(const PlaneShape& shape);

  // Rows of the map lie as those of a channel of MarginPlanes do; the numbers in its margins mean nothing.
  [[nodiscard]] const std::int16_t* first_row() const { return map_.row(0, 0); }

  // `activity`: what the channel usually errs.
  void add(const MarginPlanes& errors, std::size_t channel, int activity);

 private:
  PlaneShape shape_;
  MarginPlanes map_;
};

}  // namespace tandem::codec
