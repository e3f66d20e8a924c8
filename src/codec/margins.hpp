// Planes of 16-bit numbers with margins, so that a neighbour of a place at the edge can be read like any other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "planes.hpp"

namespace tandem::codec {

inline constexpr std::size_t kMargin = 2;  // on every side
inline constexpr std::size_t kSlack = 32;  // what a vector may read beyond the last

class MarginPlanes {
 public:
  explicit MarginPlanes(const PlaneShape& shape)
      : pitch_(shape.width + 2 * kMargin),
        plane_((shape.height + 2 * kMargin) * pitch_),
        numbers_(shape.channels * plane_ + kSlack) {}

  // From a row to the next.
  [[nodiscard]] std::size_t pitch() const { return pitch_; }
  [[nodiscard]] std::ptrdiff_t distance(int down, int right) const {
    return down * static_cast<std::ptrdiff_t>(pitch_) + right;
  }
  [[nodiscard]] std::int16_t* row(std::size_t channel, std::size_t y) {
    return numbers_.data() + channel * plane_ + (y + kMargin) * pitch_ + kMargin;
  }
  [[nodiscard]] const std::int16_t* row(std::size_t channel, std::size_t y) const {
    return numbers_.data() + channel * plane_ + (y + kMargin) * pitch_ + kMargin;
  }
  // A channel, margins and all.
  [[nodiscard]] std::span<std::int16_t> channel(std::size_t channel) {
    return std::span(numbers_).subspan(channel * plane_, plane_);
  }

 private:
  std::size_t pitch_;
  std::size_t plane_;
  std::vector<std::int16_t> numbers_;
};

}  // namespace tandem::codec
