// What a surface looks like at a point: colour, gloss and relief, from a pattern and a few colours.
#pragma once

#include "vector.hpp"

namespace tandem::scenes {

enum class Pattern { wood, marble, stone, rust, checks, bricks, cloth, dots, planks, grass, sand, paving };

struct Material {
  Pattern pattern = Pattern::stone;
  Color main;
  Color second;
  double scale = 1.0;  // size of the pattern's elements
  double gloss = 0.0;  // 0 is chalk, 1 a glazed tile
};

struct Look {
  Color color;
  double gloss = 0.0;
  double relief = 0.0;  // height above the smooth surface, in units of length
};

// `point` is in the body, for patterns that go through it; `cover` on its surface, for those that are laid on.
Look look(const Material& material, Vector point, Plane cover);

}  // namespace tandem::scenes
