// Random problems for tests: non-additive group costs, as fusion makes them, and crossings of every size.
#pragma once

#include "tandem/base/random.hpp"
#include "tandem/plan/problem.hpp"

namespace tandem::plan {

// A place is good at some layers and bad at others; a group costs from below to above the sum of its layers.
inline GroupCosts random_groups(Random& random, int layers, double scale) {
  std::vector<double> sum_until{0};
  for (int layer = 1; layer <= layers; ++layer) sum_until.push_back(sum_until.back() + scale * random.uniform(0.1, 2));
  GroupCosts costs(layers);
  for (int last = 1; last <= layers; ++last) {
    for (int first = 1; first <= last; ++first) {
      costs.at(first, last) = (sum_until[last] - sum_until[first - 1]) * random.uniform(0.6, 1.2);
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
          .device_error_ms = {},
          .cloud_error_ms = {},
          .uploads = random_crossings(random, layers),
          .downloads = random_crossings(random, layers),
          .network = "random",
          .fingerprint = "0123456789abcdef",
          .link = "test"};
}

// A second codec for some crossings: quicker and hungrier, or the other way round.
inline void add_alternatives(Random& random, Problem& problem) {
  for (int k = 0; k <= problem.layers; ++k) {
    for (const Direction direction : {Direction::up, Direction::down}) {
      if (random.below(3) != 0) continue;
      Crossing c = (direction == Direction::up ? problem.uploads : problem.downloads)[k];
      const double factor = random.uniform(0.3, 0.95);
      const bool latency = problem.objective == Objective::latency;
      c.codec = "other";
      c.on_link *= latency ? 1 / factor : factor;
      c.energy = c.energy * (latency ? factor : 1 / factor);
      problem.alternatives.push_back({.after = k, .direction = direction, .crossing = c});
    }
  }
}

}  // namespace tandem::plan
