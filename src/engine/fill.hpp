// Values for an input of which only type and size are known.
#pragma once

#include <cstddef>
#include <span>

#include "tandem/base/random.hpp"
#include "tandem/network/tensor.hpp"

namespace tandem::engine {

// Floats: uniform in [-1, 1). Integers, which may be indices into a table: 0 or 1. Half-width floats: zeros and ones.
void fill_plausibly(network::ElementType type, std::span<std::byte> data, Random& random);

}  // namespace tandem::engine
