// The front end moves transposes through the graph, and names get lost on the way: what was "conv/Relu6" becomes
// "Transpose_4054". The same file decoded but not converted still has them. Both graphs hold the same convolutions,
// products and so on in the same order; a kind of operation is named where both have equally many and every shape
// agrees.
#include "tflite_names.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <openvino/op/util/framework_node.hpp>
#include <string_view>

#include "graph.hpp"
#include "tandem/base/log.hpp"

namespace tandem::network {
namespace {

struct Kind {
  std::string_view name;
  std::size_t variable_inputs;  // at least; an addition of a constant is a bias, no operation of the file
  std::array<std::string_view, 3> tflite;
  std::array<std::string_view, 2> openvino;
};

constexpr std::array kKinds{
    Kind{"convolution", 1, {"CONV_2D", "DEPTHWISE_CONV_2D", "CONV_3D"}, {"Convolution", "GroupConvolution"}},
    Kind{"transposed convolution", 1, {"TRANSPOSE_CONV"}, {"ConvolutionBackpropData", "GroupConvolutionBackpropData"}},
    Kind{"product", 1, {"FULLY_CONNECTED", "BATCH_MATMUL"}, {"MatMul"}},
    Kind{"average pooling", 1, {"AVERAGE_POOL_2D"}, {"AvgPool"}},
    Kind{"maximum pooling", 1, {"MAX_POOL_2D"}, {"MaxPool"}},
    Kind{"mean", 1, {"MEAN"}, {"ReduceMean"}},
    Kind{"concatenation", 2, {"CONCATENATION"}, {"Concat"}},
    Kind{"addition", 2, {"ADD"}, {"Add"}},
    Kind{"multiplication", 2, {"MUL"}, {"Multiply"}},
    Kind{"subtraction", 2, {"SUB"}, {"Subtract"}},
    Kind{"softmax", 1, {"SOFTMAX"}, {"Softmax"}},
    Kind{"resize", 1, {"RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR"}, {"Interpolate"}},
};

template <std::size_t N>
bool contains(const std::array<std::string_view, N>& types, std::string_view type) {
  return !type.empty() && std::ranges::find(types, type) != types.end();
}

// Extents regardless of layout (the file is NHWC, the model NCHW); open ones do not count.
std::vector<std::int64_t> sorted_extents(const ov::PartialShape& shape) {
  std::vector<std::int64_t> extents;
  if (shape.rank().is_dynamic()) return extents;
  for (const ov::Dimension& extent : shape) {
    if (extent.is_static()) extents.push_back(extent.get_length());
  }
  std::ranges::sort(extents);
  return extents;
}

struct Candidate {
  Op op;
  std::string name;  // of the decoded operation's first tensor
  std::vector<std::int64_t> extents;
};

using ByKind = std::map<std::string_view, std::vector<Candidate>>;

ByKind decoded_operations(ov::frontend::FrontEndManager& front_ends, const std::string& path) {
  const auto front_end = front_ends.load_by_framework("tflite");
  const auto input = front_end->load(path);
  const auto decoded = front_end->decode(input);
  const Graph graph(*decoded);
  ByKind kinds;
  for (int i = 0; i < graph.size(); ++i) {
    const auto op = ov::as_type_ptr<ov::op::util::FrameworkNode>(graph.ops[i]);
    if (!op || graph.constant[i] || op->output(0).get_names().empty()) continue;
    const std::string type = op->get_attrs().get_type_name();
    for (const Kind& kind : kKinds) {
      if (!contains(kind.tflite, type) || graph.variable_inputs(i).size() < kind.variable_inputs) continue;
      const std::string name = *op->output(0).get_names().begin();
      const auto place = input->get_place_by_tensor_name(name);
      const auto shape = place ? input->get_partial_shape(place) : ov::PartialShape::dynamic();
      kinds[kind.name].push_back({op, name, sorted_extents(shape)});
    }
  }
  return kinds;
}

ByKind converted_operations(const ov::Model& model) {
  const Graph graph(model);
  ByKind kinds;
  for (int i = 0; i < graph.size(); ++i) {
    if (!graph.is_inner(i)) continue;
    for (const Kind& kind : kKinds) {
      if (!contains(kind.openvino, graph.ops[i]->get_type_info().name)) continue;
      if (graph.variable_inputs(i).size() < kind.variable_inputs) continue;
      kinds[kind.name].push_back({graph.ops[i], {}, sorted_extents(graph.ops[i]->get_output_partial_shape(0))});
    }
  }
  return kinds;
}

}  // namespace

void restore_tflite_names(ov::Model& model, ov::frontend::FrontEndManager& front_ends, const std::string& path) try {
  const ByKind decoded = decoded_operations(front_ends, path);
  for (const auto& [kind, converted] : converted_operations(model)) {
    const auto originals = decoded.find(kind);
    if (originals == decoded.end()) continue;
    if (!std::ranges::equal(originals->second, converted, {}, &Candidate::extents, &Candidate::extents)) continue;
    for (std::size_t i = 0; i < converted.size(); ++i) {
      converted[i].op->set_friendly_name(originals->second[i].name);
    }
  }
} catch (const std::exception& error) {
  logger().debug("{}: operations keep generated names: {}", path, first_cause(error));
}

}  // namespace tandem::network
