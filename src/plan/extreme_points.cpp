#include "extreme_points.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>

#include "tandem/base/random.hpp"

namespace tandem::plan {
namespace {

constexpr double kTolerance = 1e-12;
constexpr int kSamples = 64;
constexpr int kRows = kFeatures + 1;

using Matrix = std::array<std::array<double, kRows>, kRows>;
using Vector = std::array<double, kRows>;

// Solves m x = b by elimination with partial pivoting; nothing where m is singular.
std::optional<Vector> solution(Matrix m, Vector b) {
  for (int c = 0; c < kRows; ++c) {
    int pivot = c;
    for (int r = c + 1; r < kRows; ++r) {
      if (std::abs(m[r][c]) > std::abs(m[pivot][c])) pivot = r;
    }
    if (std::abs(m[pivot][c]) < 1e-14) return std::nullopt;
    std::swap(m[c], m[pivot]);
    std::swap(b[c], b[pivot]);
    for (int r = c + 1; r < kRows; ++r) {
      const double factor = m[r][c] / m[c][c];
      if (factor == 0) continue;
      for (int k = c; k < kRows; ++k) m[r][k] -= factor * m[c][k];
      b[r] -= factor * b[c];
    }
  }
  Vector x{};
  for (int r = kRows - 1; r >= 0; --r) {
    double sum = b[r];
    for (int k = r + 1; k < kRows; ++k) sum -= m[r][k] * x[k];
    x[r] = sum / m[r][r];
  }
  return x;
}

Matrix transposed(const Matrix& m) {
  Matrix t;
  for (int r = 0; r < kRows; ++r) {
    for (int c = 0; c < kRows; ++c) t[c][r] = m[r][c];
  }
  return t;
}

// Prices under which `point` is cheaper than every corner, if there are any. A matrix game: we choose prices p with sum
// 1, the opponent a mixture of corners; the payoff is p (corner - point). The opponent's linear program
//     least v:  sum_i mixture_i (corner_i - point)_d + slack_d = v for each d,  sum_i mixture_i = 1
// by the simplex method, a basis of six. Its multipliers are our prices; either side may see the end early.
class Game {
 public:
  Game(const std::vector<Features>& corners, const Features& point) : corners_(corners), point_(point) {}

  [[nodiscard]] std::optional<Features> winning_prices() {
    start();
    constexpr int kMaxPivots = 500;
    for (int i = 0; i < kMaxPivots; ++i) {
      const auto values = solution(columns(), {0, 0, 0, 0, 0, 1});
      if (!values) break;
      for (int b = 0; b < kRows; ++b) {
        if (basis_[b] == kValue && (*values)[b] <= kTolerance) return std::nullopt;  // a mixture is nowhere dearer
      }
      Vector cost{};
      for (int b = 0; b < kRows; ++b) cost[b] = basis_[b] == kValue ? 1 : 0;
      const auto multipliers = solution(transposed(columns()), cost);
      if (!multipliers) break;
      // Dual feasibility of v makes the multipliers of its rows sum to -1: prices are their negatives.
      Features prices;
      bool valid = true;
      for (int d = 0; d < kFeatures; ++d) {
        prices[d] = std::max(0.0, -(*multipliers)[d]);
        valid = valid && -(*multipliers)[d] > -1e-9;
      }
      double worst = std::numeric_limits<double>::infinity();
      int entering = -1;
      for (std::size_t c = 0; c < corners_.size(); ++c) {
        const double payoff = dot(prices, corners_[c]) - dot(prices, point_);
        if (payoff < worst) {
          worst = payoff;
          entering = static_cast<int>(c);
        }
      }
      if (worst > kTolerance) return prices;
      if (valid) {
        if (worst >= (*multipliers)[kFeatures] - kTolerance) return std::nullopt;  // the end: the value is zero or less
      } else {
        // A slack whose price came out negative enters first.
        int least = 0;
        for (int d = 1; d < kFeatures; ++d) {
          if (-(*multipliers)[d] < -(*multipliers)[least]) least = d;
        }
        entering = kSlack - least;
      }
      if (!pivot(*values, entering)) break;
    }
    return undecided();
  }

 private:
  static constexpr int kValue = -1;  // the variable v
  static constexpr int kSlack = -2;  // slack of feature d: kSlack - d

