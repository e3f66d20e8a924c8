#include "light.hpp"

#include <array>

#include "noise.hpp"

namespace tandem::scenes {
namespace {

constexpr std::array kLights = {
    Light{.name = "morning",
          .to_sun = {-0.9, 0.42, 0.35},
          .sun = {2.6, 1.9, 1.25},
          .sun_width = 0.05,
          .zenith = {0.24, 0.42, 0.75},
          .horizon = {0.95, 0.80, 0.66},
          .clouds = 0.35,
          .haze = 0.010},
    Light{.name = "noon",
          .to_sun = {0.45, 1.0, -0.35},
          .sun = {2.0, 1.9, 1.7},
          .sun_width = 0.03,
          .zenith = {0.16, 0.36, 0.82},
          .horizon = {0.66, 0.80, 0.96},
          .clouds = 0.45,
          .haze = 0.008},
    Light{.name = "overcast",
          .to_sun = {-0.3, 1.0, -0.2},
          .sun = {0.35, 0.35, 0.36},
          .sun_width = 0.5,
          .zenith = {0.72, 0.75, 0.80},
          .horizon = {0.90, 0.92, 0.93},
          .clouds = 1.0,
          .haze = 0.008},
    Light{.name = "afternoon",
          .to_sun = {0.95, 0.6, -0.6},
          .sun = {2.5, 2.1, 1.55},
          .sun_width = 0.04,
          .zenith = {0.20, 0.38, 0.72},
          .horizon = {0.80, 0.80, 0.78},
          .clouds = 0.6,
          .haze = 0.008},
    Light{.name = "evening",
          .to_sun = {1.0, 0.24, 0.55},
          .sun = {2.7, 1.35, 0.55},
          .sun_width = 0.07,
          .zenith = {0.20, 0.22, 0.48},
          .horizon = {1.05, 0.55, 0.30},
          .clouds = 0.55,
          .haze = 0.010},
    Light{.name = "dusk",
          .to_sun = {-0.7, 0.5, -0.5},
          .sun = {0.30, 0.36, 0.60},
          .sun_width = 0.15,
          .zenith = {0.05, 0.08, 0.22},
          .horizon = {0.45, 0.28, 0.34},
          .clouds = 0.5,
          .haze = 0.008},
};

}  // namespace

std::optional<Light> light_named(std::string_view name) {
  for (const Light& light : kLights) {
    if (light.name == name) return light;
  }
  return std::nullopt;
}

std::string light_names() {
  std::string names;
  for (const Light& light : kLights) {
    if (!names.empty()) names += ", ";
    names += light.name;
  }
  return names;
}

Color sky(const Light& light, Vector direction) {
  const double up = std::max(direction.y, 0.0);
  const Color clear = mix(light.horizon, light.zenith, std::pow(up, 0.45));
  const double sunward = std::max(dot(direction, normalize(light.to_sun)), 0.0);
  const Color glow = light.sun * (0.12 * std::pow(sunward, 24.0) + 0.6 * std::pow(sunward, 900.0));
  if (up <= 0.0) return clear + glow;
  // Clouds hang in a plane above; the lower one looks, the more of them lie behind each other.
  const Vector in_plane = {direction.x / (up + 0.12) * 0.9, 4.2, direction.z / (up + 0.12) * 0.9};
  const double thickness = fractal_noise(in_plane, 6);
  const double cover = smooth_step(0.62 - 0.40 * light.clouds, 0.82 - 0.35 * light.clouds, thickness);
  const Color cloud =
      mix(light.horizon * 1.1, light.zenith * 0.6 + light.sun * 0.12, smooth_step(0.45, 0.8, thickness));
  return mix(clear, cloud, cover * smooth_step(0.0, 0.12, up)) + glow;
}

}  // namespace tandem::scenes
