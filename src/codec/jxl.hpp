// JPEG XL without loss of grey images, over libjxl: a baseline to compare with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "tandem/base/result.hpp"
#include "tiles.hpp"

namespace tandem::codec {

// `effort` 1 to 9. Error: internal.
Result<std::vector<std::byte>> encode_jxl(const GreyImage& image, int effort);
// Error: data_loss, also where the image is not of width * height pixels.
Result<std::vector<std::uint8_t>> decode_jxl(std::span<const std::byte> file, std::size_t pixels);

}  // namespace tandem::codec
