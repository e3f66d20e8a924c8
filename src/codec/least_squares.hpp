// Least squares with few unknowns, by the normal equations.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace tandem::codec {

class LeastSquares {
 public:
  explicit LeastSquares(std::size_t unknowns)
      : unknowns_(unknowns), products_(unknowns * unknowns), targets_(unknowns) {}

  // An equation: sum of features times unknowns = target.
  void add(std::span<const float> features, float target, float weight = 1.0F);

  // The unknowns that miss the targets least. A small multiple of the diagonal is added, so that there is always one
  // answer, and dependent features share their part.
  [[nodiscard]] std::vector<double> solve() const;

 private:
  std::size_t unknowns_;
  std::vector<double> products_;  // the lower triangle, row by row
  std::vector<double> targets_;
};

}  // namespace tandem::codec
