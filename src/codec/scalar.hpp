// Blocks of float elements of any width, seen as float32: how one quantiser serves f32, f16 and bf16.
#pragma once

#include <cstddef>
#include <span>

#include "tandem/network/tensor.hpp"

namespace tandem::codec {

// f32, f16 and bf16.
bool is_float(network::ElementType type);

// Precondition: is_float(type) and bytes.size() == values.size() * size_of(type).
void widen(network::ElementType type, std::span<const std::byte> bytes, std::span<float> values);

// Rounds to nearest, ties to even; beyond the type's range becomes infinity. Precondition as of widen.
void narrow(network::ElementType type, std::span<const float> values, std::span<std::byte> bytes);

}  // namespace tandem::codec
