#include "noise.hpp"

#include "tandem/base/random.hpp"

namespace tandem::scenes {
namespace {

double fade(double t) {
  return t * t * t * (t * (t * 6.0 - 15.0) + 10.0);
}

}  // namespace

double cell_noise(std::int64_t x, std::int64_t y, std::int64_t z) {
  const auto mix_in = [](std::uint64_t hash, std::int64_t value) {
    return (hash ^ static_cast<std::uint64_t>(value)) * 0x100000001b3ULL;
  };
  return Random(mix_in(mix_in(mix_in(0xcbf29ce484222325ULL, x), y), z)).uniform();
}

double noise(Vector p) {
  const double fx = std::floor(p.x);
  const double fy = std::floor(p.y);
  const double fz = std::floor(p.z);
  const auto x = static_cast<std::int64_t>(fx);
  const auto y = static_cast<std::int64_t>(fy);
  const auto z = static_cast<std::int64_t>(fz);
  const double u = fade(p.x - fx);
  const double v = fade(p.y - fy);
  const double w = fade(p.z - fz);
  const auto edge = [&](std::int64_t dy, std::int64_t dz) {
    return mix(cell_noise(x, y + dy, z + dz), cell_noise(x + 1, y + dy, z + dz), u);
  };
  return mix(mix(edge(0, 0), edge(1, 0), v), mix(edge(0, 1), edge(1, 1), v), w);
}

double fractal_noise(Vector p, int octaves) {
  double sum = 0.0;
  double strength = 0.5;
  double total = 0.0;
  for (int i = 0; i < octaves; ++i) {
    sum += strength * noise(p);
    total += strength;
    strength *= 0.5;
    p = p * 2.03 + Vector{17.1, 3.7, 9.2};  // not quite doubled and shifted: the lattices do not line up
  }
  return sum / total;
}

}  // namespace tandem::scenes
