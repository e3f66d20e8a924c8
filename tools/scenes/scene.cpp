#include "scene.hpp"

#include <array>
#include <iterator>
#include <numbers>

#include "tandem/base/random.hpp"

namespace tandem::scenes {
namespace {

struct Colors {
  Color main;
  Color second;
};

template <class List>
auto pick(Random& random, const List& list) {
  return list[random.below(std::size(list))];
}

Color any_color(Random& random) {
  static constexpr std::array<Color, 9> kPaints = {{{0.62, 0.08, 0.06},
                                                    {0.82, 0.42, 0.05},
                                                    {0.80, 0.66, 0.12},
                                                    {0.16, 0.42, 0.12},
                                                    {0.05, 0.32, 0.38},
                                                    {0.07, 0.14, 0.48},
                                                    {0.34, 0.10, 0.36},
                                                    {0.75, 0.70, 0.62},
                                                    {0.10, 0.09, 0.09}}};
  return pick(random, kPaints) * random.uniform(0.8, 1.15);
}

// Bricks are laid only where something stands straight.
bool fits(Pattern pattern, Form form) {
  return pattern != Pattern::bricks || form == Form::box || form == Form::cylinder;
}

Material any_material(Random& random, Form form) {
  static constexpr std::array kPatterns = {Pattern::wood,   Pattern::marble, Pattern::stone, Pattern::rust,
                                           Pattern::checks, Pattern::bricks, Pattern::cloth, Pattern::dots};
  Pattern pattern = pick(random, kPatterns);
  while (!fits(pattern, form)) pattern = pick(random, kPatterns);
  switch (pattern) {
    case Pattern::wood:
      return {.pattern = pattern,
              .main = {0.52, 0.30, 0.14},
              .second = {0.20, 0.09, 0.035},
              .scale = random.uniform(0.6, 1.2),
              .gloss = random.uniform(0.0, 0.5)};
    case Pattern::marble:
      return {.pattern = pattern,
              .main = mix({0.82, 0.80, 0.76}, any_color(random), 0.25),
              .second = {0.16, 0.15, 0.17},
              .scale = random.uniform(0.8, 1.8),
              .gloss = 0.8};
    case Pattern::stone:
      return {.pattern = pattern,
              .main = mix({0.5, 0.47, 0.42}, any_color(random), 0.25),
              .second = {0.30, 0.28, 0.26},
              .scale = random.uniform(0.6, 1.4),
              .gloss = 0.1};
    case Pattern::rust:
      return {.pattern = pattern,
              .main = mix({0.35, 0.37, 0.40}, any_color(random), 0.6),
              .second = {0.36, 0.13, 0.04},
              .scale = random.uniform(0.7, 1.6),
              .gloss = 0.7};
    case Pattern::bricks:
      return {.pattern = pattern,
              .main = {0.50, 0.17, 0.09},
              .second = {0.33, 0.12, 0.09},
              .scale = random.uniform(0.3, 0.55)};
    default:
      return {.pattern = pattern,
              .main = any_color(random),
              .second = any_color(random),
              .scale = random.uniform(0.16, 0.34),
              .gloss = random.uniform(0.1, 0.9)};
  }
}

Material any_ground(Random& random) {
  static const std::array<Material, 5> kGrounds = {{
      {.pattern = Pattern::grass, .main = {0.16, 0.30, 0.06}, .second = {0.42, 0.37, 0.16}},
      {.pattern = Pattern::sand, .main = {0.66, 0.53, 0.36}, .second = {0.34, 0.30, 0.27}},
      {.pattern = Pattern::planks,
       .main = {0.46, 0.29, 0.16},
       .second = {0.22, 0.12, 0.06},
       .scale = 0.6,
       .gloss = 0.25},
      {.pattern = Pattern::paving, .main = {0.48, 0.45, 0.41}, .second = {0.33, 0.32, 0.33}, .scale = 0.9},
      {.pattern = Pattern::checks,
       .main = {0.62, 0.56, 0.48},
       .second = {0.30, 0.16, 0.11},
       .scale = 0.8,
       .gloss = 0.5},
  }};
  return pick(random, kGrounds);
}

Shape any_shape(Random& random) {
  static constexpr std::array kForms = {Form::sphere, Form::sphere,   Form::box,  Form::box,
                                        Form::box,    Form::cylinder, Form::cone, Form::torus};
  Shape shape{.form = pick(random, kForms), .turn = random.uniform(0.0, 2.0 * std::numbers::pi)};
  const double size = random.uniform(0.38, 0.95);
  switch (shape.form) {
    case Form::box:
      shape.half_size = {size * random.uniform(0.6, 1.0), size * random.uniform(0.6, 1.4),
                         size * random.uniform(0.6, 1.0)};
      break;
    case Form::cylinder: shape.half_size = {size * 0.65, size * random.uniform(0.6, 1.5), 0.0}; break;
    case Form::cone: shape.half_size = {size * 0.8, size * random.uniform(0.9, 1.4), 0.0}; break;
    case Form::torus: shape.half_size = {size, size * 0.3, 0.0}; break;
    case Form::sphere: shape.half_size = {size, size, size}; break;
  }
  return shape;
}

double footprint(const Shape& shape) {
  return shape.form == Form::box ? std::hypot(shape.half_size.x, shape.half_size.z) : shape.half_size.x;
}

bool has_room(const std::vector<Thing>& things, const Shape& shape) {
  return std::ranges::all_of(things, [&](const Thing& other) {
    const Vector apart = shape.center - other.shape.center;
    return std::hypot(apart.x, apart.z) > footprint(shape) + footprint(other.shape) + 0.05;
  });
}

}  // namespace

Scene arrange(std::uint64_t seed, const Light& light) {
  constexpr int kThings = 12;
  constexpr int kTries = 4000;
  Random random(seed);
  Scene scene{.things = {},
              .ground = any_ground(random),
              .light = light,
              .eye = {random.uniform(-1.2, 1.2), random.uniform(1.5, 2.9), -6.2},
              .target = {0.0, 0.65, 0.0}};
  for (int tries = 0; tries < kTries && scene.things.size() < kThings; ++tries) {
    Shape shape = any_shape(random);
    shape.center = {random.uniform(-3.4, 3.4), shape.half_size.y, random.uniform(-2.0, 5.0)};
    if (!has_room(scene.things, shape)) continue;
    scene.things.push_back({.shape = shape, .material = any_material(random, shape.form)});
    const bool carries = shape.form == Form::box || shape.form == Form::cylinder;
    if (carries && random.uniform() < 0.4) {
      const double radius = footprint(shape) * random.uniform(0.4, 0.6);
      const Shape ball{.form = Form::sphere,
                       .center = shape.center + Vector{0.0, shape.half_size.y + radius, 0.0},
                       .half_size = {radius, radius, radius}};
      scene.things.push_back({.shape = ball, .material = any_material(random, ball.form)});
    }
  }
  return scene;
}

}  // namespace tandem::scenes
