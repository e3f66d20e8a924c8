// A checksum against damage on the way (not against forgery).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace tandem::codec {

// XXH32 with seed 0, as its specification says (github.com/Cyan4973/xxHash, doc/xxhash_spec.md).
std::uint32_t checksum(std::span<const std::byte> bytes);

}  // namespace tandem::codec
