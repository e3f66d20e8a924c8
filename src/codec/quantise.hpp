// Floats to codes and back on a uniform grid (network::Quantization), in whatever vectors the processor has; the codes
// are the same on all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "tandem/network/tensor.hpp"

namespace tandem::codec {

inline constexpr int kMaxLevels = 65536;

// Finite ends, not in reverse, a width that float32 can express, 2 to kMaxLevels levels.
bool is_usable(const network::Quantization& grid);

// From the least to the greatest finite value; nothing where there is none, or where float32 cannot divide the range.
// Precondition of all: is_float(type), see scalar.hpp.
std::optional<network::Quantization> min_max_grid(network::ElementType type, std::span<const std::byte> data,
                                                  int levels);

// The same without the most extreme values: of all, the part `kept` stays in, as many are left out at either end where
// both have so many. Few large values then cost the others less precision. Precondition: 0 < kept <= 1.
std::optional<network::Quantization> clipped_grid(network::ElementType type, std::span<const std::byte> data,
                                                  int levels, double kept);

// The nearest code of each value; beyond the grid its end, and 0 for a NaN. Preconditions: is_usable(grid),
// grid.levels <= 256 (of the second 65536), codes.size() is the number of values.
void quantise(network::ElementType type, std::span<const std::byte> data, const network::Quantization& grid,
              std::span<std::uint8_t> codes);
void quantise(network::ElementType type, std::span<const std::byte> data, const network::Quantization& grid,
              std::span<std::uint16_t> codes);

// Whether the codes stand for the values to within what kernels round differently.
bool lies_on_grid(network::ElementType type, std::span<const std::byte> data, const network::Quantization& grid,
                  std::span<const std::uint8_t> codes);

// c / (levels - 1) * (high - low) + low, in float32 in this order, then rounded to the type.
void dequantise(std::span<const std::uint8_t> codes, const network::Quantization& grid, network::ElementType type,
                std::span<std::byte> out);
void dequantise(std::span<const std::uint16_t> codes, const network::Quantization& grid, network::ElementType type,
                std::span<std::byte> out);

}  // namespace tandem::codec
