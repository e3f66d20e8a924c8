#include "material.hpp"

#include <cstdint>
#include <numbers>

#include "noise.hpp"

namespace tandem::scenes {
namespace {

// A cell of a rectangular tiling, laid in running bond where `offset` is not zero.
struct Tile {
  double joint = 0.0;  // 0 in the joint, 1 on the tile
  double shade = 0.0;  // a random number of the tile, in [0, 1)
};

Tile tile_at(Plane p, double width, double height, double offset, double joint) {
  const double row = std::floor(p.v / height);
  const double shifted = p.u + row * offset * width;
  const double column = std::floor(shifted / width);
  const double to_side = std::min(shifted - column * width, (column + 1.0) * width - shifted);
  const double to_row = std::min(p.v - row * height, (row + 1.0) * height - p.v);
  return {.joint = smooth_step(joint * 0.5, joint, std::min(to_side, to_row)),
          .shade = cell_noise(static_cast<std::int64_t>(column), static_cast<std::int64_t>(row), 5)};
}

Vector on_cover(Plane p) {
  return {p.u, 0.37, p.v};
}

Look wood(const Material& m, Vector p) {
  const Vector stretched = Vector{p.x, p.y * 0.12, p.z} * (1.0 / m.scale);
  const double wobble = fractal_noise(stretched * 1.5, 3);
  const double ring = std::hypot(stretched.x + 2.1, stretched.z + 0.7) * 7.0 + wobble * 4.0;
  const double late = std::pow(ring - std::floor(ring), 3.0);
  const double fibre = noise(Vector{p.x * 60.0, p.y * 3.0, p.z * 60.0});
  return {.color = mix(m.main, m.second, 0.75 * late + 0.25 * fibre), .gloss = m.gloss, .relief = 0.0012 * fibre};
}

Look marble(const Material& m, Vector p) {
  const Vector q = p * (1.0 / m.scale);
  const double fold = fractal_noise(q * 2.0, 6);
  const double vein = std::abs(std::sin((q.x + 0.6 * q.y + 0.3 * q.z + 2.6 * fold) * 4.0));
  const double cloud = fractal_noise(q * 5.0, 5);
  return {.color = mix(m.second, m.main, std::pow(vein, 0.35)) * (0.8 + 0.35 * cloud), .gloss = m.gloss};
}

Look stone(const Material& m, Vector p) {
  const Vector q = p * (1.0 / m.scale);
  const double grain = fractal_noise(q * 14.0, 4);
  const double patch = fractal_noise(q * 2.0, 3);
  const double speck = smooth_step(0.62, 0.7, noise(q * 38.0));
  return {.color = mix(mix(m.main, m.second, patch), m.second * 0.35, 0.7 * speck) * (0.6 + 0.8 * grain),
          .gloss = m.gloss * (1.0 - speck),
          .relief = 0.03 * grain * m.scale};
}

Look rust(const Material& m, Vector p) {
  const Vector q = p * (1.0 / m.scale);
  const double eaten = smooth_step(0.45, 0.58, fractal_noise(q * 2.3, 6));
  const double scratches = noise(Vector{q.x * 4.0, q.y * 70.0, q.z * 4.0});
  const double crust = fractal_noise(q * 18.0, 4);
  return {.color = mix(m.main * (0.75 + 0.4 * scratches), m.second * (0.4 + 1.1 * crust), eaten),
          .gloss = m.gloss * (1.0 - eaten),
          .relief = 0.025 * eaten * crust};
}

Look checks(const Material& m, Plane cover) {
  const Tile tile = tile_at(cover, m.scale, m.scale, 0.0, 0.03 * m.scale);
  const auto parity = static_cast<std::int64_t>(std::floor(cover.u / m.scale) + std::floor(cover.v / m.scale));
  const double stain = fractal_noise(on_cover(cover) * (6.0 / m.scale), 5);
  const Color glaze = ((parity % 2) == 0 ? m.main : m.second) * (0.75 + 0.3 * stain + 0.15 * tile.shade);
  return {.color = mix(Color{0.25, 0.24, 0.22}, glaze, tile.joint),
          .gloss = m.gloss * tile.joint,
          .relief = 0.01 * tile.joint};
}

Look bricks(const Material& m, Plane cover) {
  const double crumble = fractal_noise(on_cover(cover) * 9.0, 4);
  const Plane uneven = {cover.u + 0.04 * crumble * m.scale, cover.v + 0.03 * crumble * m.scale};
  const Tile tile = tile_at(uneven, m.scale, 0.4 * m.scale, 0.5, 0.045 * m.scale);
  const double grain = fractal_noise(on_cover(cover) * 30.0, 3);
  const Color clay = mix(m.main, m.second, tile.shade) * (0.55 + 0.5 * crumble + 0.4 * grain);
  return {.color = mix(Color{0.55, 0.52, 0.47} * (0.5 + 0.7 * grain), clay, tile.joint),
          .gloss = 0.0,
          .relief = 0.03 * tile.joint + 0.02 * grain};
}

Look cloth(const Material& m, Plane cover) {
  const auto band = [&](double x) { return smooth_step(-0.15, 0.15, std::sin(x * std::numbers::pi / m.scale)); };
  const double thread_u = std::sin(cover.u * 110.0);
  const double thread_v = std::sin(cover.v * 110.0);
  const double weave = 0.5 + 0.5 * thread_u * thread_v;
  const double fuzz = noise(on_cover(cover) * 45.0);
  const Color plaid = mix(mix(m.main, m.second, 0.6 * band(cover.u)), m.second * 0.5, 0.5 * band(cover.v * 0.8));
  return {.color = plaid * (0.5 + 0.35 * weave + 0.3 * fuzz), .gloss = 0.0, .relief = 0.006 * weave};
}

Look dots(const Material& m, Plane cover) {
  const double u = cover.u / m.scale;
  const double v = cover.v / m.scale;
  const double cu = std::floor(u) + 0.5;
  const double cv = std::floor(v) + 0.5;
  const double size = 0.25 + 0.12 * cell_noise(static_cast<std::int64_t>(cu), static_cast<std::int64_t>(cv), 9);
  const double inside = smooth_step(0.03, -0.03, std::hypot(u - cu, v - cv) - size);
  const double wear = fractal_noise(on_cover(cover) * 12.0, 5);
  return {.color = mix(m.main, m.second, inside) * (0.7 + 0.5 * wear), .gloss = m.gloss, .relief = 0.008 * inside};
}

Look planks(const Material& m, Plane cover) {
  const Tile tile = tile_at({cover.v, cover.u}, 5.0 * m.scale, m.scale, 0.37, 0.02 * m.scale);
  const Look grain = wood({.main = m.main, .second = m.second, .scale = 0.5 * m.scale, .gloss = m.gloss},
                          {cover.u + 31.0 * tile.shade, cover.v, 7.0 * tile.shade});
  return {.color = grain.color * ((0.65 + 0.5 * tile.shade) * mix(0.25, 1.0, tile.joint)),
          .gloss = m.gloss * tile.joint,
          .relief = 0.012 * tile.joint + grain.relief};
}

Look grass(const Material& m, Plane cover) {
  const Vector p = on_cover(cover);
  const double blades = noise({cover.u * 34.0 + 3.0 * noise(p * 8.0), 1.3, cover.v * 11.0});
  const double tufts = fractal_noise(p * 2.2, 4);
  const double dry = smooth_step(0.5, 0.7, fractal_noise(p * 0.45, 4));
  return {.color = mix(m.main, m.second, dry) * (0.25 + 0.75 * blades + 0.5 * tufts),
          .gloss = 0.0,
          .relief = 0.05 * blades + 0.1 * tufts};
}

Look sand(const Material& m, Plane cover) {
  const Vector p = on_cover(cover);
  const double drift = fractal_noise(p * 0.5, 4);
  const double ripple = 0.5 + 0.5 * std::sin((cover.v * 0.9 + cover.u * 0.3 + 2.5 * drift) * 11.0 / m.scale);
  const double grain = noise(p * 55.0);
  const double pebble = smooth_step(0.8, 0.86, noise(p * 9.0));
  return {.color = mix(m.main * (0.72 + 0.16 * ripple + 0.3 * grain), m.second * (0.5 + 0.5 * grain), pebble),
          .gloss = 0.0,
          .relief = 0.03 * ripple + 0.008 * grain + 0.03 * pebble};
}

Look paving(const Material& m, Plane cover) {
  const Vector p = on_cover(cover);
  const double bend = fractal_noise(p * 3.0, 3);
  const Tile tile = tile_at({cover.u + 0.12 * bend, cover.v + 0.1 * bend}, m.scale, 0.7 * m.scale, 0.5, 0.09 * m.scale);
  const double grain = fractal_noise(p * 16.0, 5);
  const Color slab = mix(m.main, m.second, tile.shade) * (0.45 + 0.8 * grain);
  const Color moss = Color{0.13, 0.15, 0.07} * (0.4 + grain);
  return {.color = mix(moss, slab, tile.joint), .gloss = 0.0, .relief = 0.05 * tile.joint + 0.03 * grain};
}

}  // namespace

Look look(const Material& material, Vector point, Plane cover) {
  switch (material.pattern) {
    case Pattern::wood: return wood(material, point);
    case Pattern::marble: return marble(material, point);
    case Pattern::stone: return stone(material, point);
    case Pattern::rust: return rust(material, point);
    case Pattern::checks: return checks(material, cover);
    case Pattern::bricks: return bricks(material, cover);
    case Pattern::cloth: return cloth(material, cover);
    case Pattern::dots: return dots(material, cover);
    case Pattern::planks: return planks(material, cover);
    case Pattern::grass: return grass(material, cover);
    case Pattern::sand: return sand(material, cover);
    case Pattern::paving: return paving(material, cover);
  }
  return {};
}

}  // namespace tandem::scenes
