// PNG files, over libspng.
#pragma once

#include <cstddef>
#include <span>

#include "tandem/base/result.hpp"
#include "tandem/codec/image.hpp"

namespace tandem::codec {

bool is_png(std::span<const std::byte> file);

// Any PNG as 8-bit RGB; transparency is dropped. Error: invalid_argument (damaged, cut off, over max_pixels).
Result<Image> decode_png(std::span<const std::byte> file, std::size_t max_pixels);

}  // namespace tandem::codec
