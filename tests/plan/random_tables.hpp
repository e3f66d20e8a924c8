// A random network's profiles on a device and in a cloud, with two codecs, and a link.
#pragma once

#include <cmath>
#include <string>

#include "random_problem.hpp"
#include "tandem/plan/optima.hpp"

namespace tandem::plan {

struct Tables {
  profile::CostTable device, cloud;
  link::Link link;
};

inline profile::CostTable random_table(Random& random, int layers, double scale) {
  profile::CostTable t;
  t.network = "random";
  t.fingerprint = "0123456789abcdef";
  const GroupCosts ms = random_groups(random, layers, scale), mj = random_groups(random, layers, 2 * scale);
  for (int i = 1; i <= layers; ++i) t.layers.push_back("layer" + std::to_string(i));
  for (int last = 1; last <= layers; ++last) {
    for (int first = 1; first <= last; ++first) {
      t.set({.first = first, .last = last},
            {.latency = Milliseconds{ms.at(first, last)}, .energy = Millijoules{mj.at(first, last)}});
    }
  }
  return t;
}

inline Tables random_tables(Random& random, int layers) {
  Tables tables{.device = random_table(random, layers, 6), .cloud = random_table(random, layers, 1), .link = {}};
  profile::CodecCosts device, cloud;
  for (int k = 0; k <= layers; ++k) {
    const double bytes = random.uniform(100, 60000);
    tables.device.boundary_bytes.push_back(bytes);
    device.bytes.push_back(bytes * random.uniform(0.1, 0.9));
    for (auto* costs : {&device, &cloud}) {
      costs->encode.emplace_back(random.uniform(0, 2));
      costs->decode.emplace_back(random.uniform(0, 1));
    }
  }
  cloud.bytes = device.bytes;
  tables.cloud.boundary_bytes = tables.device.boundary_bytes;
  tables.device.codecs["linear8"] = device;
  tables.cloud.codecs["linear8"] = cloud;
  tables.device.busy_power = Milliwatts{random.uniform(500, 4000)};
  tables.device.idle_power = Milliwatts{random.uniform(0, 500)};
  tables.link = {.name = "test",
                 .up = Mbps{5},
                 .down = Mbps{15},
                 .rtt = Milliseconds{10},
                 .alpha_up = random.uniform(0, 800),
                 .alpha_down = random.uniform(0, 100),
                 .beta = Milliwatts{random.uniform(0, 1500)}};
  return tables;
}

// From a thousandth to a thousand times what is usual.
inline Conditions random_conditions(Random& random) {
  const auto around = [&random](double value) { return value * std::pow(10, random.uniform(-3, 3)); };
  return {.up = Mbps{around(5)},
          .down = Mbps{around(15)},
          .rtt = Milliseconds{random.below(8) == 0 ? 0 : around(10)},
          .loads = {.device = around(1), .cloud = around(1)}};
}

inline link::Link under(link::Link link, const Conditions& conditions) {
  link.up = conditions.up;
  link.down = conditions.down;
  link.rtt = conditions.rtt;
  return link;
}

inline Problem problem_under(const Tables& tables, const Conditions& conditions, Objective objective,
                             ProblemOptions options = {}) {
  options.loads.device = conditions.loads.device;
  options.loads.cloud = conditions.loads.cloud;
  return make_problem(tables.device, tables.cloud, under(tables.link, conditions), objective, options).value();
}

}  // namespace tandem::plan
