// Random graphs for tests, and every assignment of one, priced from the problem alone.
#pragma once

#include <fmt/format.h>

#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "tandem/base/random.hpp"
#include "tandem/plan/graph_plan.hpp"

namespace tandem::plan {

// Results that several nodes read, several outputs and readers of the input, and pins, on links slow and fast.
inline GraphProblem random_graph_problem(Random& random, int nodes) {
  GraphProblem p;
  p.link = {.name = "test",
            .up = Mbps{random.uniform(0.5, 8)},
            .down = Mbps{random.uniform(0.5, 20)},
            .rtt = Milliseconds{random.below(2) == 0 ? 0 : random.uniform(0, 2)},
            .alpha_up = random.uniform(0, 400),
            .alpha_down = random.uniform(0, 100),
            .beta = Milliwatts{random.uniform(0, 800)}};
  p.objective = static_cast<Objective>(random.below(3));
  p.weights = {.per_ms = random.uniform(), .per_mj = random.uniform()};
  p.idle_power = Milliwatts{random.below(2) == 0 ? 0 : random.uniform(0, 500)};
  const double bytes = random.below(2) == 0 ? 3000 : 300;
  for (int i = 0; i < nodes; ++i) {
    GraphNode node{.id = fmt::format("n{}", i),
                   .device = Milliseconds{random.uniform(0, 20)},
                   .device_energy = Millijoules{random.uniform(0, 20)},
                   .cloud = Milliseconds{random.uniform(0, random.below(3) == 0 ? 25 : 5)},
                   .output = Bytes{random.uniform(0, bytes)},
                   .device_memory = Bytes{random.uniform(0, 100)},
                   .pin = {}};
    if (random.below(8) == 0) node.pin = random.below(2) == 0 ? Place::device : Place::cloud;
    p.graph.nodes.push_back(std::move(node));
  }
  for (int to = 1; to < nodes; ++to) {
    for (int from = 0; from < to; ++from) {
      if (random.below(nodes) < 2) p.graph.edges.push_back({.from = from, .to = to});
    }
  }
  p.graph.input = Bytes{random.uniform(0, bytes)};
  for (int i = 0; i < nodes; ++i) {
    if (i == 0 || random.below(6) == 0) p.graph.inputs.push_back(i);
    if (i == nodes - 1 || random.below(6) == 0) p.graph.outputs.push_back(i);
  }
  return p;
}

struct Used {
  double latency = 0, energy = 0, cloud = 0, memory = 0;
  int transfers = 0;
};

// A problem of few nodes made ready to price every assignment of it, one bit for each node, set in the cloud.
class Assignments {
 public:
  explicit Assignments(const GraphProblem& p) : nodes_(p.graph.nodes.size()) {
    const auto crossing = [&p](Bytes bytes) {
      const Millijoules waiting = p.idle_power * (p.link.rtt / 2);
      return std::pair{Cost{p.link.upload_time(bytes).count(), (p.link.upload_energy(bytes) + waiting).value},
                       Cost{p.link.download_time(bytes).count(), (p.link.download_energy(bytes) + waiting).value}};
    };
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      const GraphNode& node = p.graph.nodes[i];
      Node& n = nodes_[i];
      n.device = {node.device.count(), node.device_energy.value};
      n.cloud = {node.cloud.count(), (p.idle_power * node.cloud).value};
      n.memory = node.device_memory.value;
      std::tie(n.up, n.down) = crossing(node.output);
    }
    for (const GraphEdge& edge : p.graph.edges) nodes_[edge.from].readers |= 1U << static_cast<unsigned>(edge.to);
    for (const int output : p.graph.outputs) nodes_[output].output = true;
    for (const int reader : p.graph.inputs) input_readers_ |= 1U << static_cast<unsigned>(reader);
    input_ = crossing(p.graph.input).first;
  }

  [[nodiscard]] Used used_by(unsigned in_cloud) const {
    Used used;
    const auto add = [&used](const Cost& cost) {
      used.latency += cost.ms;
      used.energy += cost.mj;
    };
    const auto cross = [&](const Cost& cost) {
      add(cost);
      ++used.transfers;
    };
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      const Node& node = nodes_[i];
      if ((in_cloud >> i & 1U) != 0) {
        add(node.cloud);
        used.cloud += node.cloud.ms;
        if (node.output || (node.readers & ~in_cloud) != 0) cross(node.down);
      } else {
        add(node.device);
        used.memory += node.memory;
        if ((node.readers & in_cloud) != 0) cross(node.up);
      }
    }
    if ((input_readers_ & in_cloud) != 0) cross(input_);
    return used;
  }

 private:
  struct Cost {
    double ms = 0, mj = 0;
  };
  struct Node {
    Cost device, cloud, up, down;
    double memory = 0;
    unsigned readers = 0;
    bool output = false;
  };
  std::vector<Node> nodes_;
  unsigned input_readers_ = 0;
  Cost input_;
};

