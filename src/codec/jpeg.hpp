// JPEG files, over libjpeg.
#pragma once

#include <cstddef>
#include <span>

#include "tandem/base/result.hpp"
#include "tandem/codec/image.hpp"

namespace tandem::codec {

bool is_jpeg(std::span<const std::byte> file);

// Error: invalid_argument (damaged, cut off, over max_pixels, or of colours that have no RGB form).
Result<Image> decode_jpeg(std::span<const std::byte> file, std::size_t max_pixels);

}  // namespace tandem::codec
