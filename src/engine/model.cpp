#include "tandem/engine/model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <openvino/op/constant.hpp>
#include <set>
#include <utility>

#include "runtime.hpp"
#include "tandem/base/clock.hpp"

namespace tandem::engine {
namespace {

// Inputs or outputs, named as the parameter or result. Throws ov::Exception, which compile() catches.
std::vector<network::TensorSpec> specs_of(const std::vector<ov::Output<const ov::Node>>& ports) {
  std::vector<network::TensorSpec> specs;
  for (const auto& port : ports) {
    const auto type = network::element_type_of(port.get_element_type().get_type_name());
    OPENVINO_ASSERT(type.has_value(), "elements of type ", port.get_element_type(), " are not supported");
    const ov::Shape& shape = port.get_shape();
    specs.push_back(
        {.name = port.get_node()->get_friendly_name(), .type = *type, .shape = {shape.begin(), shape.end()}});
  }
  return specs;
}

// Weights once each, and the two largest tensors that can be alive at the same time.
std::size_t memory_of(const ov::Model& model) {
  std::size_t weights = 0;
  std::size_t largest = 0;
  std::set<const void*> seen;
  for (const auto& node : model.get_ops()) {
    if (const auto constant = ov::as_type_ptr<ov::op::v0::Constant>(node)) {
      if (seen.insert(constant->get_data_ptr()).second) weights += constant->get_byte_size();
      continue;
    }
    for (const auto& output : node->outputs()) {
      if (output.get_partial_shape().is_static()) {
        largest = std::max(largest, ov::shape_size(output.get_shape()) * output.get_element_type().size());
      }
    }
  }
  return weights + 2 * largest;
}

// Waits without giving the processor away for the last stretch, which a sleep would overshoot.
void wait_until(const Clock& clock, Instant when) {
  constexpr Milliseconds kSpin{0.2};
  if (when - clock.now() > kSpin) clock.sleep_until(when - kSpin);
  while (clock.now() < when) {
  }
}

}  // namespace

bool has_bf16() {
  static const bool has = [] {
    try {
      const auto capabilities = runtime().get_property("CPU", ov::device::capabilities);
      return std::ranges::find(capabilities, std::string(ov::device::capability::BF16)) != capabilities.end();
    } catch (const std::exception&) {
      return false;
    }
  }();
  return has;
}

std::string runtime_version() {
  return "openvino " TANDEM_RUNTIME_VERSION;
}

std::string name_of(Precision precision) {
  return precision == Precision::bf16 ? "bf16" : "f32";
}

std::string processor() {
  try {
    return runtime().get_property("CPU", ov::device::full_name);
  } catch (const std::exception&) {
    return "CPU";
  }
}

struct Model::Data {
  mutable ov::CompiledModel compiled;  // making a request is not const; it is safe from any thread
  std::vector<network::TensorSpec> inputs;
  std::vector<network::TensorSpec> outputs;
  std::size_t memory = 0;
  double slowdown = 1.0;
};

Result<Model> compile(std::shared_ptr<ov::Model> model, const CompileOptions& options) {
  if (options.threads < 1) {
    return fail(Errc::invalid_argument, fmt::format("threads: must be at least 1, is {}", options.threads));
  }
  if (!(options.slowdown >= 1.0) || !(options.slowdown <= kMaxSlowdown)) {
    return fail(Errc::invalid_argument,
                fmt::format("slowdown: must lie between 1 and {}, is {}", kMaxSlowdown, options.slowdown));
  }
  if (options.precision == Precision::bf16 && !has_bf16()) {
    return fail(Errc::invalid_argument, "precision: this processor does not compute in bf16; use f32");
  }
  try {
    auto data = std::make_shared<Model::Data>();
    data->memory = memory_of(*model);
    data->slowdown = options.slowdown;
    data->inputs = specs_of(std::as_const(*model).inputs());
    data->outputs = specs_of(std::as_const(*model).outputs());
    data->compiled =
        runtime().compile_model(std::shared_ptr<const ov::Model>(std::move(model)), "CPU", properties(options));
    return Model(std::move(data));
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& error) {
    return fail(Errc::unimplemented, "the runtime cannot execute this network: " + reason(error));
  }
}

const std::vector<network::TensorSpec>& Model::inputs() const {
  return data_->inputs;
}
const std::vector<network::TensorSpec>& Model::outputs() const {
  return data_->outputs;
}
std::size_t Model::memory_bytes() const {
  return data_->memory;
}

struct Run::Data {
  std::shared_ptr<const void> model;  // keeps the compiled model alive
  ov::InferRequest request;
  std::vector<ov::Tensor> inputs;
  std::vector<ov::Tensor> outputs;
  double slowdown = 1.0;
};

Run Model::new_run() const {
  auto run = std::make_unique<Run::Data>();
  run->model = data_;
  run->slowdown = data_->slowdown;
  run->request = data_->compiled.create_infer_request();
  // Tensors of our own, set once: nothing is allocated or copied per inference, and spans stay valid.
  for (std::size_t i = 0; i < data_->inputs.size(); ++i) {
    const auto port = data_->compiled.inputs()[i];
    run->inputs.emplace_back(port.get_element_type(), port.get_shape());
    // What lay in the memory before may be denormal numbers, on which a processor is several times slower.
    std::memset(run->inputs.back().data(), 0, run->inputs.back().get_byte_size());
    run->request.set_input_tensor(i, run->inputs.back());
  }
  for (std::size_t i = 0; i < data_->outputs.size(); ++i) {
    const auto port = data_->compiled.outputs()[i];
    run->outputs.emplace_back(port.get_element_type(), port.get_shape());
    run->request.set_output_tensor(i, run->outputs.back());
  }
  return Run(std::move(run));
}

Run::Run(std::unique_ptr<Data> data) : data_(std::move(data)) {}
Run::Run(Run&&) noexcept = default;
Run& Run::operator=(Run&&) noexcept = default;
Run::~Run() = default;

std::span<std::byte> Run::input_bytes(std::size_t index) {
  ov::Tensor& tensor = data_->inputs.at(index);
  return {static_cast<std::byte*>(tensor.data()), tensor.get_byte_size()};
}

std::span<const std::byte> Run::output_bytes(std::size_t index) const {
  const ov::Tensor& tensor = data_->outputs.at(index);
  return {static_cast<const std::byte*>(tensor.data()), tensor.get_byte_size()};
}

Result<Milliseconds> Run::infer() {
  const Clock& clock = steady_clock();
  const Instant start = clock.now();
  try {
    data_->request.infer();
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& error) {
    return fail(Errc::internal, "inference failed: " + reason(error));
  }
  if (data_->slowdown > 1.0) wait_until(clock, start + (clock.now() - start) * data_->slowdown);
  return clock.now() - start;
}

}  // namespace tandem::engine
