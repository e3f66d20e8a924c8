// Small networks built by hand, and running them with OpenVINO directly.
#pragma once

#include <cstdint>
#include <memory>
#include <openvino/op/ops.hpp>
#include <openvino/openvino.hpp>
#include <string>
#include <vector>

#include "tandem/base/random.hpp"
#include "tandem/network/network.hpp"

namespace tandem::network::testing {

using Value = ov::Output<ov::Node>;

// Adds operations one behind the other; weights come from a seed.
class ModelBuilder {
 public:
  explicit ModelBuilder(std::uint64_t seed = 1) : random_(seed) {}

  Value input(const std::string& name, const ov::Shape& shape, ov::element::Type type = ov::element::f32);
  // 3x3 with padding unless `kernel` says otherwise; NCHW.
  Value conv(const Value& x, std::size_t channels, const std::string& name, std::size_t kernel = 3);
  Value bias(const Value& x, const std::string& name = {});
  Value relu(const Value& x, const std::string& name = {});
  Value add(const Value& a, const Value& b, const std::string& name = {});
  Value max_pool(const Value& x, const std::string& name);
  Value mean_over_image(const Value& x, const std::string& name);
  Value matmul(const Value& x, std::size_t width, const std::string& name);
  Value transpose(const Value& x, const std::vector<int>& order);
  Value fake_quantize(const Value& x, float low, float high, std::size_t levels = 256);
  Value scalar(const Value& x, float value, const std::string& operation);

  std::shared_ptr<ov::Model> model(const std::vector<Value>& outputs);
  // A named operation of any type.
  template <class T, class... Args>
  Value op(const std::string& name, Args&&... args) {
    auto node = std::make_shared<T>(std::forward<Args>(args)...);
    if (!name.empty()) node->set_friendly_name(name);
    return node->output(0);
  }
  Value weights(const ov::Shape& shape, ov::element::Type type = ov::element::f32);

 private:
  Random random_;
  ov::ParameterVector parameters_;
};

// conv-bn-relu, pool, a residual block, a Squeeze-and-Excite-free head: everything in one.
std::shared_ptr<ov::Model> residual_model(std::uint64_t seed = 1);

std::vector<Tensor> random_inputs(const ov::Model& model, std::uint64_t seed = 1);
// In float32 on the CPU. Throws where the model does not compile: a test's failure.
std::vector<Tensor> run(const std::shared_ptr<const ov::Model>& model, const std::vector<Tensor>& inputs);
// max |a - b| / max(|a|, 1e-6) over all outputs, as float; infinite where sizes differ.
double relative_difference(const std::vector<Tensor>& a, const std::vector<Tensor>& b);

std::vector<std::string> layer_names(const Network& network);
std::vector<std::string> layer_types(const Network& network);

}  // namespace tandem::network::testing
