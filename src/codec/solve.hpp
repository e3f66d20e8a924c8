// Least squares with few unknowns, by the normal equations: on the stack, for many small fits.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace tandem::codec {

template <std::size_t Most>
struct NormalEquations {
  std::array<std::array<double, Most>, Most> products{};  // the lower triangle
  std::array<double, Most> target{};

  void add(const NormalEquations& other, double weight) {
    for (std::size_t i = 0; i < Most; ++i) {
      target[i] += weight * other.target[i];
      for (std::size_t k = 0; k <= i; ++k) products[i][k] += weight * other.products[i][k];
    }
  }

  // The first `count` unknowns. The part `ridge` of the diagonal is added to it, so that there is one answer.
  [[nodiscard]] std::array<double, Most> solve(double ridge, std::size_t count = Most) const {
    constexpr double kFloor = 1e-9;
    std::array<std::array<double, Most>, Most> factor{};
    std::array<double, Most> x{};
    double largest = kFloor;
    for (std::size_t i = 0; i < count; ++i) largest = std::max(largest, products[i][i]);
    for (std::size_t i = 0; i < count; ++i) {
      for (std::size_t k = 0; k <= i; ++k) {
        double sum = products[i][k];
        if (i == k) sum += ridge * sum + 1e-6 * largest;
        for (std::size_t j = 0; j < k; ++j) sum -= factor[i][j] * factor[k][j];
        factor[i][k] = i == k ? std::sqrt(std::max(sum, kFloor * largest)) : sum / factor[k][k];
      }
    }
    for (std::size_t i = 0; i < count; ++i) {
      x[i] = target[i];
      for (std::size_t k = 0; k < i; ++k) x[i] -= factor[i][k] * x[k];
      x[i] /= factor[i][i];
    }
    for (std::size_t i = count; i-- > 0;) {
      for (std::size_t k = i + 1; k < count; ++k) x[i] -= factor[k][i] * x[k];
      x[i] /= factor[i][i];
    }
    return x;
  }
};

}  // namespace tandem::codec
