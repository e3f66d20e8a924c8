#include "tandem/plan/graph.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <unordered_set>

namespace tandem::plan {
namespace {

Status refuse(const std::string& field, const std::string& why) {
  return fail(Errc::invalid_argument, fmt::format("field '{}': {}", field, why));
}

Status check_cost(const std::string& field, double cost) {
  if (!std::isfinite(cost)) return refuse(field, "must be finite");
  if (cost < 0) return refuse(field, fmt::format("must be at least 0, is {}", cost));
  if (cost > kMaxGraphCost) return refuse(field, fmt::format("must be at most {}, is {}", kMaxGraphCost, cost));
  return {};
}

Status check_nodes(const std::vector<GraphNode>& nodes) {
  if (nodes.empty()) return refuse("nodes", "is empty");
  if (nodes.size() > static_cast<std::size_t>(kMaxGraphNodes)) {
    return refuse("nodes", fmt::format("must be at most {}, are {}", kMaxGraphNodes, nodes.size()));
  }
  std::unordered_map<std::string, std::size_t> places;
  places.reserve(nodes.size());
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const GraphNode& node = nodes[i];
    if (node.id.empty()) return refuse(fmt::format("nodes[{}].id", i), "is empty");
    const auto [known, is_new] = places.emplace(node.id, i);
    if (!is_new) {
      return refuse(fmt::format("nodes[{}].id", i), fmt::format("'{}' is nodes[{}] already", node.id, known->second));
    }
    for (const auto& [key, cost] : {std::pair{"device_ms", node.device.count()},
                                    {"device_mj", node.device_energy.value},
                                    {"cloud_ms", node.cloud.count()},
                                    {"output_bytes", node.output.value},
                                    {"device_memory_bytes", node.device_memory.value}}) {
      if (cost >= 0 && cost <= kMaxGraphCost) continue;
      return check_cost(fmt::format("nodes[{}].{}", i, key), cost);
    }
    for (const auto& [tier, time] : node.tiers) {
      if (Status s = check_cost(fmt::format("nodes[{}].tier_ms.{}", i, tier), time.count()); !s) return s;
    }
  }
  return {};
}

Status check_places(const Graph& graph, const char* field, const std::vector<int>& places) {
  std::unordered_set<int> seen;
  for (std::size_t i = 0; i < places.size(); ++i) {
    const int place = places[i];
    if (place < 0 || static_cast<std::size_t>(place) >= graph.nodes.size()) {
      return refuse(fmt::format("{}[{}]", field, i), "no node has this id");
    }
    if (!seen.insert(place).second) {
      return refuse(fmt::format("{}[{}]", field, i), fmt::format("'{}' is given twice", graph.nodes[place].id));
    }
  }
  return {};
}

Status check_edges(const Graph& graph) {
  const int nodes = static_cast<int>(graph.nodes.size());
  std::unordered_set<std::uint64_t> seen;
  seen.reserve(graph.edges.size());
  for (std::size_t i = 0; i < graph.edges.size(); ++i) {
    const auto [from, to] = graph.edges[i];
    if (from < 0 || from >= nodes) return refuse(fmt::format("edges[{}][0]", i), "no node has this id");
    if (to < 0 || to >= nodes) return refuse(fmt::format("edges[{}][1]", i), "no node has this id");
    if (!seen.insert(static_cast<std::uint64_t>(from) << 32U | static_cast<std::uint32_t>(to)).second) {
      return refuse(fmt::format("edges[{}]", i),
                    fmt::format("'{}' to '{}' is given twice", graph.nodes[from].id, graph.nodes[to].id));
    }
  }
  return {};
}

// An edge within a cycle, where the nodes not in `done` are those that lie in or behind one.
std::size_t edge_in_cycle(const Graph& graph, const std::vector<bool>& done) {
  std::vector<int> from_edge(graph.nodes.size(), -1);  // an edge into each node from one that is not done
  for (std::size_t i = 0; i < graph.edges.size(); ++i) {
    const auto [from, to] = graph.edges[i];
    if (!done[from] && !done[to]) from_edge[to] = static_cast<int>(i);
  }
  // Going back along them from any node ends in a cycle.
  std::vector<bool> visited(graph.nodes.size(), false);
  int node = static_cast<int>(std::ranges::find(done, false) - done.begin());
  while (!visited[node]) {
    visited[node] = true;
    node = graph.edges[from_edge[node]].from;
  }
  return static_cast<std::size_t>(from_edge[node]);
}

}  // namespace

std::vector<int> topological_order(const Graph& graph) {
  const std::size_t nodes = graph.nodes.size();
  std::vector<int> first(nodes + 1, 0), readers(graph.edges.size()), missing(nodes, 0);
  for (const auto& [from, to] : graph.edges) {
    ++first[from + 1];
    ++missing[to];
  }
  for (std::size_t i = 0; i < nodes; ++i) first[i + 1] += first[i];
  std::vector<int> next(first.begin(), first.end() - 1);
  for (const auto& [from, to] : graph.edges) readers[next[from]++] = to;

  std::vector<int> order;
  order.reserve(nodes);
  for (std::size_t i = 0; i < nodes; ++i) {
    if (missing[i] == 0) order.push_back(static_cast<int>(i));
  }
  for (std::size_t done = 0; done < order.size(); ++done) {
    const int node = order[done];
    for (int i = first[node]; i < first[node + 1]; ++i) {
      if (--missing[readers[i]] == 0) order.push_back(readers[i]);
    }
  }
  return order;
}

Status check(const Graph& graph) {
  if (Status s = check_nodes(graph.nodes); !s) return s;
  if (Status s = check_edges(graph); !s) return s;
  if (Status s = check_cost("input_bytes", graph.input.value); !s) return s;
  if (Status s = check_places(graph, "inputs", graph.inputs); !s) return s;
  if (Status s = check_places(graph, "outputs", graph.outputs); !s) return s;
  const std::vector<int> order = topological_order(graph);
  if (order.size() == graph.nodes.size()) return {};
  std::vector<bool> done(graph.nodes.size(), false);
  for (const int node : order) done[node] = true;
  const std::size_t edge = edge_in_cycle(graph, done);
  return refuse(fmt::format("edges[{}]", edge),
                fmt::format("'{}' to '{}' lies on a cycle", graph.nodes[graph.edges[edge].from].id,
                            graph.nodes[graph.edges[edge].to].id));
}

}  // namespace tandem::plan
