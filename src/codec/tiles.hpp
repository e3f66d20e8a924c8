// Channels tiled into one grey image, as chapter 4 of the dissertation does for image codecs, and PNG and
// JPEG files of that.
//
// The grid has 2^ceil(log2(C) / 2) columns, and as many rows as that leaves room for C tiles in (where C is a power of
// two: 2^floor(log2(C) / 2)). Tiles beyond the last channel are black.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "grey_image.hpp"
#include "planes.hpp"
#include "tandem/base/result.hpp"

namespace tandem::codec {

GreyImage tile(std::span<const std::uint8_t> codes, const PlaneShape& shape);

// PNG by libpng at its usual level 6 and its own choice of filters.
std::vector<std::byte> encode_tiles(std::span<const std::uint8_t> codes, const PlaneShape& shape);
// Error: data_loss.
Status decode_tiles(std::span<const std::byte> file, const PlaneShape& shape, unsigned levels,
                    std::span<std::uint8_t> codes);

// JPEG at the dissertation's quality, 20: codes come back near what they were. Error: invalid_argument for an image
// that is too large for JPEG.
Result<std::vector<std::byte>> encode_lossy_tiles(std::span<const std::uint8_t> codes, const PlaneShape& shape);
// Error: data_loss.
Status decode_lossy_tiles(std::span<const std::byte> file, const PlaneShape& shape, unsigned levels,
                          std::span<std::uint8_t> codes);

}  // namespace tandem::codec
