// Codes of a tensor as planes: channels of rows of columns, one byte a code. The layout our own coder works on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace tandem::codec {

struct PlaneShape {
  std::size_t channels = 1;
  std::size_t height = 1;
  std::size_t width = 1;

  [[nodiscard]] std::size_t plane() const { return height * width; }
  [[nodiscard]] std::size_t size() const { return channels * plane(); }
  bool operator==(const PlaneShape&) const = default;
};

// Of a tensor's dimensions: N, C, H, W give N * C channels, C, H, W as it says, fewer dimensions one row a channel.
// Dimensions beyond four count as channels.
PlaneShape plane_shape(std::span<const std::int64_t> dimensions);

}  // namespace tandem::codec
