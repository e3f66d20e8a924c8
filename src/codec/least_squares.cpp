#include "least_squares.hpp"

#include <cmath>

namespace tandem::codec {

void LeastSquares::add(std::span<const float> features, float target, float weight) {
  for (std::size_t i = 0; i < unknowns_; ++i) {
    const float weighted = weight * features[i];
    targets_[i] += static_cast<double>(weighted) * target;
    double* const row = products_.data() + i * unknowns_;
    for (std::size_t k = 0; k <= i; ++k) row[k] += static_cast<double>(weighted) * features[k];
  }
}

std::vector<double> LeastSquares::solve() const {
  constexpr double kRidge = 5e-4;
  constexpr double kFloor = 1e-3;
  const std::size_t n = unknowns_;
  std::vector<double> factor = products_;  // becomes the Cholesky factor
  std::vector<double> x = targets_;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k <= i; ++k) {
      double sum = products_[i * n + k];
      if (i == k) sum += kRidge * sum + kFloor;
      for (std::size_t j = 0; j < k; ++j) sum -= factor[i * n + j] * factor[k * n + j];
      factor[i * n + k] = i == k ? std::sqrt(std::max(sum, kFloor * kRidge)) : sum / factor[k * n + k];
    }
  }
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < i; ++k) x[i] -= factor[i * n + k] * x[k];
    x[i] /= factor[i * n + i];
  }
  for (std::size_t i = n; i-- > 0;) {
    for (std::size_t k = i + 1; k < n; ++k) x[i] -= factor[k * n + i] * x[k];
    x[i] /= factor[i * n + i];
  }
  return x;
}

}  // namespace tandem::codec
