// 8-bit linear quantisation, then zstd.
//
// Parameters of the container:
//   offset  bytes  what
//   0       1      mapping: 0 the tensor's own bytes; 1 one code a value
//   1       4      low, float32    (mapping 1, as the next two)
//   5       4      high, float32
//   9       2      levels, 2 to 256
// A code c stands for c / (levels - 1) * (high - low) + low, computed in float32 in this order. The payload is one zstd
// frame that holds exactly the codes, or the tensor's own bytes.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "container.hpp"
#include "tandem/base/result.hpp"
#include "tandem/network/tensor.hpp"

namespace tandem::codec {

// Floats are quantised on `grid` where every value lies on it, else between the tensor's smallest and largest value.
// Other types, and ranges float32 cannot divide into 255 steps, keep their bytes.
std::vector<std::byte> encode_linear8(const network::TensorSpec& spec, std::span<const std::byte> data,
                                      const std::optional<network::Quantization>& grid);

// Precondition: out.size() == container.spec.bytes(). Error: data_loss.
Status decode_linear8(const Container& container, std::span<std::byte> out);

}  // namespace tandem::codec
