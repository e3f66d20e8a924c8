#include <fmt/format.h>

#include <unordered_map>
#include <utility>

#include "tandem/base/file.hpp"
#include "tandem/plan/graph.hpp"

namespace tandem::plan {
namespace {

constexpr const char* kFormat = "tandem.graph.v1";
constexpr std::uintmax_t kMaxGraphFile = 64ULL << 20U;

using Places = std::unordered_map<std::string, int>;

std::optional<Place> pin_from(JsonReader& reader) {
  if (!reader.has("pin")) return std::nullopt;
  const std::string pin = reader.text("pin");
  if (pin == "device") return Place::device;
  if (pin == "cloud") return Place::cloud;
  reader.refuse("pin", fmt::format("must be 'device' or 'cloud', is '{}'", pin));
  return std::nullopt;
}

std::map<std::string, Milliseconds> tiers_from(const Json& node, JsonReader& reader) {
  std::map<std::string, Milliseconds> tiers;
  if (!reader.has("tier_ms")) return tiers;
  const Json& times = node["tier_ms"];
  if (!times.is_object()) reader.refuse("tier_ms", "must be an object of times by name");
  for (const auto& [name, time] : times.items()) {
    if (!time.is_number() || time.get<double>() < 0) {
      reader.refuse(fmt::format("tier_ms.{}", name), "must be a number of at least 0");
      break;
    }
    tiers.emplace(name, Milliseconds{time.get<double>()});
  }
  return tiers;
}

Result<std::vector<GraphNode>> nodes_from(const Json& array) {
  if (array.size() > static_cast<std::size_t>(kMaxGraphNodes)) {
    return fail(Errc::invalid_argument,
                fmt::format("field 'nodes': must be at most {}, are {}", kMaxGraphNodes, array.size()));
  }
  std::vector<GraphNode> nodes;
  nodes.reserve(array.size());
  for (const Json& item : array) {
    JsonReader reader(item, fmt::format("nodes[{}]", nodes.size()), Status{});
    GraphNode node{.id = reader.text("id"),
                   .device = Milliseconds{reader.number("device_ms", {.min = 0})},
                   .device_energy = Millijoules{reader.number("device_mj", {.min = 0})},
                   .cloud = Milliseconds{reader.number("cloud_ms", {.min = 0})},
                   .output = Bytes{reader.number("output_bytes", {.min = 0})},
                   .device_memory = Bytes{reader.number_or("device_memory_bytes", 0, {.min = 0})},
                   .pin = pin_from(reader),
                   .tiers = tiers_from(item, reader)};
    if (!reader.status()) return forward_error(reader.status());
    nodes.push_back(std::move(node));
  }
  return nodes;
}

// The node that an id names.
Result<int> place_of(const Json& id, const Places& places, const std::string& field) {
  if (!id.is_string()) return fail(Errc::invalid_argument, fmt::format("field '{}': must be the id of a node", field));
  const auto found = places.find(id.get_ref<const std::string&>());
  if (found != places.end()) return found->second;
  return fail(Errc::invalid_argument,
              fmt::format("field '{}': no node has the id '{}'", field, id.get_ref<const std::string&>()));
}

Result<std::vector<int>> places_from(const Json& array, const Places& places, const char* key) {
  std::vector<int> result;
  result.reserve(array.size());
  for (const Json& id : array) {
    const Result<int> place = place_of(id, places, fmt::format("{}[{}]", key, result.size()));
    if (!place) return forward_error(place);
    result.push_back(*place);
  }
  return result;
}

Result<std::vector<GraphEdge>> edges_from(const Json& array, const Places& places) {
  std::vector<GraphEdge> edges;
  edges.reserve(array.size());
  for (const Json& pair : array) {
    const std::size_t i = edges.size();
    if (!pair.is_array() || pair.size() != 2) {
      return fail(Errc::invalid_argument, fmt::format("field 'edges[{}]': must be a pair of ids", i));
    }
    const Result<int> from = place_of(pair[0], places, fmt::format("edges[{}][0]", i));
    if (!from) return forward_error(from);
    const Result<int> to = place_of(pair[1], places, fmt::format("edges[{}][1]", i));
    if (!to) return forward_error(to);
    edges.push_back({.from = *from, .to = *to});
  }
  return edges;
}

}  // namespace

Result<Graph> graph_from_json(const Json& json) {
  JsonReader reader(json, kFormat);
  Graph graph{.name = reader.text_or("name", ""), .nodes = {}, .edges = {}, .inputs = {}, .outputs = {}};
  const Json& nodes = reader.array("nodes");
  const Json& edges = reader.array("edges");
  graph.input = Bytes{reader.number("input_bytes", {.min = 0})};
  const Json& inputs = reader.array("inputs");
  const Json& outputs = reader.array("outputs");
  if (!reader.status()) return forward_error(reader.status());

  auto read_nodes = nodes_from(nodes);
  if (!read_nodes) return forward_error(read_nodes);
  graph.nodes = std::move(*read_nodes);
  if (const Status s = check(graph); !s) return forward_error(s);  // before ids are looked for
  Places places;
  places.reserve(graph.nodes.size());
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) places.emplace(graph.nodes[i].id, static_cast<int>(i));
  auto read_edges = edges_from(edges, places);
  if (!read_edges) return forward_error(read_edges);
  graph.edges = std::move(*read_edges);
  auto read_inputs = places_from(inputs, places, "inputs");
  if (!read_inputs) return forward_error(read_inputs);
  graph.inputs = std::move(*read_inputs);
  auto read_outputs = places_from(outputs, places, "outputs");
  if (!read_outputs) return forward_error(read_outputs);
  graph.outputs = std::move(*read_outputs);
  if (const Status s = check(graph); !s) return forward_error(s);
  return graph;
}

Json to_json(const Graph& graph) {
  Json json{{"format", kFormat},       {"nodes", Json::array()},
            {"edges", Json::array()},  {"input_bytes", graph.input.value},
            {"inputs", Json::array()}, {"outputs", Json::array()}};
  if (!graph.name.empty()) json["name"] = graph.name;
  for (const GraphNode& node : graph.nodes) {
    Json item{{"id", node.id},
              {"device_ms", node.device.count()},
              {"device_mj", node.device_energy.value},
              {"cloud_ms", node.cloud.count()},
              {"output_bytes", node.output.value}};
    if (node.device_memory.value > 0) item["device_memory_bytes"] = node.device_memory.value;
    if (node.pin) item["pin"] = *node.pin == Place::device ? "device" : "cloud";
    for (const auto& [tier, time] : node.tiers) item["tier_ms"][tier] = time.count();
    json["nodes"].push_back(std::move(item));
  }
  for (const auto& [from, to] : graph.edges) json["edges"].push_back({graph.nodes[from].id, graph.nodes[to].id});
  for (const int node : graph.inputs) json["inputs"].push_back(graph.nodes[node].id);
  for (const int node : graph.outputs) json["outputs"].push_back(graph.nodes[node].id);
  return json;
}

Result<Graph> load_graph(const std::filesystem::path& path) {
  const Result<std::string> text = read_file(path, kMaxGraphFile);
  if (!text) return forward_error(text);
  const Result<Json> json = parse_json(*text);
  if (!json) return forward_error(json, path.string());
  Result<Graph> graph = graph_from_json(*json);
  if (!graph) return forward_error(graph, path.string());
  return graph;
}

}  // namespace tandem::plan
