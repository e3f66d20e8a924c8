#include "tandem/plan/graph.hpp"

#include <cmath>
#include <limits>

#include "matchers.hpp"
#include "random_graph.hpp"

namespace tandem::plan {
namespace {

using ::testing::HasSubstr;

// in -> a, b -> join -> out, where `a` is read twice.
Json example() {
  return parse_json(R"({
    "format": "tandem.graph.v1", "name": "example", "input_bytes": 1000,
    "nodes": [
      {"id": "a", "device_ms": 4, "device_mj": 8, "cloud_ms": 1, "output_bytes": 100},
      {"id": "b", "device_ms": 4, "device_mj": 8, "cloud_ms": 1, "output_bytes": 100, "pin": "device"},
      {"id": "join", "device_ms": 4, "device_mj": 8, "cloud_ms": 1, "output_bytes": 10, "device_memory_bytes": 64}
    ],
    "edges": [["a", "b"], ["a", "join"], ["b", "join"]], "inputs": ["a"], "outputs": ["join"]})")
      .value();
}

TEST(Graph, IsReadAsItIsWritten) {
  const Result<Graph> graph = graph_from_json(example());
  ASSERT_THAT(graph, IsOk());
  EXPECT_EQ(graph->name, "example");
  EXPECT_EQ(graph->nodes[1].pin, Place::device);
  EXPECT_EQ(graph->nodes[2].device_memory.value, 64);
  EXPECT_EQ(graph->edges[1], (GraphEdge{.from = 0, .to = 2}));
  const Result<Graph> again = graph_from_json(to_json(*graph));
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(*again, *graph);
}

TEST(Graph, RandomGraphsSurviveWritingAndReading) {
  Random random(12);
  for (int i = 0; i < 100; ++i) {
    const Graph graph = random_graph_problem(random, 1 + static_cast<int>(random.below(20))).graph;
    const Result<Graph> again = graph_from_json(parse_json(to_json(graph).dump()).value());
    ASSERT_THAT(again, IsOk());
    EXPECT_EQ(*again, graph);
  }
}

struct Damage {
  const char* name;
  void (*to)(Json&);
  const char* says;
};

void PrintTo(const Damage& damage, std::ostream* out) {
  *out << damage.name;
}

class DamagedGraph : public ::testing::TestWithParam<Damage> {};

TEST_P(DamagedGraph, IsRefusedWithTheNameOfTheField) {
  Json json = example();
  GetParam().to(json);
  EXPECT_THAT(graph_from_json(json), HasErrc(Errc::invalid_argument, HasSubstr(GetParam().says)));
}

INSTANTIATE_TEST_SUITE_P(
    All, DamagedGraph,
    ::testing::Values(
        Damage{"format", [](Json& j) { j["format"] = "tandem.link.v1"; }, "'format'"},
        Damage{"no_nodes", [](Json& j) { j["nodes"] = Json::array(); }, "'nodes'"},
        Damage{"nodes_missing", [](Json& j) { j.erase("nodes"); }, "'nodes'"},
        Damage{"node_not_an_object", [](Json& j) { j["nodes"][1] = 7; }, "'nodes[1]'"},
        Damage{"negative_time", [](Json& j) { j["nodes"][2]["device_ms"] = -1; }, "'nodes[2].device_ms'"},
        Damage{"endless_time", [](Json& j) { j["nodes"][2]["cloud_ms"] = std::nan(""); }, "'nodes[2].cloud_ms'"},
        Damage{"absurd_energy", [](Json& j) { j["nodes"][0]["device_mj"] = 1e300; }, "'nodes[0].device_mj'"},
        Damage{"text_for_bytes", [](Json& j) { j["nodes"][0]["output_bytes"] = "1"; }, "'nodes[0].output_bytes'"},
        Damage{"missing_time", [](Json& j) { j["nodes"][0].erase("cloud_ms"); }, "'nodes[0].cloud_ms'"},
        Damage{"unknown_pin", [](Json& j) { j["nodes"][0]["pin"] = "edge"; }, "'nodes[0].pin'"},
        Damage{"empty_id", [](Json& j) { j["nodes"][0]["id"] = ""; }, "'nodes[0].id'"},
        Damage{"id_twice", [](Json& j) { j["nodes"][2]["id"] = "a"; }, "'nodes[2].id': 'a' is nodes[0] already"},
        Damage{"unknown_id", [](Json& j) { j["edges"][1][1] = "z"; }, "'edges[1][1]': no node has the id 'z'"},
        Damage{"edge_of_three", [](Json& j) { j["edges"][1].push_back("b"); }, "'edges[1]'"},
        Damage{"edge_of_numbers", [](Json& j) { j["edges"][0] = {0, 1}; }, "'edges[0][0]'"},
        Damage{"edge_twice", [](Json& j) { j["edges"].push_back({"a", "b"}); }, "'edges[3]'"},
        Damage{"cycle", [](Json& j) { j["edges"].push_back({"join", "b"}); }, "lies on a cycle"},
        Damage{"cycle_of_one", [](Json& j) { j["edges"].push_back({"b", "b"}); }, "'edges[3]'"},
        Damage{"negative_input", [](Json& j) { j["input_bytes"] = -5; }, "'input_bytes'"},
        Damage{"unknown_input", [](Json& j) { j["inputs"] = {"q"}; }, "'inputs[0]'"},
        Damage{"output_twice", [](Json& j) { j["outputs"] = {"join", "join"}; }, "'outputs[1]'"},
        Damage{"outputs_missing", [](Json& j) { j.erase("outputs"); }, "'outputs'"}),
    [](const auto& damage) { return damage.param.name; });

TEST(Graph, ACycleIsNamedByAnEdgeOnIt) {
  Json json = example();
  json["nodes"].push_back({{"id", "behind"}, {"device_ms", 1}, {"device_mj", 1}, {"cloud_ms", 1}, {"output_bytes", 1}});
  json["edges"].push_back({"join", "behind"});  // behind the cycle, not on it
  json["edges"].push_back({"join", "b"});
  const auto refused = graph_from_json(json);
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error().message, ::testing::AnyOf(HasSubstr("'b' to 'join'"), HasSubstr("'join' to 'b'")));
}

TEST(Graph, OrderFollowsTheEdges) {
  Random random(3);
  for (int i = 0; i < 100; ++i) {
    const Graph graph = random_graph_problem(random, 12).graph;
    const std::vector<int> order = topological_order(graph);
    ASSERT_EQ(order.size(), graph.nodes.size());
    std::vector<int> place(order.size());
    for (std::size_t k = 0; k < order.size(); ++k) place[order[k]] = static_cast<int>(k);
    for (const auto& [from, to] : graph.edges) EXPECT_LT(place[from], place[to]);
  }
}

TEST(Graph, ABadFileIsNamed) {
  EXPECT_THAT(load_graph("nowhere.graph.json"), HasErrc(Errc::not_found, HasSubstr("nowhere.graph.json")));
}

}  // namespace
}  // namespace tandem::plan
