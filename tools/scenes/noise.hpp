// Smooth random fields, the stuff of natural textures. The same everywhere for the same arguments.
#pragma once

#include <cstdint>

#include "vector.hpp"

namespace tandem::scenes {

// In [0, 1), without relation between neighbouring cells.
double cell_noise(std::int64_t x, std::int64_t y, std::int64_t z);

// In [0, 1], smooth, with bumps of about one unit.
double noise(Vector p);

// A sum of `octaves` noises, each twice as fine and half as strong; in [0, 1].
double fractal_noise(Vector p, int octaves);

}  // namespace tandem::scenes
