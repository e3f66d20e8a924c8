#pragma once

#include <cstddef>
#include <span>

namespace tandem::codec {

// Decodes them as a container and as a prior; whatever they are, nothing happens.
void decode_any_bytes(std::span<const std::byte> bytes);

}  // namespace tandem::codec
