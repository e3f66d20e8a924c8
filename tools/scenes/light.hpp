// The light of a moment: sun, sky and clouds.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "vector.hpp"

namespace tandem::scenes {

struct Light {
  std::string_view name;
  Vector to_sun;  // a direction, not normalised
  Color sun;
  double sun_width = 0.0;  // the larger, the softer the shadows
  Color zenith;
  Color horizon;
  double clouds = 0.0;  // 0 is a clear sky, 1 a covered one
  double haze = 0.0;    // part of the light lost to the air per unit of length
};

std::optional<Light> light_named(std::string_view name);
std::string light_names();  // "morning, noon, ..."

// The sky in a direction that looks up or level.
Color sky(const Light& light, Vector direction);

}  // namespace tandem::scenes
