#include "op_kinds.hpp"

#include <openvino/op/util/arithmetic_reductions_keep_dims.hpp>
#include <set>
#include <string_view>

namespace tandem::network {
namespace {

using Types = std::set<std::string_view>;

const Types kMoves{"Reshape", "Squeeze", "Unsqueeze", "Transpose", "ShuffleChannels"};

const Types kElementwise{"Add",     "Subtract", "Multiply",          "Divide", "Maximum",
                         "Minimum", "Power",    "SquaredDifference", "Mod",    "FloorMod"};

const Types kActivations{"Relu",   "PRelu", "Clamp",   "Sigmoid", "HSigmoid",     "HardSigmoid", "Swish",
                         "HSwish", "Tanh",  "Elu",     "Gelu",    "Selu",         "SoftPlus",    "SoftSign",
                         "Mish",   "Erf",   "Exp",     "Log",     "Sqrt",         "Abs",         "Negative",
                         "Sign",   "Floor", "Ceiling", "Round",   "Convert",      "ConvertLike", "Sin",
                         "Cos",    "Atan",  "Sinh",    "Cosh",    "FakeQuantize", "FakeConvert", "BatchNormInference"};

// Smaller results than inputs, at the cost of a copy.
const Types kSelections{"Slice", "StridedSlice", "Crop", "BatchToSpace"};

const Types kLeaders{"Pad", "SpaceToBatch"};

const Types kReductions{"ReduceMean", "ReduceSum", "ReduceMax", "ReduceL2"};

bool in(const Types& types, const ov::Node& op) {
  return types.contains(op.get_type_info().name);
}

// Rank 4 or 5, and all but two axes reduced, not the first (the batch): channels may come second or last.
bool reduces_whole_image(const ov::Node& op) {
  const auto* reduction = dynamic_cast<const ov::op::util::ArithmeticReductionKeepDims*>(&op);
  if (reduction == nullptr || !reduction->reduction_axes_constant()) return false;
  const std::size_t rank = op.get_input_shape(0).size();
  const ov::AxisSet axes = reduction->get_reduction_axes();
  return (rank == 4 || rank == 5) && axes.size() == rank - 2 && !axes.contains(0);
}

bool pools_whole_image(const ov::Node& op) {
  const ov::Shape& in = op.get_input_shape(0);
  const ov::Shape& out = op.get_output_shape(0);
  std::size_t before = 1;
  std::size_t after = 1;
  for (std::size_t axis = 2; axis < in.size(); ++axis) {
    before *= in[axis];
    after *= out[axis];
  }
  return in.size() >= 4 && after == 1 && before > 1;
}

}  // namespace

bool only_moves(const ov::Node& op) {
  return in(kMoves, op);
}

bool is_elementwise(const ov::Node& op) {
  return in(kElementwise, op);
}

bool is_follower(const ov::Node& op) {
  return only_moves(op) || is_elementwise(op) || in(kActivations, op) || in(kSelections, op);
}

bool is_leader(const ov::Node& op) {
  return in(kLeaders, op);
}

bool is_reduction(const ov::Node& op) {
  return in(kReductions, op);
}

bool is_glue(const Graph& graph, int op) {
  const ov::Node& node = *graph.ops[op];
  return (is_follower(node) || is_leader(node)) && graph.variable_inputs(op).size() <= 1;
}

std::string layer_type(const ov::Node& op) {
  std::string type = op.get_type_info().name;
  if (type == "ReduceMean" && reduces_whole_image(op)) return "GlobalAvgPool";
  if (type == "ReduceMax" && reduces_whole_image(op)) return "GlobalMaxPool";
  if (type == "AvgPool" && pools_whole_image(op)) return "GlobalAvgPool";
  if (type == "MaxPool" && pools_whole_image(op)) return "GlobalMaxPool";
  return type;
}

}  // namespace tandem::network
