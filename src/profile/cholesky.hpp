// The Cholesky decomposition of a small symmetric, positive definite matrix, grown a row at a time.
#pragma once

#include <span>
#include <vector>

namespace tandem::profile {

class Cholesky {
 public:
  // `row`: covariances with the rows so far, then the diagonal element. False, and nothing is added, where the matrix
  // would not be positive definite any more. O(n^2).
  bool add(std::span<const double> row);
  [[nodiscard]] std::size_t size() const { return rows_.size(); }
  // x where L x = b.
  [[nodiscard]] std::vector<double> forward(std::span<const double> b) const;
  // x where L L^T x = b.
  [[nodiscard]] std::vector<double> solve(std::span<const double> b) const;
  // The logarithm of the determinant of L.
  [[nodiscard]] double log_determinant() const;

 private:
  std::vector<std::vector<double>> rows_;  // of L: row i has i + 1 elements
};

}  // namespace tandem::profile
