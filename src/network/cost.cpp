#include "cost.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

#include "op_kinds.hpp"

namespace tandem::network {
namespace {

// Counts of a damaged or hostile file may exceed every number: they stop here, so that sums do not overflow.
constexpr std::int64_t kMost = std::int64_t{1} << 50U;

std::int64_t product(std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  return __builtin_mul_overflow(a, b, &result) ? kMost : std::min(result, kMost);
}

std::int64_t elements(const ov::Shape& shape) {
  return static_cast<std::int64_t>(ov::shape_size(shape));
}
std::int64_t in_elements(const ov::Node& op, std::size_t input) {
  return elements(op.get_input_shape(input));
}
std::int64_t out_elements(const ov::Node& op) {
  return elements(op.get_output_shape(0));
}

bool is_static(const ov::Node& op) {
  for (const auto& input : op.inputs()) {
    if (input.get_partial_shape().is_dynamic()) return false;
  }
  return op.get_output_size() > 0 && op.get_output_partial_shape(0).is_static();
}

constexpr std::string_view kConvolutions[] = {"Convolution", "GroupConvolution", "ConvolutionBackpropData",
                                              "GroupConvolutionBackpropData"};

bool is_convolution(std::string_view type) {
  return std::ranges::find(kConvolutions, type) != std::end(kConvolutions);
}

// Each weight meets each place of the result (a convolution) or of the input (a transposed one) once per group.
std::int64_t convolution_macs(const ov::Node& op, std::string_view type) {
  const ov::Shape& weights = op.get_input_shape(1);
  if (elements(weights) == 0) return 0;
  if (type == "Convolution")
    return product(out_elements(op), elements(weights) / static_cast<std::int64_t>(weights[0]));
  if (type == "ConvolutionBackpropData") {
    return product(in_elements(op, 0), elements(weights) / static_cast<std::int64_t>(weights[0]));
  }
  const auto rows = static_cast<std::int64_t>(weights[0] * weights[1]);
  if (type == "GroupConvolution") return product(out_elements(op), elements(weights) / rows);
  if (type == "GroupConvolutionBackpropData") return product(in_elements(op, 0), elements(weights) / rows);
  return 0;
}

std::int64_t matmul_macs(const ov::Node& op) {
  const auto* matmul = dynamic_cast<const ov::op::v0::MatMul*>(&op);
  if (matmul == nullptr) return 0;
  const ov::Shape& left = op.get_input_shape(0);
  if (left.empty()) return 0;
  const bool transposed = matmul->get_transpose_a() && left.size() > 1;
  return product(out_elements(op), static_cast<std::int64_t>(transposed ? left[left.size() - 2] : left.back()));
}

struct RecurrentRow {
  std::string_view type;
  std::size_t weights;  // the input that holds W; R comes next, B after it
  bool sequence;        // the second dimension of the data is time
};

constexpr RecurrentRow kRecurrent[] = {{"LSTMSequence", 4, true}, {"GRUSequence", 3, true}, {"RNNSequence", 3, true},
                                       {"LSTMCell", 3, false},    {"GRUCell", 2, false},    {"RNNCell", 2, false}};

const RecurrentRow* recurrent_row(std::string_view type) {
  const auto* const found = std::ranges::find(kRecurrent, type, &RecurrentRow::type);
  return found == std::end(kRecurrent) ? nullptr : found;
}

std::int64_t recurrent_macs(const ov::Node& op, const RecurrentRow& row) {
  const ov::Shape& data = op.get_input_shape(0);
  const std::size_t steps = row.sequence ? data.at(0) * data.at(1) : data.at(0);
  return product(static_cast<std::int64_t>(steps), in_elements(op, row.weights) + in_elements(op, row.weights + 1));
}

std::int64_t body_macs(const ov::op::util::MultiSubGraphOp& op) {
  std::int64_t most = 0;  // of the branches of an If
  for (const auto& body : op.get_functions()) {
    std::int64_t macs = 0;
    for (const auto& inner : body->get_ops()) macs += macs_of(*inner);
    most = std::max(most, macs);
  }
  std::int64_t trips = 1;
  if (const auto* loop = dynamic_cast<const ov::op::v0::TensorIterator*>(&op)) trips = loop->get_num_iterations();
  if (const auto* loop = dynamic_cast<const ov::op::v5::Loop*>(&op)) trips = loop->get_num_iterations();
  return product(most, std::max<std::int64_t>(trips, 1));
}

// The constant at the root of a chain that unpacks weights: behind converts, transposes, and the larger side of a
// zero point or scale. Null where the input depends on data.
const ov::Node* packed_weights(const Output& input) {
  const ov::Node* op = input.get_node();
  while (!ov::is_type<ov::op::v0::Constant>(op)) {
    if (op->get_input_size() == 0 || !is_follower(*op)) return nullptr;
    std::size_t side = 0;
    if (is_elementwise(*op) && is_static(*op) && in_elements(*op, 1) > in_elements(*op, 0)) side = 1;
    op = op->get_input_node_ptr(side);
  }
  return op;
}

// Inputs that hold trained numbers where they are constant.
std::vector<std::size_t> trained_inputs(const ov::Node& op) {
  const std::string_view type = op.get_type_info().name;
  if (const RecurrentRow* row = recurrent_row(type)) return {row->weights, row->weights + 1, row->weights + 2};
  if (is_convolution(type) || type == "PRelu") return {1};
  if (type == "MatMul" || is_elementwise(op)) return {0, 1};
  if (ov::is_type<ov::op::v0::BatchNormInference>(&op)) return {0, 1};  // this old version takes the data third
  if (type == "BatchNormInference" || type == "GroupNormalization") return {1, 2};
  if (type == "Gather" || type == "EmbeddingBagOffsetsSum") return {0};
  return {};
}

// A fixed number of a formula (x + 3, x / 255) rather than something trained; a bias of a one-wide layer is trained.
bool is_fixed_scalar(const ov::Node& op, const ov::Node& constant) {
  if (!is_elementwise(op) || elements(constant.get_output_shape(0)) > 1) return false;
  return std::ranges::none_of(op.input_values(), [](const Output& input) { return macs_of(*input.get_node()) > 0; });
}

}  // namespace

std::int64_t macs_of(const ov::Node& op) {
  if (const auto* loop = dynamic_cast<const ov::op::util::MultiSubGraphOp*>(&op)) return body_macs(*loop);
  const std::string_view type = op.get_type_info().name;
  const RecurrentRow* row = recurrent_row(type);
  const bool multiplies = row != nullptr || type == "MatMul" || is_convolution(type);
  if (!multiplies || !is_static(op)) return 0;
  if (row != nullptr) return recurrent_macs(op, *row);
  return type == "MatMul" ? matmul_macs(op) : convolution_macs(op, type);
}

std::int64_t ParameterCounter::count(const ov::Node& op) {
  std::int64_t total = 0;
  if (const auto* loop = dynamic_cast<const ov::op::util::MultiSubGraphOp*>(&op)) {
    for (const auto& body : loop->get_functions()) {
      for (const auto& inner : body->get_ordered_ops()) total += count(*inner);
    }
  }
  for (const std::size_t input : trained_inputs(op)) {
    if (input >= op.get_input_size()) continue;
    const ov::Node* constant = packed_weights(op.input_value(input));
    if (constant == nullptr || is_fixed_scalar(op, *constant)) continue;
    if (is_elementwise(op) && !op.get_output_element_type(0).is_real()) continue;
    if (counted_.insert(constant).second) total += elements(constant->get_output_shape(0));
  }
  return total;
}

}  // namespace tandem::network
