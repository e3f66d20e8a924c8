// An image of one grey byte a pixel, row after row.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tandem::codec {

struct GreyImage {
  std::size_t width = 0;
  std::size_t height = 0;
  std::vector<std::uint8_t> pixels;
};

}  // namespace tandem::codec
