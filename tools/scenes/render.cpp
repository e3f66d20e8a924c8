#include "render.hpp"

#include <optional>

#include "noise.hpp"
#include "tandem/base/random.hpp"

namespace tandem::scenes {
namespace {

constexpr double kFar = 60.0;
constexpr double kNear = 1e-3;
constexpr int kGround = -1;

struct Nearest {
  double distance = kFar;
  int thing = kGround;
};

struct Hit {
  Vector point;
  double away = 0.0;  // from where the ray began
  int thing = kGround;
};

double distance_to(const Thing& thing, Vector p) {
  // The ball around a thing is cheap and often far enough.
  const double around = length(p - thing.shape.center) - length(thing.shape.half_size);
  return around > 0.4 ? around : distance(thing.shape, to_local(thing.shape, p));
}

Nearest nearest(const Scene& scene, Vector p) {
  Nearest best{.distance = p.y, .thing = kGround};
  for (int i = 0; i < static_cast<int>(scene.things.size()); ++i) {
    const double d = distance_to(scene.things[static_cast<std::size_t>(i)], p);
    if (d < best.distance) best = {.distance = d, .thing = i};
  }
  return best;
}

std::optional<Hit> follow(const Scene& scene, Vector origin, Vector direction) {
  double away = 0.0;
  for (int step = 0; step < 200 && away < kFar; ++step) {
    const Vector p = origin + direction * away;
    const Nearest next = nearest(scene, p);
    if (next.distance < kNear * (1.0 + 0.2 * away)) return Hit{.point = p, .away = away, .thing = next.thing};
    away += next.distance;
  }
  return std::nullopt;
}

// How much of the sun a point sees: the narrowest the way to it gets, measured against the sun's width.
double sunlight(const Scene& scene, Vector point, Vector to_sun) {
  double seen = 1.0;
  double away = 0.03;
  for (int step = 0; step < 80 && away < 14.0; ++step) {
    const double room = nearest(scene, point + to_sun * away).distance;
    seen = std::min(seen, 0.5 + 0.5 * room / (scene.light.sun_width * away));
    if (seen <= 0.0) return 0.0;
    away += std::clamp(room, 0.015, 0.6);
  }
  return smooth_step(0.0, 1.0, seen);
}

// How open the surroundings are: 1 under a free sky, less in corners and under things.
double openness(const Scene& scene, Vector point, Vector normal) {
  double closed = 0.0;
  double weight = 0.55;
  for (const double away : {0.06, 0.16, 0.36, 0.75, 1.4}) {
    closed += weight * (away - std::min(away, nearest(scene, point + normal * away).distance)) / away;
    weight *= 0.75;
  }
  return std::clamp(1.0 - 0.55 * closed, 0.0, 1.0);
}

struct Surface {
  Look look;
  Vector normal;
};

Look look_at(const Scene& scene, int thing, Vector p, Vector normal) {
  if (thing == kGround) return look(scene.ground, p, {p.x, p.z});
  const auto& [shape, material] = scene.things[static_cast<std::size_t>(thing)];
  const Vector local = to_local(shape, p);
  const Vector local_normal = to_local({.center = {}, .turn = shape.turn}, normal);
  return look(material, local, unroll(shape, local, local_normal));
}

Vector smooth_normal(const Scene& scene, const Hit& hit) {
  if (hit.thing == kGround) return {0.0, 1.0, 0.0};
  const Shape& shape = scene.things[static_cast<std::size_t>(hit.thing)].shape;
  const Vector local = to_local(shape, hit.point);
  constexpr double kStep = 1e-4;
  const auto slope = [&](Vector along) {
    return distance(shape, local + along * kStep) - distance(shape, local - along * kStep);
  };
  return turn_to_world(shape, normalize(Vector{slope({1, 0, 0}), slope({0, 1, 0}), slope({0, 0, 1})}));
}

// The relief of the material tilts the normal; far away, where a pixel covers many bumps, less so.
Surface surface_at(const Scene& scene, const Hit& hit) {
  const Vector normal = smooth_normal(scene, hit);
  const Look here = look_at(scene, hit.thing, hit.point, normal);
  const double step = 0.004 + 0.0012 * hit.away;
  const Vector side = normalize(cross(normal, std::abs(normal.y) < 0.9 ? Vector{0, 1, 0} : Vector{1, 0, 0}));
  const Vector other = cross(normal, side);
  const auto rise = [&](Vector along) {
    return (look_at(scene, hit.thing, hit.point + along * step, normal).relief - here.relief) / step;
  };
  return {.look = here, .normal = normalize(normal - side * rise(side) - other * rise(other))};
}

Color shade(const Scene& scene, const Hit& hit, Vector direction) {
  const Light& light = scene.light;
  const auto [look, normal] = surface_at(scene, hit);
  const Vector to_sun = normalize(light.to_sun);
  const Vector outside = hit.point + normal * 0.01;
  const double facing = std::max(dot(normal, to_sun), 0.0);
  const double sun_seen = facing > 0.0 ? sunlight(scene, outside, to_sun) : 0.0;
  const double open = openness(scene, hit.point, normal);
  const Color from_sky = mix(light.horizon * 0.55, light.zenith * 0.75 + light.horizon * 0.3, 0.5 + 0.5 * normal.y);
  const Color from_ground = scene.ground.main * (light.sun * 0.10 + light.horizon * 0.12) * (0.5 - 0.5 * normal.y);
  Color color = look.color * (light.sun * (facing * sun_seen) + (from_sky + from_ground) * (open * open));

  const Vector mirrored = reflect(direction, normal);
  const double glancing = std::pow(1.0 - std::max(-dot(direction, normal), 0.0), 5.0);
  const double mirror = look.gloss * (0.04 + 0.5 * glancing);
  if (mirror > 0.004) {
    const std::optional<Hit> seen = follow(scene, outside, mirrored);
    const Color image =
        seen ? surface_at(scene, *seen).look.color * (from_sky * 0.6 + light.sun * 0.3) : sky(light, mirrored);
    color = color + image * mirror * (0.4 + 0.6 * open);
  }
  const double highlight = std::pow(std::max(dot(mirrored, to_sun), 0.0), 20.0 + 160.0 * look.gloss);
  return color + light.sun * (highlight * look.gloss * sun_seen * 0.8);
}

Color color_along(const Scene& scene, Vector direction) {
  const std::optional<Hit> hit = follow(scene, scene.eye, direction);
  if (!hit) return sky(scene.light, direction);
  const Color air = sky(scene.light, normalize({direction.x, 0.02, direction.z}));
  return mix(air, shade(scene, *hit, direction), std::exp(-scene.light.haze * hit->away));
}

// Bright light is pressed together as film does it, then coded for a screen (sRGB).
std::uint8_t developed(double light) {
  const double exposed = 1.0 - std::exp(-1.15 * std::max(light, 0.0));
  const double coded = exposed <= 0.0031308 ? 12.92 * exposed : 1.055 * std::pow(exposed, 1.0 / 2.4) - 0.055;
  const double contrasted = mix(coded, smooth_step(0.0, 1.0, coded), 0.65);
  return static_cast<std::uint8_t>(std::lround(255.0 * std::clamp(contrasted, 0.0, 1.0)));
}

}  // namespace

codec::Image render(const Scene& scene, const Film& film) {
  constexpr double kZoom = 1.35;
  constexpr double kGrain = 0.012;
  const Vector forward = normalize(scene.target - scene.eye);
  const Vector right = normalize(cross({0.0, 1.0, 0.0}, forward));
  const Vector up = cross(forward, right);
  Random grain(film.seed);
  codec::Image image{.width = film.width, .height = film.height, .rgb = {}};
  image.rgb.reserve(static_cast<std::size_t>(film.width) * static_cast<std::size_t>(film.height) * 3);
  for (int row = 0; row < film.height; ++row) {
    for (int column = 0; column < film.width; ++column) {
      Color sum;
      for (int i = 0; i < film.samples * film.samples; ++i) {
        const int across = i % film.samples;
        const int down = i / film.samples;
        const double dx = (across + 0.5) / film.samples;
        const double dy = (down + 0.5) / film.samples;
        const double x = (2.0 * (column + dx) - film.width) / film.height;
        const double y = (film.height - 2.0 * (row + dy)) / film.height;
        sum = sum + color_along(scene, normalize(right * x + up * y + forward * (2.0 * kZoom)));
      }
      const double x = 2.0 * column / film.width - 1.0;
      const double y = 2.0 * row / film.height - 1.0;
      const double corner_fall_off = 1.0 - 0.12 * (x * x + y * y);
      const double noise = 1.0 + kGrain * grain.uniform(-1.0, 1.0);
      const Color pixel = sum * (corner_fall_off * noise / (film.samples * film.samples));
      for (const double channel : {pixel.x, pixel.y, pixel.z}) image.rgb.push_back(developed(channel));
    }
  }
  return image;
}

}  // namespace tandem::scenes
