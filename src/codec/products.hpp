// Scalar products of 16-bit numbers, what fitting a filter mostly consists of.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tandem::codec {

// To which the rows of sum_of_products() are padded with zeros.
inline constexpr std::size_t kProductStep = 64;

// Preconditions: count is a multiple of kProductStep, and the sum fits 32 bits.
std::int32_t sum_of_products(const std::int16_t* a, const std::int16_t* b, std::size_t count);

}  // namespace tandem::codec
