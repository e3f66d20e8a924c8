#include "describe.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "cost.hpp"
#include "names.hpp"
#include "op_kinds.hpp"

namespace tandem::network {
namespace {

constexpr int kOutside = -1;  // of all layers, in Edge
static_assert(kOutside == Partition::kNone);

class Describer {
 public:
  Describer(const ov::Model& model, const Graph& graph, const Partition& partition)
      : model_(model), graph_(graph), partition_(partition) {
    name_layers();
    name_inputs();
    name_outputs();
  }

  [[nodiscard]] Result<std::vector<Layer>> layers() const {
    std::vector<Layer> layers;
    ParameterCounter parameters;
    for (int i = 0; i < size(); ++i) {
      const Partition::Group& group = partition_.groups[i];
      auto output = spec_of(output_of(i), layer_names_[i]);
      if (!output) return forward_error(output);
      Layer layer{.name = layer_names_[i], .type = layer_type(*graph_.ops[group.main]), .output = std::move(*output)};
      for (const int op : group.ops) {
        layer.macs += macs_of(*graph_.ops[op]);
        layer.parameters += parameters.count(*graph_.ops[op]);
      }
      layers.push_back(std::move(layer));
    }
    return layers;
  }

  // Every tensor from the layer or input that makes it to each layer or output that reads it.
  [[nodiscard]] Result<std::vector<Edge>> edges() const {
    std::vector<Edge> edges;
    for (int op = 0; op < graph_.size(); ++op) {
      if (graph_.constant[op]) continue;
      const int from = partition_.group_of[op];
      for (const Output& tensor : graph_.ops[op]->outputs()) {
        std::vector<int> readers;
        for (const int reader : graph_.consumers(tensor)) {
          if (const int to = partition_.group_of[reader]; to != from || from == kOutside) readers.push_back(to);
        }
        std::ranges::sort(readers);
        readers.erase(std::ranges::unique(readers).begin(), readers.end());
        for (const int to : readers) {
          auto spec = spec_of(tensor, tensor_name(tensor));
          if (!spec) return forward_error(spec);
          edges.push_back({.from = from, .to = to, .tensor = std::move(*spec)});
        }
      }
    }
    std::ranges::sort(edges, {}, [](const Edge& edge) { return std::pair(edge.from, edge.to); });
    return edges;
  }

  [[nodiscard]] Result<std::vector<Boundary>> boundaries(const std::vector<Crossing>& crossings) const {
    std::vector<Boundary> boundaries;
    for (const Crossing& crossing : crossings) {
      Boundary boundary;
      for (std::size_t i = 0; i < crossing.tensors.size(); ++i) {
        const Output& tensor = crossing.tensors[i];
        const bool is_output = &crossing == &crossings.back();
        auto spec = spec_of(tensor, is_output ? output_names_[i] : tensor_name(tensor));
        if (!spec) return forward_error(spec);
        boundary.tensors.push_back(std::move(*spec));
      }
      if (crossing.tensors.size() == 1) boundary.quantization = quantization_of(crossing.tensors.front());
      boundaries.push_back(std::move(boundary));
    }
    return boundaries;
  }

 private:
  [[nodiscard]] int size() const { return static_cast<int>(partition_.groups.size()); }

  // The stated name; else the main operation's where it is the model's own; else another operation's, last first.
  [[nodiscard]] std::string wished_name(const Partition::Group& group) const {
    if (!group.name.empty()) return group.name;
    if (auto name = own_name(*graph_.ops[group.main])) return *name;
    for (auto op = group.ops.rbegin(); op != group.ops.rend(); ++op) {
      if (auto name = own_name(*graph_.ops[*op])) return *name;
    }
    return {};
  }

  // Own names are claimed first, so that they stay as they are; the nameless are counted by type: "convolution_3".
  void name_layers() {
    UniqueNames unique;
    for (const Partition::Group& group : partition_.groups) {
      const std::string wish = wished_name(group);
      layer_names_.push_back(wish.empty() ? wish : unique.claim(wish));
    }
    std::map<std::string, int> of_type;
    for (int i = 0; i < size(); ++i) {
      const std::string type = layer_type(*graph_.ops[partition_.groups[i].main]);
      const int number = ++of_type[type];
      if (layer_names_[i].empty()) layer_names_[i] = unique.claim(fmt::format("{}_{}", snake_case(type), number));
    }
  }

  void name_inputs() {
    UniqueNames unique;
    for (const auto& parameter : model_.get_parameters()) {
      const std::string numbered = fmt::format("input_{}", input_names_.size() + 1);
      input_names_[parameter.get()] = unique.claim(own_name(*parameter).value_or(numbered));
    }
  }

  // A result is known by its tensor, else by the layer that makes it.
  void name_outputs() {
    UniqueNames unique;
    for (const auto& result : model_.get_results()) {
      const Output tensor = result->input_value(0);
      auto name = own_name(*result);
      if (!name && !graph_.constant[graph_.place(tensor)]) name = tensor_name(tensor);
      output_names_.push_back(unique.claim(name.value_or(fmt::format("output_{}", output_names_.size() + 1))));
    }
  }

  [[nodiscard]] const std::string& tensor_name(const Output& tensor) const {
    const int layer = partition_.group_of[graph_.place(tensor)];
    return layer == kOutside ? input_names_.at(tensor.get_node()) : layer_names_[layer];
  }

  // The first tensor that leaves the layer; where none does, its last operation's.
  [[nodiscard]] Output output_of(int layer) const {
    const std::vector<int>& ops = partition_.groups[layer].ops;
    for (const int op : ops) {
      for (const Output& output : graph_.ops[op]->outputs()) {
        for (const int reader : graph_.consumers(output)) {
          if (partition_.group_of[reader] != layer) return output;
        }
      }
    }
    return graph_.ops[ops.back()]->output(0);
  }

  const ov::Model& model_;
  const Graph& graph_;
  const Partition& partition_;
  std::vector<std::string> layer_names_;
  std::map<const ov::Node*, std::string> input_names_;
  std::vector<std::string> output_names_;
};

// What lies between neighbouring crossings.
std::vector<Block> blocks_of(const std::vector<Layer>& layers, const std::vector<Crossing>& crossings) {
  std::vector<Block> blocks;
  for (std::size_t i = 1; i < crossings.size(); ++i) {
    Block block;
    block.first_layer = crossings[i - 1].after;
    block.last_layer = crossings[i].after - 1;
    for (int layer = block.first_layer; layer <= block.last_layer; ++layer) {
      block.macs += layers[layer].macs;
      block.parameters += layers[layer].parameters;
    }
    const std::string& first = layers[block.first_layer].name;
    const std::string& last = layers[block.last_layer].name;
    block.name = block.first_layer == block.last_layer ? first : fmt::format("{} … {}", first, last);
    blocks.push_back(std::move(block));
  }
  return blocks;
}

}  // namespace

Result<Description> describe(const ov::Model& model, const Graph& graph, const Partition& partition,
                             const std::vector<Crossing>& crossings) {
  const Describer describer(model, graph, partition);
  auto layers = describer.layers();
  if (!layers) return forward_error(layers);
  auto edges = describer.edges();
  if (!edges) return forward_error(edges);
  auto boundaries = describer.boundaries(crossings);
  if (!boundaries) return forward_error(boundaries);
  auto blocks = blocks_of(*layers, crossings);
  return Description{std::move(*layers), std::move(*edges), std::move(blocks), std::move(*boundaries)};
}

}  // namespace tandem::network
