// The two places as indices, and costs that may be infinite: what all solvers of this folder say alike.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <limits>

#include "tandem/plan/problem.hpp"

namespace tandem::plan {

inline constexpr std::array kPlaces = {Place::device, Place::cloud};

// Of a pair that holds the device's at [0] and the cloud's at [1].
constexpr std::size_t index_of(Place place) {
  return place == Place::device ? 0 : 1;
}

constexpr Place other(Place place) {
  return place == Place::device ? Place::cloud : Place::device;
}

// The cost of what cannot be done.
inline constexpr double kNever = std::numeric_limits<double>::infinity();

// Figures that are not finite stand for what cannot be done.
inline double finite_or_never(double cost) {
  return std::isfinite(cost) ? cost : kNever;
}

}  // namespace tandem::plan
