// Solid shapes as distance fields: how far a point is from the surface, negative inside.
#pragma once

#include "vector.hpp"

namespace tandem::scenes {

enum class Form { sphere, box, cylinder, cone, torus };

struct Shape {
  Form form = Form::sphere;
  Vector center = {};
  Vector half_size = {1.0, 1.0, 1.0};  // x is the radius of round forms, y half the height; z only for boxes
  double turn = 0.0;                   // radians about the vertical
};

// The point as the shape sees it: centred, unturned.
Vector to_local(const Shape& shape, Vector point);
Vector turn_to_world(const Shape& shape, Vector direction);

// Never more than the true distance. `local` from to_local.
double distance(const Shape& shape, Vector local);

// Where on the flat cover of the shape a point of its surface lies, in units of length.
Plane unroll(const Shape& shape, Vector local, Vector local_normal);

}  // namespace tandem::scenes