// Of any number of nodes.
inline Used used_by(const GraphProblem& p, const std::vector<Place>& places) {
  Used used;
  const auto upload = [&](Bytes bytes) {
    used.latency += p.link.upload_time(bytes).count();
    used.energy += (p.link.upload_energy(bytes) + p.idle_power * (p.link.rtt / 2)).value;
    ++used.transfers;
  };
  const auto download = [&](Bytes bytes) {
    used.latency += p.link.download_time(bytes).count();
    used.energy += (p.link.download_energy(bytes) + p.idle_power * (p.link.rtt / 2)).value;
    ++used.transfers;
  };
  for (int i = 0; i < static_cast<int>(places.size()); ++i) {
    const GraphNode& node = p.graph.nodes[i];
    bool up = false, down = false;
    if (places[i] == Place::device) {
      used.latency += node.device.count();
      used.energy += node.device_energy.value;
      used.memory += node.device_memory.value;
    } else {
      used.latency += node.cloud.count();
      used.energy += (p.idle_power * node.cloud).value;
      used.cloud += node.cloud.count();
    }
    for (const GraphEdge& edge : p.graph.edges) {
      if (edge.from != i || places[edge.to] == places[i]) continue;
      (places[i] == Place::device ? up : down) = true;
    }
    for (const int output : p.graph.outputs) down = down || (output == i && places[i] == Place::cloud);
    if (up) upload(node.output);
    if (down) download(node.output);
  }
  bool up = false;
  for (const int reader : p.graph.inputs) up = up || places[reader] == Place::cloud;
  if (up) upload(p.graph.input);
  return used;
}

inline double cost_of(const GraphProblem& p, const Used& used) {
  switch (p.objective) {
    case Objective::latency: return used.latency;
    case Objective::energy: return used.energy;
    case Objective::weighted: break;
  }
  return p.weights.per_ms * used.latency + p.weights.per_mj * used.energy;
}

inline bool keeps(const Constraints& limits, const Used& used) {
  const auto within = [](double amount, double limit) { return amount <= limit * (1 + 1e-12); };
  return (!limits.deadline || within(used.latency, limits.deadline->count())) &&
         (!limits.energy_budget || within(used.energy, limits.energy_budget->value)) &&
         (!limits.cloud_time || within(used.cloud, limits.cloud_time->count())) &&
         (!limits.device_memory || within(used.memory, limits.device_memory->value)) &&
         (!limits.max_switches || used.transfers <= *limits.max_switches);
}

// Of all assignments that keep pins and limits; infinite where there is none.
inline double least_of_all(const GraphProblem& p, const std::function<double(const Used&)>& cost) {
  const auto nodes = static_cast<unsigned>(p.graph.nodes.size());
  unsigned device = 0, cloud = 0;  // pinned there
  const auto pin = [&](unsigned node, Place place) { (place == Place::device ? device : cloud) |= 1U << node; };
  for (unsigned i = 0; i < nodes; ++i) {
    if (p.graph.nodes[i].pin) pin(i, *p.graph.nodes[i].pin);
  }
  for (const Pin& range : p.constraints.pins) {
    for (int i = range.first; i <= range.last; ++i) pin(static_cast<unsigned>(i - 1), range.place);
  }
  const Assignments assignments(p);
  double least = std::numeric_limits<double>::infinity();
  for (unsigned in_cloud = 0; in_cloud < 1U << nodes; ++in_cloud) {
    if ((in_cloud & device) != 0 || (~in_cloud & cloud) != 0) continue;
    const Used used = assignments.used_by(in_cloud);
    if (keeps(p.constraints, used)) least = std::min(least, cost(used));
  }
  return least;
}

inline double least_cost(const GraphProblem& p) {
  return least_of_all(p, [&p](const Used& used) { return cost_of(p, used); });
}

// Limits near what a random assignment uses: some bind, and some cannot be kept.
inline Constraints random_limits(Random& random, const GraphProblem& p) {
  std::vector<Place> places(p.graph.nodes.size());
  for (Place& place : places) place = random.below(2) == 0 ? Place::device : Place::cloud;
  const Used used = used_by(p, places);
  Constraints limits;
  const auto near = [&random](double amount) { return amount * random.uniform(0.6, 1.1); };
  if (random.below(2) == 0) limits.deadline = Milliseconds{near(used.latency)};
  if (random.below(2) == 0) limits.energy_budget = Millijoules{near(used.energy)};
  if (random.below(3) == 0) limits.cloud_time = Milliseconds{near(used.cloud)};
  if (random.below(3) == 0) limits.device_memory = Bytes{near(used.memory)};
  if (random.below(4) == 0) limits.max_switches = static_cast<int>(random.below(6));
  return limits;
}

}  // namespace tandem::plan
