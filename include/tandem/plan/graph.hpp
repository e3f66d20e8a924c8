// Layers as a directed acyclic graph with a cost per layer and place: format tandem.graph.v1.
//
//   Result<Graph> graph = plan::load_graph("inception.graph.json");
//   Result<GraphPlan> plan = solve(GraphProblem{.graph = *graph, .link = *link::find("4g")});
//
// The chain of `Problem` charges groups of layers that a runtime fuses; here costs are additive, layer by layer, and in
// return any graph is allowed.
// Thread rule: values.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tandem/base/json.hpp"
#include "tandem/base/result.hpp"
#include "tandem/base/units.hpp"
#include "tandem/plan/problem.hpp"

namespace tandem::plan {

struct GraphNode {
  std::string id{};  // unique
  Milliseconds device{};
  Millijoules device_energy{};
  Milliseconds cloud{};
  Bytes output{};                               // of its result on the link, once per direction however many read it
  Bytes device_memory{};                        // taken while it is placed on the device
  std::optional<Place> pin{};                   // it must run there
  std::map<std::string, Milliseconds> tiers{};  // on places besides device and cloud, by name (tiered_graph.hpp)
  bool operator==(const GraphNode&) const = default;
};

// `to` reads what `from` makes; places in Graph::nodes.
struct GraphEdge {
  int from = 0;
  int to = 0;
  bool operator==(const GraphEdge&) const = default;
};

struct Graph {
  std::string name{};  // may be empty
  std::vector<GraphNode> nodes{};
  std::vector<GraphEdge> edges{};
  Bytes input{};               // the network's input, which starts on the device
  std::vector<int> inputs{};   // nodes that read it
  std::vector<int> outputs{};  // nodes whose result must reach the device
  bool operator==(const Graph&) const = default;
};

// The most nodes a graph may have.
inline constexpr int kMaxGraphNodes = 1'000'000;
// The most milliseconds, millijoules or bytes of one of them: then no sum of costs loses what a plan is decided by.
inline constexpr double kMaxGraphCost = 1e15;

// What the planner relies on: at least one node, ids given once, edges between nodes that exist, none twice, no cycle;
// costs from 0 to kMaxGraphCost. Error: invalid_argument naming the field as in JSON: "nodes[3].device_ms". O(size).
Status check(const Graph& graph);

// Nodes in an order in which each follows what it reads. Precondition: checked. O(size).
std::vector<int> topological_order(const Graph& graph);

// from_json checks the graph. Errors name the field.
Result<Graph> graph_from_json(const Json& json);
Json to_json(const Graph& graph);
// Errors: not_found; invalid_argument naming file and field.
Result<Graph> load_graph(const std::filesystem::path& path);

}  // namespace tandem::plan
