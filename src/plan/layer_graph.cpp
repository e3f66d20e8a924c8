#include "tandem/plan/layer_graph.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace tandem::plan {
namespace {

constexpr double kMacsPerByte = 10;  // done in the time a byte takes to be read or written

// What a layer's operations and memory traffic come to, in multiply-accumulates.
std::vector<double> work_of(const network::Network& network) {
  std::vector<double> work;
  work.reserve(network.layers().size());
  for (const network::Layer& layer : network.layers()) {
    work.push_back(static_cast<double>(layer.macs) + kMacsPerByte * static_cast<double>(layer.output.bytes()));
  }
  for (const network::Edge& edge : network.edges()) {
    if (edge.to >= 0) work[edge.to] += kMacsPerByte * static_cast<double>(edge.tensor.bytes());
  }
  return work;
}

// Bytes of all tensors a layer, or the input (-1), hands on.
std::map<int, double> bytes_made(const network::Network& network) {
  std::map<int, double> bytes;
  std::set<std::pair<int, std::string>> seen;
  for (const network::Edge& edge : network.edges()) {
    if (seen.emplace(edge.from, edge.tensor.name).second) bytes[edge.from] += static_cast<double>(edge.tensor.bytes());
  }
  return bytes;
}

void add_edges(const network::Network& network, Graph& graph) {
  std::set<std::pair<int, int>> seen;
  for (const network::Edge& edge : network.edges()) {
    if (!seen.emplace(edge.from, edge.to).second) continue;  // several tensors: planned as one
    if (edge.from >= 0 && edge.to >= 0) graph.edges.push_back({.from = edge.from, .to = edge.to});
    if (edge.from < 0 && edge.to >= 0) graph.inputs.push_back(edge.to);
    if (edge.from >= 0 && edge.to < 0) graph.outputs.push_back(edge.from);
  }
}

}  // namespace

Result<LayerGraph> layer_graph(const network::Network& network, const profile::CostTable& device,
                               const profile::CostTable& cloud, const profile::LoadFactors& loads) {
  if (const Status s = profile::check_fits(device, network, "the device profile"); !s) return forward_error(s);
  if (const Status s = profile::check_fits(cloud, network, "the cloud profile"); !s) return forward_error(s);
  const std::vector<double> work = work_of(network);
  std::map<int, double> bytes = bytes_made(network);
  LayerGraph result;
  Graph& graph = result.graph;
  graph.name = network.name();
  graph.input = Bytes{bytes[-1]};
  for (int b = 1; b <= network.size(); ++b) {
    const network::Block& block = network.blocks()[b - 1];
    const profile::Cost on_device = device.cost({.first = b, .last = b});
    const profile::Cost in_cloud = cloud.cost({.first = b, .last = b});
    double of_block = 0;
    for (int i = block.first_layer; i <= block.last_layer; ++i) of_block += work[i];
    for (int i = block.first_layer; i <= block.last_layer; ++i) {
      const double share = of_block > 0 ? work[i] / of_block : 1.0 / (block.last_layer - block.first_layer + 1);
      graph.nodes.push_back({.id = network.layers()[i].name,
                             .device = on_device.latency * (loads.device * share),
                             .device_energy = on_device.energy * (loads.device * share),
                             .cloud = in_cloud.latency * (loads.cloud * share),
                             .output = Bytes{bytes[i]}});
    }
    result.blocks.push_back({.first = block.first_layer, .last = block.last_layer});
  }
  add_edges(network, graph);
  if (const Status s = check(graph); !s) return forward_error(s, network.name());
  return result;
}

}  // namespace tandem::plan
