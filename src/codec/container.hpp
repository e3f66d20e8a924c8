// The container around a coded tensor: says what the payload is, before anyone decodes it. Little-endian, no padding.
//
//   offset  bytes  what
//   0       4      magic "TNDM"
//   4       1      version, 1
//   5       1      codec: 0 raw, 1 linear8
//   6       1      element type of the decoded tensor, see kElementTypes
//   7       1      rank r, at most 8
//   8       8 r    dimensions, int64, none negative
//   8 + 8r  2      parameter bytes p
//   10 + 8r p      parameters of the codec
//   ...     8      payload bytes n, uint64; exactly what is left
//   ...     n      payload
//
// See docs/formats/codec.md. Thread rule: free functions without shared state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "tandem/base/result.hpp"
#include "tandem/network/tensor.hpp"

namespace tandem::codec {

// Views into the coded bytes it was read from.
struct Container {
  std::string_view codec;
  network::TensorSpec spec;  // without a name; its bytes are at most kMaxTensorBytes
  std::span<const std::byte> parameters;
  std::span<const std::byte> payload;
};

// The bytes in front of a payload of `payload_bytes`. Precondition: codec is raw or linear8, at most kMaxRank
// dimensions.
std::vector<std::byte> container_head(std::string_view codec, const network::TensorSpec& spec,
                                      std::span<const std::byte> parameters, std::size_t payload_bytes);

// Error: data_loss with what is wrong. Allocates no more than the dimensions.
Result<Container> read_container(std::span<const std::byte> coded);

}  // namespace tandem::codec
