#include "tandem/network/network.hpp"

#include <fmt/format.h>

#include <mutex>

#include "cut.hpp"
#include "describe.hpp"
#include "fingerprint.hpp"
#include "names.hpp"
#include "tandem/network/layering.hpp"

namespace tandem::network {

struct Network::Data {
  std::shared_ptr<ov::Model> model;
  std::string name;
  bool states_layering;
  Graph graph;
  Partition partition;
  std::vector<Crossing> crossings;
  Description description;
  mutable std::once_flag fingerprint_once{};
  mutable std::string fingerprint{};
};

namespace {

Status check_ends(const ov::Model& model) {
  if (model.get_parameters().empty()) return fail(Errc::invalid_argument, "the network has no input");
  if (model.get_results().empty()) return fail(Errc::invalid_argument, "the network has no output");
  return {};
}

// Larger tensors than any machine holds come from damaged files.
constexpr std::size_t kMostElements = std::size_t{1} << 40U;

bool is_reasonable(const ov::Shape& shape) {
  std::size_t elements = 1;
  for (const std::size_t extent : shape) {
    if (extent != 0 && elements > kMostElements / extent) return false;
    elements *= extent;
  }
  return true;
}

Status check_shapes(const Graph& graph) {
  for (const Op& op : graph.ops) {
    for (const Output& output : op->outputs()) {
      const ov::PartialShape& shape = output.get_partial_shape();
      if (shape.is_static() && is_reasonable(shape.to_shape())) continue;
      return fail(
          Errc::invalid_argument,
          fmt::format("the shape of '{}' ({}) is {}: {}", printable(op->get_friendly_name()), op->get_type_name(),
                      shape.is_static() ? "beyond every machine" : "open", shape.to_string()));
    }
  }
  return {};
}

// Operations carry their layers' names from here on: into parts cut out, and through IR.
void keep_names(const Graph& graph, const Partition& partition, const std::vector<Layer>& layers) {
  for (std::size_t i = 0; i < layers.size(); ++i) {
    graph.ops[partition.groups[i].main]->set_friendly_name(layers[i].name);
  }
}

std::vector<End> ends_at(const Crossing& crossing, const Boundary& boundary) {
  std::vector<End> ends;
  ends.reserve(crossing.tensors.size());
  for (std::size_t i = 0; i < crossing.tensors.size(); ++i) ends.push_back({crossing.tensors[i], boundary.tensors[i]});
  return ends;
}

}  // namespace

std::size_t Boundary::bytes() const {
  std::size_t bytes = 0;
  for (const TensorSpec& tensor : tensors) bytes += quantization ? tensor.elements() : tensor.bytes();
  return bytes;
}

Result<Network> Network::from_model(std::shared_ptr<ov::Model> model, std::string name) try {
  if (const Status s = check_ends(*model); !s) return forward_error(s);
  Graph graph(*model);
  if (const Status s = check_shapes(graph); !s) return forward_error(s);
  const auto layer_ends = layering_of(*model);
  if (!layer_ends) return forward_error(layer_ends);

  const bool stated = !layer_ends->empty();
  auto partition = stated ? partition_as_stated(graph, *layer_ends) : partition_by_fusion(graph);
  if (!partition) return forward_error(partition);
  if (partition->groups.empty())
    return fail(Errc::invalid_argument, "the network has no layer between input and output");
  auto crossings = find_crossings(*model, graph, *partition);
  auto description = describe(*model, graph, *partition, crossings);
  if (!description) return forward_error(description);
  if (!stated) keep_names(graph, *partition, description->layers);

  return Network(std::make_shared<const Data>(std::move(model), std::move(name), stated, std::move(graph),
                                              std::move(*partition), std::move(crossings), std::move(*description)));
} catch (const ov::Exception& error) {
  return fail(Errc::invalid_argument, first_cause(error));
}

const std::string& Network::name() const {
  return data_->name;
}
const std::vector<Layer>& Network::layers() const {
  return data_->description.layers;
}
const std::vector<Edge>& Network::edges() const {
  return data_->description.edges;
}
const std::vector<Block>& Network::blocks() const {
  return data_->description.blocks;
}
const std::vector<Boundary>& Network::boundaries() const {
  return data_->description.boundaries;
}
std::shared_ptr<const ov::Model> Network::model() const {
  return data_->model;
}

const std::string& Network::fingerprint() const {
  std::call_once(data_->fingerprint_once,
                 [this] { data_->fingerprint = fingerprint_of(data_->graph, data_->partition); });
  return data_->fingerprint;
}

Status Network::check_range(BlockRange range) const {
  if (1 <= range.first && range.first <= range.last && range.last <= size()) return {};
  return fail(Errc::invalid_argument, fmt::format("there are no layers {}..{} in '{}', which has 1..{}", range.first,
                                                  range.last, name(), size()));
}

Result<std::shared_ptr<ov::Model>> Network::cut(BlockRange range) const try {
  if (const Status inside = check_range(range); !inside) return forward_error(inside);
  const Boundary& before = boundaries()[range.first - 1];
  const Boundary& after = boundaries()[range.last];
  const Part part{.inputs = ends_at(data_->crossings[range.first - 1], before),
                  .input_quantization = before.quantization,
                  .outputs = ends_at(data_->crossings[range.last], after)};
  const std::string part_name = fmt::format("{}.{}-{}", name(), range.first, range.last);
  // What keeps state is not divided, see find_crossings: its only part is the whole.
  const bool keeps_state = !data_->model->get_sinks().empty();
  auto model = keeps_state ? copy_whole(*data_->model, part, part_name) : cut_out(data_->graph, part, part_name);
  if (data_->states_layering) {
    std::vector<std::string> layer_ends;
    const int last_layer = blocks()[range.last - 1].last_layer;
    for (int i = blocks()[range.first - 1].first_layer; i <= last_layer; ++i) layer_ends.push_back(layers()[i].name);
    set_layering(*model, layer_ends);
  }
  return model;
} catch (const ov::Exception& error) {
  return fail(Errc::internal,
              fmt::format("cutting {}..{} of '{}': {}", range.first, range.last, name(), first_cause(error)));
}

Result<std::shared_ptr<ov::Model>> Network::cut_apart(std::span<const BlockRange> ranges) const try {
  std::vector<Part> parts;
  parts.reserve(ranges.size());
  for (const BlockRange range : ranges) {
    if (const Status inside = check_range(range); !inside) return forward_error(inside);
    Part part{.inputs = ends_at(data_->crossings[range.first - 1], boundaries()[range.first - 1]),
              .input_quantization = boundaries()[range.first - 1].quantization,
              .outputs = ends_at(data_->crossings[range.last], boundaries()[range.last])};
    // Numbered where a group has several, since a name stands for one tensor only.
    for (std::size_t i = 0; i < part.inputs.size(); ++i) {
      part.inputs[i].spec.name = fmt::format("input {}{}", range.first, i == 0 ? "" : fmt::format(" number {}", i));
    }
    for (std::size_t i = 0; i < part.outputs.size(); ++i) {
      part.outputs[i].spec.name = fmt::format("output {}{}", range.last, i == 0 ? "" : fmt::format(" number {}", i));
    }
    parts.push_back(std::move(part));
  }
  if (!data_->model->get_sinks().empty()) {
    return fail(Errc::unimplemented, fmt::format("'{}' keeps state between requests: it is not divided", name()));
  }
  std::vector<std::string> labels(static_cast<std::size_t>(data_->graph.size()));
  for (int block = 1; block <= size(); ++block) {
    for (int layer = blocks()[block - 1].first_layer; layer <= blocks()[block - 1].last_layer; ++layer) {
      for (const int op : data_->partition.groups[layer].ops) labels[op] = fmt::format("block {} op {}", block, op);
    }
  }
  return cut_out_all(data_->graph, parts, labels, name() + " apart");
} catch (const ov::Exception& error) {
  return fail(Errc::internal, fmt::format("cutting '{}' apart: {}", name(), first_cause(error)));
}

}  // namespace tandem::network
