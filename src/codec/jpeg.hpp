// JPEG files, over libjpeg.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "grey_image.hpp"
#include "tandem/base/result.hpp"
#include "tandem/codec/image.hpp"

namespace tandem::codec {

bool is_jpeg(std::span<const std::byte> file);

// Error: invalid_argument (damaged, cut off, over max_pixels, or of colours that have no RGB form).
Result<Image> decode_jpeg(std::span<const std::byte> file, std::size_t max_pixels);

// Error: invalid_argument for an image that is too large for JPEG. Precondition: quality 1 to 100.
Result<std::vector<std::byte>> encode_grey_jpeg(const GreyImage& image, int quality);
// Error: invalid_argument (damaged, cut off, not grey or not of that size).
Result<GreyImage> decode_grey_jpeg(std::span<const std::byte> file, std::size_t width, std::size_t height);

}  // namespace tandem::codec
