// `tfc` without a prior: a model fitted to the tensor itself, cheaply, and sent in front of the stream in few bits.
//
// Bits (docs/formats/codec.md has them one by one): which contexts share a table, whether there is a zero symbol, a
// filter that channels share, each channel's mean, activity and, where it has any, its own filter and references; then
// the tables.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "planes.hpp"
#include "tandem/base/result.hpp"

namespace tandem::codec {

std::vector<std::byte> encode_fitted(std::span<const std::uint8_t> codes, const PlaneShape& shape, unsigned levels);

// Precondition: codes.size() == shape.size(). Error: data_loss.
Status decode_fitted(std::span<const std::byte> coded, const PlaneShape& shape, unsigned levels,
                     std::span<std::uint8_t> codes);

}  // namespace tandem::codec
