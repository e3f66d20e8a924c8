#include "shape.hpp"

#include <numbers>

namespace tandem::scenes {
namespace {

constexpr double kRounding = 0.03;  // real edges are never sharp

// About the vertical axis.
Vector turned(Vector p, double angle) {
  const double c = std::cos(angle);
  const double s = std::sin(angle);
  return {c * p.x + s * p.z, p.y, c * p.z - s * p.x};
}

double around_axis(Vector p) {
  return std::hypot(p.x, p.z);
}

// Distance to a rectangle of the given half sides around the origin, in two dimensions.
double to_rectangle(double x, double y, double half_x, double half_y) {
  const double dx = std::abs(x) - half_x;
  const double dy = std::abs(y) - half_y;
  return std::hypot(std::max(dx, 0.0), std::max(dy, 0.0)) + std::min(std::max(dx, dy), 0.0);
}

double to_box(Vector p, Vector half) {
  const Vector d = {std::abs(p.x) - half.x, std::abs(p.y) - half.y, std::abs(p.z) - half.z};
  const Vector outside = {std::max(d.x, 0.0), std::max(d.y, 0.0), std::max(d.z, 0.0)};
  return length(outside) + std::min(std::max({d.x, d.y, d.z}), 0.0);
}

// A cone standing on y = -half_height: the larger of the distances to its side and to its base.
double to_cone(Vector p, double radius, double half_height) {
  const double slope = std::hypot(radius, 2.0 * half_height);
  const double side = (around_axis(p) * 2.0 * half_height + (p.y - half_height) * radius) / slope;
  return std::max(side, -half_height - p.y);
}

}  // namespace

Vector to_local(const Shape& shape, Vector point) {
  return turned(point - shape.center, shape.turn);
}

Vector turn_to_world(const Shape& shape, Vector direction) {
  return turned(direction, -shape.turn);
}

double distance(const Shape& shape, Vector local) {
  const Vector half = shape.half_size;
  switch (shape.form) {
    case Form::sphere: return length(local) - half.x;
    case Form::box: return to_box(local, half - Vector{kRounding, kRounding, kRounding}) - kRounding;
    case Form::cylinder:
      return to_rectangle(around_axis(local), local.y, half.x - kRounding, half.y - kRounding) - kRounding;
    case Form::cone: return to_cone(local, half.x, half.y);
    case Form::torus: return std::hypot(around_axis(local) - (half.x - half.y), local.y) - half.y;
  }
  return 0.0;
}

Plane unroll(const Shape& shape, Vector local, Vector local_normal) {
  const double azimuth = std::atan2(local.z, local.x);
  switch (shape.form) {
    case Form::sphere:
      return {azimuth * shape.half_size.x,
              std::asin(std::clamp(local.y / shape.half_size.x, -1.0, 1.0)) * shape.half_size.x};
    case Form::torus: {
      const double ring = shape.half_size.x - shape.half_size.y;
      return {azimuth * ring, std::atan2(local.y, around_axis(local) - ring) * shape.half_size.y};
    }
    case Form::cylinder:
    case Form::cone:
      if (std::abs(local_normal.y) > 0.8) return {local.x, local.z};
      return {azimuth * shape.half_size.x, local.y};
    case Form::box: {
      const Vector n = {std::abs(local_normal.x), std::abs(local_normal.y), std::abs(local_normal.z)};
      if (n.x >= n.y && n.x >= n.z) return {local.z, local.y};
      return n.y >= n.z ? Plane{local.x, local.z} : Plane{local.x, local.y};
    }
  }
  return {};
}

}  // namespace tandem::scenes
