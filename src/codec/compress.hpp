// Lossless compression of bytes (zstd), bounded on the way back: the caller says how many bytes must come out.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "tandem/base/result.hpp"

namespace tandem::codec {

// Appends the compressed form of `bytes` to `out`.
void compress(std::span<const std::byte> bytes, std::vector<std::byte>& out);

// Fills `out` exactly. Error: data_loss where the bytes are damaged or hold more or less than out.size().
Status decompress(std::span<const std::byte> compressed, std::span<std::byte> out);

}  // namespace tandem::codec
