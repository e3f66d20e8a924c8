// How many bytes a tensor takes, for shapes that come from a peer and may claim anything.
//
//   Result<std::size_t> bytes = codec::checked_bytes(type, shape);   // before anything is allocated
//
// Thread rule: a free function without shared state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "tandem/base/result.hpp"
#include "tandem/network/tensor.hpp"

namespace tandem::codec {

// Refuses tensors over this size, coded or not: a small message must not claim a big allocation.
inline constexpr std::size_t kMaxTensorBytes = 1ULL << 30U;
inline constexpr std::size_t kMaxRank = 8;

// Error: invalid_argument for a negative dimension, more than kMaxRank dimensions, or more than kMaxTensorBytes.
// A dimension of zero is allowed: such a tensor has no bytes.
Result<std::size_t> checked_bytes(network::ElementType type, std::span<const std::int64_t> shape);

}  // namespace tandem::codec
