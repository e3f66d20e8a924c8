#include "inference.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "tandem/base/clock.hpp"
#include "tandem/codec/codec.hpp"
#include "tandem/codec/image.hpp"

namespace tandem::cloud {
namespace {

using network::TensorSpec;

// Of an image file that a client sends: a phone's camera has about 50 megapixels.
constexpr std::size_t kMaxImagePixels = 64'000'000;

std::string names_of(const std::vector<TensorSpec>& specs) {
  std::string names;
  for (const TensorSpec& spec : specs) names += (names.empty() ? "'" : ", '") + spec.name + "'";
  return names;
}

const rpc::WireTensor* find(const std::vector<rpc::WireTensor>& tensors, const std::string& name) {
  const auto found = std::ranges::find(tensors, name, [](const rpc::WireTensor& tensor) { return tensor.spec.name; });
  return found == tensors.end() ? nullptr : &*found;
}

Status check_input(const rpc::WireTensor& tensor, const TensorSpec& spec, const Segment& segment) {
  if (tensor.codec == codec::kJpeg) {
    if (segment.image_input() != nullptr) return {};
    return fail(Errc::failed_precondition,
                fmt::format("input '{}': an image, but the model takes {}", spec.name, to_string(spec)));
  }
  if (tensor.spec.type == spec.type && tensor.spec.shape == spec.shape) return {};
  return fail(Errc::invalid_argument, fmt::format("input '{}': {}, but the model takes {}", spec.name,
                                                  to_string(tensor.spec), to_string(spec)));
}

Status check_answer(const rpc::InferRequest& request, const Segment& segment) {
  const auto& outputs = segment.output().tensors;
  for (const std::string& name : request.outputs) {
    if (std::ranges::find(outputs, name, &TensorSpec::name) == outputs.end()) {
      return fail(Errc::invalid_argument, fmt::format("no output '{}'; the model has {}", name, names_of(outputs)));
    }
  }
  const std::string& codec = request.answer_codec;
  if (codec.empty() || codec::codes_tensors(codec)) return {};
  return fail(Errc::invalid_argument,
              fmt::format("the answer cannot be coded as '{}'; use raw, linear8, tfc-fast or tfc", codec));
}

Status decode(const rpc::WireTensor& tensor, const TensorSpec& spec, const Segment& segment, std::span<std::byte> out) {
  if (tensor.codec.empty()) {
    std::ranges::copy(tensor.payload, out.begin());
    return {};
  }
  if (tensor.codec != codec::kJpeg) return codec::decode(tensor.payload, spec, out, &segment.served->priors);
  const auto image = codec::decode_image(tensor.payload, kMaxImagePixels);
  if (!image) return forward_error(image);
  const network::ImageInput& input = *segment.image_input();
  return codec::to_tensor(codec::fit(*image, input), input, spec, out);
}

Result<rpc::WireTensor> encode(const std::string& codec, const TensorSpec& spec, std::span<const std::byte> data,
                               const Segment& segment) {
  if (codec.empty()) return rpc::WireTensor{.spec = spec, .payload = {data.begin(), data.end()}};
  auto coded = codec::encode(codec, spec, data, segment.output().quantization);
  if (!coded) return forward_error(coded);
  return rpc::WireTensor{.spec = spec, .codec = codec, .payload = std::move(*coded)};
}

bool is_wanted(const rpc::InferRequest& request, const TensorSpec& output) {
  return request.outputs.empty() || std::ranges::find(request.outputs, output.name) != request.outputs.end();
}

// Gives the run back whatever happens.
class Borrowed {
 public:
  explicit Borrowed(LoadedModel& model) : model_(model), run_(model.borrow()) {}
  ~Borrowed() { model_.give_back(std::move(run_)); }
  Borrowed(const Borrowed&) = delete;
  Borrowed& operator=(const Borrowed&) = delete;
  engine::Run* operator->() { return &run_; }

 private:
  LoadedModel& model_;
  engine::Run run_;
};

}  // namespace

Status check(const rpc::InferRequest& request, const Segment& segment) {
  const auto& inputs = segment.input().tensors;
  if (request.inputs.size() != inputs.size()) {
    return fail(Errc::invalid_argument, fmt::format("{} inputs, but the model takes {}: {}", request.inputs.size(),
                                                    inputs.size(), names_of(inputs)));
  }
  for (const TensorSpec& spec : inputs) {
    const rpc::WireTensor* tensor = find(request.inputs, spec.name);
    if (tensor == nullptr) {
      return fail(Errc::invalid_argument,
                  fmt::format("input '{}' is missing; the model takes {}", spec.name, names_of(inputs)));
    }
    if (Status fits = check_input(*tensor, spec, segment); !fits) return fits;
  }
  return check_answer(request, segment);
}

Status check_announced(const rpc::InferRequest& request, const Segment& segment) {
  const auto& inputs = segment.input().tensors;
  if (inputs.size() != 1 || request.inputs.size() != 1 || request.inputs.front().spec.name != inputs.front().name) {
    return fail(Errc::invalid_argument, fmt::format("the model takes {}, each once", names_of(inputs)));
  }
  return check_answer(request, segment);
}

Result<rpc::InferAnswer> infer(const rpc::InferRequest& request, Arrival* arrival, const Segment& segment,
                               LoadedModel& model) {
  const Clock& clock = steady_clock();
  const Instant start = clock.now();
  Borrowed run(model);
  const auto& inputs = model.model().inputs();
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const rpc::WireTensor* tensor = find(request.inputs, inputs[i].name);
    if (tensor == nullptr)
      return fail(Errc::internal, fmt::format("the cut model names an input '{}'", inputs[i].name));
    const Status decoded = arrival != nullptr ? arrival->finish(run->input_bytes(i))
                                              : decode(*tensor, inputs[i], segment, run->input_bytes(i));
    if (!decoded) {
      return forward_error(decoded, fmt::format("input '{}'", inputs[i].name));
    }
  }
  const Instant decoded = clock.now();
  const auto computed_in = run->infer();
  if (!computed_in) return forward_error(computed_in);
  const Instant computed = clock.now();
  rpc::InferAnswer answer{.model = request.model, .id = request.id};
  const auto& outputs = model.model().outputs();
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (!is_wanted(request, outputs[i])) continue;
    auto tensor = encode(request.answer_codec, outputs[i], run->output_bytes(i), segment);
    if (!tensor) return forward_error(tensor, fmt::format("output '{}'", outputs[i].name));
    answer.outputs.push_back(std::move(*tensor));
  }
  answer.times = rpc::ServerTimes{
      .queue = {}, .decode = decoded - start, .compute = computed - decoded, .encode = clock.now() - computed};
  return answer;
}

}  // namespace tandem::cloud
