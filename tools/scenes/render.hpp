// A camera: takes a picture of a scene by following rays through its distance field.
#pragma once

#include <cstdint>

#include "scene.hpp"
#include "tandem/codec/image.hpp"

namespace tandem::scenes {

struct Film {
  int width = 640;
  int height = 480;
  int samples = 3;         // rays per pixel, in each direction
  std::uint64_t seed = 1;  // of the grain
};

codec::Image render(const Scene& scene, const Film& film);

}  // namespace tandem::scenes
