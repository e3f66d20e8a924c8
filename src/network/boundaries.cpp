#include "boundaries.hpp"

#include <algorithm>
#include <limits>
#include <set>
#include <string_view>

#include "op_kinds.hpp"

namespace tandem::network {
namespace {

constexpr int kMostLevels = 256;

// A tensor is alive between the layer that makes it and the last that reads it.
struct Life {
  Output tensor;
  int from = 0;   // alive after so many layers …
  int until = 0;  // … and no longer after so many
};

std::vector<Life> lives_of(const Graph& graph, const Partition& partition) {
  const int layers = static_cast<int>(partition.groups.size());
  std::vector<Life> lives;
  for (int op = 0; op < graph.size(); ++op) {
    const bool input = ov::is_type<ov::op::v0::Parameter>(graph.ops[op]);
    if (!input && !graph.is_inner(op)) continue;
    for (const Output& tensor : graph.ops[op]->outputs()) {
      Life life{tensor, input ? 0 : partition.group_of[op] + 1, 0};
      for (const int reader : graph.consumers(tensor)) {
        const bool result = partition.group_of[reader] == Partition::kNone;
        life.until = std::max(life.until, result ? layers + 1 : partition.group_of[reader] + 1);
      }
      if (life.until > life.from) lives.push_back(life);
    }
  }
  return lives;
}

template <class T>
std::optional<T> scalar(const Output& input) {
  const auto constant = ov::as_type_ptr<ov::op::v0::Constant>(input.get_node_shared_ptr());
  if (!constant || ov::shape_size(constant->get_shape()) != 1) return std::nullopt;
  return constant->cast_vector<T>().front();
}

std::optional<Quantization> range_of(const ov::op::v0::FakeQuantize& op) {
  const auto low = scalar<float>(op.input_value(3));
  const auto high = scalar<float>(op.input_value(4));
  const auto levels = static_cast<int>(op.get_levels());
  if (!low || !high || !(*low < *high) || levels < 2 || levels > kMostLevels) return std::nullopt;
  return Quantization{.low = *low, .high = *high, .levels = levels};
}

// `value` is one that some code stands for, or none of them reaches so far.
bool on_grid(const Quantization& grid, double value) {
  const auto limit = static_cast<float>(value);
  if (limit <= grid.low || limit >= grid.high) return true;
  for (int code = 0; code < grid.levels; ++code) {
    const float step = static_cast<float>(code) / static_cast<float>(grid.levels - 1);
    if (step * (grid.high - grid.low) + grid.low == limit) return true;
  }
  return false;
}

// Clamping to `limit` keeps every value, or moves it to another of the grid.
bool keeps_grid(const Quantization& grid, double low, double high) {
  return low < grid.high && high > grid.low && on_grid(grid, low) && on_grid(grid, high);
}

bool selects(const ov::Node& op) {
  static const std::set<std::string_view> types{"Slice",        "StridedSlice", "Crop",        "MaxPool",
                                                "DepthToSpace", "SpaceToDepth", "BatchToSpace"};
  return only_moves(op) || types.contains(op.get_type_info().name);
}

// `budget`: so many operations may still be looked at, however they are concatenated.
std::optional<Quantization> quantization_within(const Output& tensor, int& budget) {
  const ov::Node& op = *tensor.get_node();
  if (--budget < 0 || tensor.get_element_type() != ov::element::f32 || tensor.get_index() != 0) return std::nullopt;
  if (const auto* quantise = ov::as_type<const ov::op::v0::FakeQuantize>(&op)) return range_of(*quantise);
  if (op.get_input_size() == 0) return std::nullopt;

  const bool concatenates = ov::is_type<ov::op::v0::Concat>(&op);
  const bool clamps = ov::is_type<ov::op::v0::Relu>(&op) || ov::is_type<ov::op::v0::Clamp>(&op);
  if (!selects(op) && !concatenates && !clamps) return std::nullopt;
  const auto grid = quantization_within(op.input_value(0), budget);
  if (!grid) return std::nullopt;
  if (concatenates) {
    for (std::size_t input = 1; input < op.get_input_size(); ++input) {
      if (quantization_within(op.input_value(input), budget) != grid) return std::nullopt;
    }
  }
  if (const auto* clamp = ov::as_type<const ov::op::v0::Clamp>(&op)) {
    if (!keeps_grid(*grid, clamp->get_min(), clamp->get_max())) return std::nullopt;
  } else if (clamps && !keeps_grid(*grid, 0.0, std::numeric_limits<double>::infinity())) {
    return std::nullopt;
  }
  return grid;
}

}  // namespace

std::optional<Quantization> quantization_of(const Output& tensor) {
  int budget = 256;
  return quantization_within(tensor, budget);
}

std::vector<Crossing> find_crossings(const ov::Model& model, const Graph& graph, const Partition& partition) {
  const int layers = static_cast<int>(partition.groups.size());
  std::vector<Crossing> crossings(1);
  for (const auto& parameter : model.get_parameters()) crossings[0].tensors.push_back(parameter->output(0));

  if (model.get_sinks().empty() && model.get_variables().empty()) {
    const std::vector<Life> lives = lives_of(graph, partition);
    std::vector<std::vector<const Life*>> begin(layers + 2);
    std::vector<std::vector<const Life*>> end(layers + 2);
    for (const Life& life : lives) {
      begin[life.from].push_back(&life);
      end[life.until].push_back(&life);
    }
    std::set<const Life*> alive;
    for (int after = 0; after < layers; ++after) {
      alive.insert(begin[after].begin(), begin[after].end());
      for (const Life* life : end[after]) alive.erase(life);
      if (after == 0 || alive.size() != 1) continue;
      const Output& tensor = (*alive.begin())->tensor;
      if (from_openvino(tensor.get_element_type())) crossings.push_back({after, {tensor}});
    }
  }

  Crossing& outputs = crossings.emplace_back(Crossing{layers, {}});
  for (const auto& result : model.get_results()) outputs.tensors.push_back(result->input_value(0));
  return crossings;
}

}  // namespace tandem::network
