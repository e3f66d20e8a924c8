#include "layer_work.hpp"

#include <algorithm>
#include <array>

namespace tandem::profile {
namespace {

// Half of a recurrent layer's weights multiply its state, which differs at every step; the other half multiply its
// inputs, all of which are there at once.
constexpr double kRecurrentHalf = 0.5;

constexpr std::array<std::string_view, 10> kElementwise = {"Relu",   "PRelu", "Clamp", "Sigmoid", "Tanh",
                                                           "HSwish", "Swish", "Elu",   "Gelu",    "HSigmoid"};

// [batch, time, features]
double steps_of(const network::Layer& layer) {
  const auto& shape = layer.output.shape;
  return shape.size() >= 3 ? std::max(1.0, static_cast<double>(shape[shape.size() - 2])) : 1.0;
}

}  // namespace

std::string_view name_of(Operation operation) {
  constexpr std::array<std::string_view, kOperations> names = {
      "convolution", "grouped_convolution", "deconvolution", "matrix_product", "recurrent", "elementwise", "other"};
  return names[static_cast<std::size_t>(operation)];
}

Operation operation_of(std::string_view layer_type) {
  if (layer_type == "Convolution") return Operation::convolution;
  if (layer_type == "GroupConvolution") return Operation::grouped_convolution;
  if (layer_type.ends_with("BackpropData")) return Operation::deconvolution;
  if (layer_type == "MatMul") return Operation::matrix_product;
  if (layer_type.starts_with("RNN") || layer_type.starts_with("LSTM") || layer_type.starts_with("GRU")) {
    return Operation::recurrent;
  }
  return std::ranges::find(kElementwise, layer_type) != kElementwise.end() ? Operation::elementwise : Operation::other;
}

std::vector<LayerWork> work_of(const network::Network& network, int batch) {
  std::vector<LayerWork> works;
  works.reserve(network.layers().size());
  for (const network::Layer& layer : network.layers()) {
    LayerWork work{.operation = operation_of(layer.type),
                   .flops = 2.0 * batch * static_cast<double>(layer.macs),
                   .values = batch * static_cast<double>(layer.output.elements()),
                   .parameters = static_cast<double>(layer.parameters)};
    if (work.operation == Operation::recurrent) work.steps = steps_of(layer);
    works.push_back(work);
  }
  std::vector<int> inputs(works.size(), 0);
  for (const network::Edge& edge : network.edges()) {
    if (edge.to < 0) continue;
    works[edge.to].values += batch * static_cast<double>(edge.tensor.elements());
    inputs[edge.to] += 1;
    works[edge.to].follows = inputs[edge.to] == 1 && edge.from == edge.to - 1;
  }
  return works;
}

Milliseconds compute_time(const LayerWork& work, const DeviceModel& model, double peak_gflops) {
  if (work.flops == 0) return {};
  const double achieved = model.efficiency[static_cast<std::size_t>(work.operation)];
  return Milliseconds{work.flops / (1e6 * peak_gflops * achieved)};
}

Milliseconds memory_time(const LayerWork& work, const DeviceModel& model, double bytes_per_value) {
  const double reads = work.parameters * (1.0 + kRecurrentHalf * (work.steps - 1.0));
  return Milliseconds{bytes_per_value * (work.values + reads) /
                      (1e6 * model.memory_gb_per_s * model.memory_efficiency)};
}

Milliseconds start_time(const LayerWork& work, const DeviceModel& model) {
  return model.launch + (work.steps - 1.0) * model.recurrent_step;
}

double bytes_of(const std::string& precision) {
  return precision == "f32" ? 4.0 : precision == "i8" ? 1.0 : 2.0;
}

bool is_fused(const LayerWork& work, const DeviceModel& model, bool first_of_group) {
  return model.fuses_elementwise && work.follows && work.operation == Operation::elementwise && !first_of_group;
}

}  // namespace tandem::profile
