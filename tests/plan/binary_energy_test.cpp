#include "binary_energy.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tandem/base/random.hpp"

namespace tandem::plan {
namespace {

struct Coupling {
  int a, b;
  double a_device, b_device;
};

struct Function {
  std::vector<double> own;
  std::vector<Coupling> couplings;
  std::vector<int> fixed;  // 1: cloud, -1: device, 0: free

  [[nodiscard]] double at(unsigned cloud) const {
    const auto in_cloud = [cloud](std::size_t v) { return (cloud >> v & 1U) != 0; };
    double cost = 0;
    for (std::size_t v = 0; v < own.size(); ++v) cost += in_cloud(v) ? own[v] : 0;
    for (const auto& [a, b, a_device, b_device] : couplings) {
      if (!in_cloud(a) && in_cloud(b)) cost += a_device;
      if (in_cloud(a) && !in_cloud(b)) cost += b_device;
    }
    return cost;
  }

  // Without the variables of value 0 in every minimum; of whole numbers.
  [[nodiscard]] unsigned minimum_with_most_on_device() const {
    double least = std::numeric_limits<double>::infinity();
    unsigned best = 0;
    for (unsigned cloud = 0; cloud < 1U << own.size(); ++cloud) {
      bool allowed = true;
      for (std::size_t v = 0; v < own.size(); ++v) {
        allowed = allowed && (fixed[v] == 0 || (fixed[v] > 0) == ((cloud >> v & 1U) != 0));
      }
      if (!allowed) continue;
      const double cost = at(cloud);
      if (cost == least) best &= cloud;  // minima are closed under it
      if (cost >= least) continue;
      least = cost;
      best = cloud;
    }
    return best;
  }
};

Function random_function(Random& random, std::size_t variables) {
  const auto whole = [&random](double below) { return std::floor(random.uniform(0, below)); };
  Function f;
  for (std::size_t v = 0; v < variables; ++v) {
    f.own.push_back(whole(10) - whole(10));
    f.fixed.push_back(random.below(8) == 0 ? (random.below(2) == 0 ? 1 : -1) : 0);
  }
  for (std::size_t k = random.below(3 * variables); k > 0 && variables > 1; --k) {
    const int a = static_cast<int>(random.below(variables)), b = static_cast<int>(random.below(variables));
    if (a == b) continue;
    f.couplings.push_back({a, b, random.below(3) == 0 ? 0 : whole(6), random.below(3) == 0 ? 0 : whole(6)});
  }
  return f;
}

TEST(BinaryEnergy, IsTheMinimumWithMostVariablesOnTheDevice) {
  Random random(4);
  for (int i = 0; i < 4000; ++i) {
    const Function f = random_function(random, 1 + random.below(10));
    BinaryEnergy energy(static_cast<int>(f.own.size()), static_cast<int>(f.couplings.size()));
    for (std::size_t v = 0; v < f.own.size(); ++v) {
      energy.prefer(static_cast<int>(v), f.own[v]);
      if (f.fixed[v] != 0) energy.fix(static_cast<int>(v), f.fixed[v] > 0);
    }
    for (const auto& [a, b, a_device, b_device] : f.couplings) energy.couple(a, b, a_device, b_device);
    unsigned found = 0;
    const std::vector<std::uint8_t> in_cloud = energy.minimise();
    for (std::size_t v = 0; v < in_cloud.size(); ++v) found |= static_cast<unsigned>(in_cloud[v]) << v;
    ASSERT_EQ(found, f.minimum_with_most_on_device()) << "function " << i;
  }
}

// Dense, so that nothing can be decided without flow.
TEST(BinaryEnergy, OfManyCouplingsIsNoMoreThanAnyNeighbour) {
  Random random(9);
  for (int i = 0; i < 20; ++i) {
    constexpr int kVariables = 60;
    BinaryEnergy energy(kVariables, kVariables * kVariables);
    Function f;
    for (int v = 0; v < kVariables; ++v) {
      f.own.push_back(random.uniform(-100, 100));
      energy.prefer(v, f.own.back());
      for (int w = 0; w < v; ++w) {
        if (random.below(3) != 0) continue;
        f.couplings.push_back({v, w, random.uniform(0, 12), random.uniform(0, 12)});
        energy.couple(v, w, f.couplings.back().a_device, f.couplings.back().b_device);
      }
    }
    std::vector<std::uint8_t> in_cloud = energy.minimise();
    const auto cost = [&] {
      double sum = 0;
      for (int v = 0; v < kVariables; ++v) sum += in_cloud[v] != 0 ? f.own[v] : 0;
      for (const auto& [a, b, a_device, b_device] : f.couplings) {
        if (in_cloud[a] == in_cloud[b]) continue;
        sum += in_cloud[b] != 0 ? a_device : b_device;
      }
      return sum;
    };
    const double least = cost();
    for (int v = 0; v < kVariables; ++v) {
      for (int w = 0; w <= v; ++w) {
        in_cloud[v] ^= 1U;
        if (w != v) in_cloud[w] ^= 1U;
        EXPECT_GE(cost(), least - 1e-9);
        in_cloud[v] ^= 1U;
        if (w != v) in_cloud[w] ^= 1U;
      }
    }
  }
}

}  // namespace
}  // namespace tandem::plan
