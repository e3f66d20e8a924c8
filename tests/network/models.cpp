#include "models.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace tandem::network::testing {
namespace {

using namespace ov::op;

std::shared_ptr<v0::Constant> integers(const std::vector<int>& values) {
  return v0::Constant::create(ov::element::i64, {values.size()}, values);
}

std::vector<float> as_floats(const ov::Tensor& tensor) {
  const auto constant = std::make_shared<v0::Constant>(tensor);
  return constant->cast_vector<float>();
}

ov::Tensor to_openvino_tensor(const Tensor& tensor, const ov::Output<const ov::Node>& port) {
  ov::Tensor out(port.get_element_type(), port.get_shape());
  if (out.get_byte_size() != tensor.data.size()) throw std::runtime_error("a tensor of another size than the input");
  std::copy_n(tensor.data.data(), tensor.data.size(), static_cast<std::byte*>(out.data()));
  return out;
}

ElementType type_of(const ov::element::Type& type) {
  return element_type_of(type.get_type_name()).value();
}

Tensor from_openvino_tensor(const ov::Tensor& tensor) {
  TensorSpec spec{.name = {}, .type = type_of(tensor.get_element_type()), .shape = {}};
  for (const auto extent : tensor.get_shape()) spec.shape.push_back(static_cast<std::int64_t>(extent));
  Tensor out(spec);
  std::copy_n(static_cast<const std::byte*>(tensor.data()), out.data.size(), out.data.data());
  return out;
}

std::vector<float> floats_of(const Tensor& tensor) {
  const ov::Shape shape(tensor.spec.shape.begin(), tensor.spec.shape.end());
  ov::Tensor view(ov::element::Type(std::string(name_of(tensor.spec.type))), shape);
  std::copy_n(tensor.data.data(), tensor.data.size(), static_cast<std::byte*>(view.data()));
  return as_floats(view);
}

}  // namespace

Value ModelBuilder::input(const std::string& name, const ov::Shape& shape, ov::element::Type type) {
  auto parameter = std::make_shared<v0::Parameter>(type, shape);
  parameter->set_friendly_name(name);
  parameter->output(0).set_names({name});
  parameters_.push_back(parameter);
  return parameter->output(0);
}

Value ModelBuilder::weights(const ov::Shape& shape, ov::element::Type type) {
  const double fan_in =
      shape.size() > 1 ? static_cast<double>(ov::shape_size(shape)) / static_cast<double>(shape[0]) : 4;
  const double bound = std::sqrt(6.0 / fan_in);
  std::vector<float> values(ov::shape_size(shape));
  for (float& value : values) value = static_cast<float>(random_.uniform(-bound, bound));
  return v0::Constant::create(type, shape, values)->output(0);
}

Value ModelBuilder::conv(const Value& x, std::size_t channels, const std::string& name, std::size_t kernel) {
  const auto pad = static_cast<std::ptrdiff_t>(kernel / 2);
  const Value w = weights({channels, x.get_shape()[1], kernel, kernel}, x.get_element_type());
  return op<v1::Convolution>(name, x, w, ov::Strides{1, 1}, ov::CoordinateDiff{pad, pad}, ov::CoordinateDiff{pad, pad},
                             ov::Strides{1, 1});
}

Value ModelBuilder::bias(const Value& x, const std::string& name) {
  ov::Shape shape(x.get_shape().size(), 1);
  const std::size_t axis = shape.size() > 1 ? 1 : 0;
  shape[axis] = x.get_shape()[axis];
  return op<v1::Add>(name, x, weights(shape, x.get_element_type()));
}

Value ModelBuilder::relu(const Value& x, const std::string& name) {
  return op<v0::Relu>(name, x);
}

Value ModelBuilder::add(const Value& a, const Value& b, const std::string& name) {
  return op<v1::Add>(name, a, b);
}

Value ModelBuilder::max_pool(const Value& x, const std::string& name) {
  return op<v8::MaxPool>(name, x, ov::Strides{2, 2}, ov::Strides{1, 1}, ov::Shape{0, 0}, ov::Shape{0, 0},
                         ov::Shape{2, 2});
}

Value ModelBuilder::mean_over_image(const Value& x, const std::string& name) {
  return op<v1::ReduceMean>(name, x, integers({2, 3}), true);
}

Value ModelBuilder::matmul(const Value& x, std::size_t width, const std::string& name) {
  return op<v0::MatMul>(name, x, weights({width, x.get_shape().back()}, x.get_element_type()), false, true);
}

Value ModelBuilder::transpose(const Value& x, const std::vector<int>& order) {
  return op<v1::Transpose>("", x, integers(order));
}

