// Planes of 16-bit numbers with margins, so that a neighbour of a place at the edge can be read like any other.
//
// Margins are before each row and above each channel: what is behind a row is before the next one. So the rows of a
// channel, with what is between them, are one run of numbers, which vectors need not stop in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "kept.hpp"
#include "planes.hpp"

namespace tandem::codec {

inline constexpr std::size_t kMargin = 2;  // columns before each row, rows above each channel
inline constexpr std::size_t kSlack = 32;  // what a vector may read or write beyond the last

class MarginPlanes {
 public:
  explicit MarginPlanes(const PlaneShape& shape)
      : pitch_(shape.width + kMargin),
        plane_((shape.height + kMargin) * pitch_),
        numbers_(shape.channels * plane_ + kMargin * pitch_ + kSlack, 0) {}

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
  // The rows above a channel, with what is before its first row.
  [[nodiscard]] std::span<std::int16_t> above(std::size_t channel) {
    return std::span(*numbers_).subspan(channel * plane_, kMargin * pitch_ + kMargin);
  }

 private:
  std::size_t pitch_;
  std::size_t plane_;
  Kept<std::int16_t> numbers_;
};

}  // namespace tandem::codec
