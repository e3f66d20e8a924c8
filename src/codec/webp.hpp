// WebP without loss of grey images, over libwebp: a baseline to compare with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "grey_image.hpp"
#include "tandem/base/result.hpp"

namespace tandem::codec {

// With the library's usual settings. Error: invalid_argument for an image that is too large for WebP (16383 a side).
Result<std::vector<std::byte>> encode_webp(const GreyImage& image);
// The pixels. Error: data_loss, also where the image is not of that width and height.
Result<std::vector<std::uint8_t>> decode_webp(std::span<const std::byte> file, std::size_t width, std::size_t height);

}  // namespace tandem::codec