  // All weight on one corner: v is its worst feature.
  void start() {
    const auto payoff = [&](int d) { return corners_[0][d] - point_[d]; };
    int worst = 0;
    for (int d = 1; d < kFeatures; ++d) {
      if (payoff(d) > payoff(worst)) worst = d;
    }
    int b = 0;
    basis_[b++] = 0;
    basis_[b++] = kValue;
    for (int d = 0; d < kFeatures; ++d) {
      if (d != worst) basis_[b++] = kSlack - d;
    }
  }

  [[nodiscard]] Vector column(int variable) const {
    Vector c{};
    if (variable >= 0) {
      for (int d = 0; d < kFeatures; ++d) c[d] = corners_[variable][d] - point_[d];
      c[kFeatures] = 1;
    } else if (variable == kValue) {
      for (int d = 0; d < kFeatures; ++d) c[d] = -1;
    } else {
      c[kSlack - variable] = 1;
    }
    return c;
  }

  [[nodiscard]] Matrix columns() const {
    Matrix m;
    for (int b = 0; b < kRows; ++b) {
      const Vector c = column(basis_[b]);
      for (int r = 0; r < kRows; ++r) m[r][b] = c[r];
    }
    return m;
  }

  // The entering variable grows until one of the basis is zero; v may be anything and stays.
  bool pivot(const Vector& values, int entering) {
    const auto direction = solution(columns(), column(entering));
    if (!direction) return false;
    int leaving = -1;
    double least = std::numeric_limits<double>::infinity();
    for (int b = 0; b < kRows; ++b) {
      if (basis_[b] == kValue || (*direction)[b] <= 1e-12) continue;
      const double ratio = std::max(0.0, values[b]) / (*direction)[b];
      if (ratio < least || (ratio == least && basis_[b] < basis_[leaving])) {
        least = ratio;
        leaving = b;
      }
    }
    if (leaving < 0) return false;
    basis_[leaving] = entering;
    return true;
  }

  // Rounding stopped the search: even prices keep the point rather than lose it.
  [[nodiscard]] static Features undecided() {
    Features even;
    even.fill(1.0 / kFeatures);
    return even;
  }

  const std::vector<Features>& corners_;
  const Features& point_;
  std::array<int, kRows> basis_{};
};

class Hull {
 public:
  explicit Hull(const std::vector<Features>& points) : points_(scaled(points)) {}

  std::vector<std::size_t> find() {
    std::vector<std::size_t> open(points_.size());
    std::iota(open.begin(), open.end(), std::size_t{0});
    Random random(1);
    for (int i = 0; i < kSamples && !points_.empty(); ++i) {
      Features prices;
      for (double& price : prices) price = std::exp(random.uniform(-12, 0));
      add(cheapest(open, prices));
    }
    for (const std::size_t p : open) {
      while (!is_corner_[p] && !dominated(p)) {
        const auto prices = Game(corners_, points_[p]).winning_prices();
        if (!prices) break;
        const std::size_t winner = cheapest(open, *prices);
        add(is_corner_[winner] ? p : winner);
      }
    }
    std::vector<std::size_t> corners;
    for (std::size_t p = 0; p < points_.size(); ++p) {
      if (is_corner_[p]) corners.push_back(p);
    }
    return corners;
  }

 private:
  static std::vector<Features> scaled(std::vector<Features> points) {
    for (int d = 0; d < kFeatures; ++d) {
      double largest = 0;
      for (const Features& p : points) largest = std::max(largest, p[d]);
      if (!(largest > 0)) continue;
      for (Features& p : points) p[d] /= largest;
    }
    return points;
  }

  [[nodiscard]] std::size_t cheapest(const std::vector<std::size_t>& open, const Features& prices) const {
    std::size_t best = open.front();
    double least = std::numeric_limits<double>::infinity();
    for (const std::size_t p : open) {
      const double cost = dot(prices, points_[p]);
      // Of equals one that dominates, so that no corner is ever dominated.
      if (cost < least || (cost == least && points_[p] != points_[best] && dominates(points_[p], points_[best]))) {
        least = cost;
        best = p;
      }
    }
    return best;
  }

  [[nodiscard]] bool dominated(std::size_t p) const {
    return std::ranges::any_of(corners_, [&](const Features& corner) { return dominates(corner, points_[p]); });
  }

  void add(std::size_t p) {
    if (is_corner_[p]) return;
    is_corner_[p] = true;
    corners_.push_back(points_[p]);
  }

  const std::vector<Features> points_;
  std::vector<bool> is_corner_ = std::vector<bool>(points_.size());
  std::vector<Features> corners_;
};

}  // namespace

std::vector<std::size_t> extreme_points(const std::vector<Features>& points) {
  return Hull(points).find();
}

}  // namespace tandem::plan
