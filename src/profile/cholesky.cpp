#include "cholesky.hpp"

#include <cassert>
#include <cmath>
#include <numeric>

namespace tandem::profile {

bool Cholesky::add(std::span<const double> row) {
  assert(row.size() == size() + 1);
  std::vector<double> next = forward(row.first(size()));
  const double rest = row.back() - std::inner_product(next.begin(), next.end(), next.begin(), 0.0);
  if (!(rest > 0.0)) return false;
  next.push_back(std::sqrt(rest));
  rows_.push_back(std::move(next));
  return true;
}

std::vector<double> Cholesky::forward(std::span<const double> b) const {
  assert(b.size() == size());
  std::vector<double> x(size());
  for (std::size_t i = 0; i < size(); ++i) {
    const double known = std::inner_product(rows_[i].begin(), rows_[i].end() - 1, x.begin(), 0.0);
    x[i] = (b[i] - known) / rows_[i].back();
  }
  return x;
}

std::vector<double> Cholesky::solve(std::span<const double> b) const {
  std::vector<double> x = forward(b);
  for (std::size_t i = size(); i-- > 0;) {
    x[i] /= rows_[i].back();
    for (std::size_t j = 0; j < i; ++j) x[j] -= rows_[i][j] * x[i];
  }
  return x;
}

double Cholesky::log_determinant() const {
  double sum = 0.0;
  for (const std::vector<double>& row : rows_) sum += std::log(row.back());
  return sum;
}

}  // namespace tandem::profile
