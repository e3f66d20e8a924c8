// The container around a coded tensor: says what the payload is, before anyone decodes it. Little-endian, no padding.
//
//   bytes  what
//   2      magic "TN"
//   1      version, 3
//   1      codec: its place in kCodecs
//   1      element type of the decoded tensor (low four bits, see kElementTypes), rank r, at most 8 (high four bits)
//   ...    r dimensions, each a varint: seven bits a byte, the lowest first, the high bit set on all bytes but the last
//   ...    parameter bytes p, a varint
//   p      parameters of the codec
//   ...    payload
//   4      checksum, XXH32 of all that is before it
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

// What stands in front of the payload; after the payload has been appended, seal() ends the container.
// Precondition: a codec with a number, at most kMaxRank dimensions.
std::vector<std::byte> container_head(std::string_view codec, const network::TensorSpec& spec,
                                      std::span<const std::byte> parameters);
void seal(std::vector<std::byte>& coded);

inline constexpr std::size_t kChecksumBytes = sizeof(std::uint32_t);

// Error: data_loss with what is wrong. Allocates no more than the dimensions.
Result<Container> read_container(std::span<const std::byte> coded);
// The same of a beginning of one, with whatever is there behind the head as payload: nothing of it is checked.
Result<Container> read_head(std::span<const std::byte> beginning);

// Whether it is the tensor that is due. Error: invalid_argument with both.
Status check_due(const Container& container, const network::TensorSpec& due);

}  // namespace tandem::codec
