// A still life on a ground under a light, arranged by chance.
#pragma once

#include <cstdint>
#include <vector>

#include "light.hpp"
#include "material.hpp"
#include "shape.hpp"

namespace tandem::scenes {

struct Thing {
  Shape shape;
  Material material;
};

struct Scene {
  std::vector<Thing> things;
  Material ground;
  Light light;
  Vector eye;
  Vector target;
};

// The same scene for the same seed; only the light is chosen apart.
Scene arrange(std::uint64_t seed, const Light& light);

}  // namespace tandem::scenes
