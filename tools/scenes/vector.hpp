// Points, directions and colours: three doubles.
#pragma once

#include <algorithm>
#include <cmath>

namespace tandem::scenes {

struct Vector {
  double x = 0.0;
  double y = 0.0;  // up; of a colour: green
  double z = 0.0;

  friend Vector operator+(Vector a, Vector b) { return {a.x + b.x, a.y + b.y, a.z + b.z}; }
  friend Vector operator-(Vector a, Vector b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
  friend Vector operator*(Vector a, Vector b) { return {a.x * b.x, a.y * b.y, a.z * b.z}; }
  friend Vector operator*(Vector a, double k) { return {a.x * k, a.y * k, a.z * k}; }
  friend Vector operator*(double k, Vector a) { return a * k; }
};

using Color = Vector;  // linear light, 1 is the brightest the camera takes before exposure

struct Plane {  // a place on a surface that is thought of as flat
  double u = 0.0;
  double v = 0.0;
};

inline double dot(Vector a, Vector b) {
  return a.x * b.x + a.y * b.y + a.z * b.z;
}
inline double length(Vector a) {
  return std::sqrt(dot(a, a));
}
inline Vector normalize(Vector a) {
  return a * (1.0 / length(a));
}
inline Vector cross(Vector a, Vector b) {
  return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}
inline Vector reflect(Vector direction, Vector normal) {
  return direction - normal * (2.0 * dot(direction, normal));
}
inline double mix(double a, double b, double t) {
  return a + (b - a) * t;
}
inline Vector mix(Vector a, Vector b, double t) {
  return a + (b - a) * t;
}
// 0 below `low`, 1 above `high`, smooth between.
inline double smooth_step(double low, double high, double x) {
  const double t = std::clamp((x - low) / (high - low), 0.0, 1.0);
  return t * t * (3.0 - 2.0 * t);
}

}  // namespace tandem::scenes
