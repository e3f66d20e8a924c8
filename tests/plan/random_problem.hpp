// Random problems for tests: non-additive group costs, as fusion makes them, and crossings of every size.
#pragma once

#include "tandem/base/random.hpp"
#include "tandem/plan/problem.hpp"

namespace tandem::plan {

inline GroupCosts random_groups(Random& random, int layers, double scale) {
  GroupCosts costs(layers);
  for (int last = 1; last <= layers; ++last) {
    for (int first = 1; first <= last; ++first) {
      // From far below to far above the sum of the parts.
      costs.at(first, last) = scale * (last - first + 1) * random.uniform(0.2, 1.8);
    }
  }
  return costs;
}

inline std::vector<Crossing> random_crossings(Random& random, int layers) {
  std::vector<Crossing> crossings;
  // Every other link is so fast that it invites to go to and fro.
  const double scale = random.below(2) == 0 ? random.uniform() : random.uniform(0, 0.05);
  for (int k = 0; k <= layers; ++k) {
    crossings.push_back({.codec = "raw",
                         .bytes = random.uniform(1, 1e6),
                         .encode = Milliseconds{scale * random.uniform(0, 0.5)},
                         .on_link = Milliseconds{scale * random.uniform(0, 6)},
                         .decode = Milliseconds{scale * random.uniform(0, 0.5)},
                         .energy = Millijoules{scale * random.uniform(0, 20)}});
  }
  return crossings;
}

inline Problem random_problem(Random& random, int layers, Objective objective) {
  return {.objective = objective,
          .layers = layers,
          .device_ms = random_groups(random, layers, 4),
          .device_mj = random_groups(random, layers, 8),
          .cloud_ms = random_groups(random, layers, 3),
          .cloud_mj = random_groups(random, layers, 6),
          .uploads = random_crossings(random, layers),
          .downloads = random_crossings(random, layers),
          .network = "random",
          .fingerprint = "0123456789abcdef",
          .link = "test"};
}

}  // namespace tandem::plan