Value ModelBuilder::fake_quantize(const Value& x, float low, float high, std::size_t levels) {
  const auto bound = [](float value) { return v0::Constant::create(ov::element::f32, {}, {value}); };
  return op<v0::FakeQuantize>("", x, bound(low), bound(high), bound(low), bound(high), levels);
}

Value ModelBuilder::scalar(const Value& x, float value, const std::string& operation) {
  const auto constant = v0::Constant::create(x.get_element_type(), {}, {value});
  if (operation == "Add") return op<v1::Add>("", x, constant);
  if (operation == "Subtract") return op<v1::Subtract>("", x, constant);
  if (operation == "Maximum") return op<v1::Maximum>("", constant, x);
  if (operation == "Minimum") return op<v1::Minimum>("", constant, x);
  return op<v1::Multiply>("", x, constant);
}

std::shared_ptr<ov::Model> ModelBuilder::model(const std::vector<Value>& outputs) {
  ov::ResultVector results;
  for (const Value& output : outputs) results.push_back(std::make_shared<v0::Result>(output));
  return std::make_shared<ov::Model>(results, parameters_);
}

std::shared_ptr<ov::Model> residual_model(std::uint64_t seed) {
  ModelBuilder b(seed);
  const Value x = b.input("image", {1, 3, 8, 8});
  const Value stem = b.relu(b.bias(b.conv(x, 8, "stem")));
  const Value pool = b.max_pool(stem, "pool");
  const Value left = b.bias(b.conv(b.relu(b.bias(b.conv(pool, 8, "block/a"))), 8, "block/b"));
  const Value sum = b.relu(b.add(left, pool, "block/add"));
  const Value gap = b.mean_over_image(b.relu(b.conv(sum, 16, "last", 1)), "gap");
  const auto flat = v0::Constant::create(ov::element::i64, {2}, {1, 16});
  const Value features = b.op<v1::Reshape>("flatten", gap, flat, false);
  return b.model({b.op<v8::Softmax>("probabilities", b.bias(b.matmul(features, 5, "fc")), 1)});
}

std::vector<Tensor> random_inputs(const ov::Model& model, std::uint64_t seed) {
  Random random(seed);
  std::vector<Tensor> inputs;
  for (const auto& parameter : model.get_parameters()) {
    std::vector<float> values(ov::shape_size(parameter->get_shape()));
    const bool real = parameter->get_element_type().is_real();
    const bool is_signed = parameter->get_element_type().is_signed();
    for (float& value : values) {
      value = static_cast<float>(real ? random.uniform(-1, 1) : std::floor(random.uniform(is_signed ? -128 : 0, 128)));
    }
    const auto constant = v0::Constant::create(parameter->get_element_type(), parameter->get_shape(), values);
    inputs.push_back(from_openvino_tensor(constant->get_tensor_view()));
  }
  return inputs;
}

std::vector<Tensor> run(const std::shared_ptr<const ov::Model>& model, const std::vector<Tensor>& inputs) {
  static ov::Core core;
  auto compiled = core.compile_model(model, "CPU", ov::hint::inference_precision(ov::element::f32), ov::num_streams(1),
                                     ov::inference_num_threads(1));
  auto request = compiled.create_infer_request();
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    request.set_input_tensor(i, to_openvino_tensor(inputs[i], compiled.input(i)));
  }
  request.infer();
  std::vector<Tensor> outputs;
  for (std::size_t i = 0; i < compiled.outputs().size(); ++i) {
    outputs.push_back(from_openvino_tensor(request.get_output_tensor(i)));
  }
  return outputs;
}

double relative_difference(const std::vector<Tensor>& a, const std::vector<Tensor>& b) {
  if (a.size() != b.size()) return std::numeric_limits<double>::infinity();
  double worst = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const std::vector<float> left = floats_of(a[i]);
    const std::vector<float> right = floats_of(b[i]);
    if (left.size() != right.size()) return std::numeric_limits<double>::infinity();
    double scale = 1e-6;
    double difference = 0.0;
    for (std::size_t k = 0; k < left.size(); ++k) {
      scale = std::max(scale, std::abs(static_cast<double>(left[k])));
      difference = std::max(difference, std::abs(static_cast<double>(left[k]) - static_cast<double>(right[k])));
    }
    worst = std::max(worst, difference / scale);
  }
  return worst;
}

std::vector<std::string> layer_names(const Network& network) {
  std::vector<std::string> names;
  for (const Layer& layer : network.layers()) names.push_back(layer.name);
  return names;
}

std::vector<std::string> layer_types(const Network& network) {
  std::vector<std::string> types;
  for (const Layer& layer : network.layers()) types.push_back(layer.type);
  return types;
}

}  // namespace tandem::network::testing
