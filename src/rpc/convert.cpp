#include "convert.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "datatype.hpp"
#include "tandem/codec/codec.hpp"
#include "tandem/codec/shape.hpp"
#include "typed_contents.hpp"

namespace tandem::rpc {
namespace {

using network::ElementType;
using network::TensorSpec;
using Parameters = google::protobuf::Map<std::string, inference::InferParameter>;

constexpr const char* kCodecParameter = "tandem.codec";
constexpr const char* kAnswerCodecParameter = "tandem.answer_codec";

// ServerTimes as parameters of the answer, in microseconds.
struct TimeParameter {
  const char* name;
  Milliseconds ServerTimes::* time;
};
constexpr std::array kTimeParameters{
    TimeParameter{"tandem.queue_us", &ServerTimes::queue},
    TimeParameter{"tandem.decode_us", &ServerTimes::decode},
    TimeParameter{"tandem.compute_us", &ServerTimes::compute},
    TimeParameter{"tandem.encode_us", &ServerTimes::encode},
};

// ServerLoad likewise.
struct LoadParameter {
  const char* name;
  int ServerLoad::* count;
};
constexpr std::array kLoadParameters{
    LoadParameter{"tandem.load_queued", &ServerLoad::queued},
    LoadParameter{"tandem.load_running", &ServerLoad::running},
    LoadParameter{"tandem.load_workers", &ServerLoad::workers},
};
constexpr const char* kLoadWaitParameter = "tandem.load_wait_us";

std::string text_parameter(const Parameters& parameters, const char* name) {
  const auto found = parameters.find(name);
  return found == parameters.end() ? std::string() : found->second.string_param();
}

template <class Message>
void describe(const WireTensor& tensor, Message& message) {
  message.set_name(tensor.spec.name);
  if (!tensor.codec.empty()) {
    message.set_datatype(std::string(datatype_of(ElementType::u8)));
    message.add_shape(static_cast<std::int64_t>(tensor.payload.size()));
    (*message.mutable_parameters())[kCodecParameter].set_string_param(tensor.codec);
    return;
  }
  message.set_datatype(std::string(datatype_of(tensor.spec.type)));
  for (const std::int64_t size : tensor.spec.shape) message.add_shape(size);
}

template <class Message>
Result<TensorSpec> spec_from(const Message& message) {
  const auto type = type_of_datatype(message.datatype());
  if (!type) {
    return fail(Errc::invalid_argument,
                fmt::format("'{}': datatype '{}' is not supported", message.name(), message.datatype()));
  }
  TensorSpec spec{.name = message.name(), .type = *type, .shape = {message.shape().begin(), message.shape().end()}};
  if (const auto bytes = codec::checked_bytes(spec.type, spec.shape); !bytes) {
    return forward_error(bytes, fmt::format("'{}'", spec.name));
  }
  return spec;
}

// What a coded tensor decodes to, as its header says; an image file says it only when it is decoded.
Result<TensorSpec> coded_spec(const WireTensor& tensor) {
  if (tensor.codec == codec::kJpeg) return tensor.spec;
  auto header = codec::read_header(tensor.payload);
  if (!header) return forward_error(header, fmt::format("'{}'", tensor.spec.name));
  if (header->codec != codec::name_in_header(tensor.codec)) {
    return fail(Errc::invalid_argument, fmt::format("'{}': coded by '{}' where the parameter {} says '{}'",
                                                    tensor.spec.name, header->codec, kCodecParameter, tensor.codec));
  }
  header->spec.name = tensor.spec.name;
  return std::move(header->spec);
}

template <class Message>
Result<WireTensor> tensor_from(const Message& message, std::vector<std::byte>* raw) {
  auto spec = spec_from(message);
  if (!spec) return forward_error(spec);
  WireTensor tensor{.spec = std::move(*spec), .codec = text_parameter(message.parameters(), kCodecParameter)};
  if (raw != nullptr) {
    tensor.payload = std::move(*raw);
  } else {
    auto bytes = bytes_of_contents(message.contents(), tensor.spec);
    if (!bytes) return forward_error(bytes);
    tensor.payload = std::move(*bytes);
  }
  if (tensor.payload.size() != tensor.spec.bytes()) {
    return fail(Errc::invalid_argument,
                fmt::format("'{}': {} bytes where {} takes {}", tensor.spec.name, tensor.payload.size(),
                            to_string(tensor.spec), tensor.spec.bytes()));
  }
  if (tensor.codec.empty()) return tensor;
  auto decoded = coded_spec(tensor);
  if (!decoded) return forward_error(decoded);
  tensor.spec = std::move(*decoded);
  return tensor;
}

template <class Messages>
Result<std::vector<WireTensor>> tensors_from(const Messages& messages, RawContents contents) {
  const auto count = static_cast<std::size_t>(messages.size());
  if (!contents.empty() && contents.size() != count) {
    return fail(Errc::invalid_argument, fmt::format("{} raw contents for {} tensors", contents.size(), count));
  }
  std::vector<WireTensor> tensors;
  for (std::size_t i = 0; i < count; ++i) {
    const auto& message = messages[static_cast<int>(i)];
    if (!contents.empty() && message.contents().ByteSizeLong() > 0) {
      return fail(Errc::invalid_argument, fmt::format("'{}': raw and typed contents are mixed", message.name()));
    }
    auto tensor = tensor_from(message, contents.empty() ? nullptr : &contents[i]);
    if (!tensor) return forward_error(tensor);
    tensors.push_back(std::move(*tensor));
  }
  return tensors;
}

void put_times(const ServerTimes& times, Parameters& parameters) {
  for (const auto& [name, time] : kTimeParameters) {
    parameters[name].set_int64_param(std::llround((times.*time).count() * 1000.0));
  }
}

// Present only where all of them are.
std::optional<ServerTimes> times_from(const Parameters& parameters) {
  ServerTimes times;
  for (const auto& [name, time] : kTimeParameters) {
    const auto found = parameters.find(name);
    if (found == parameters.end()) return std::nullopt;
    times.*time = Milliseconds{static_cast<double>(found->second.int64_param()) / 1000.0};
  }
  return times;
}

void put_load(const ServerLoad& load, Parameters& parameters) {
  for (const auto& [name, count] : kLoadParameters) parameters[name].set_int64_param(load.*count);
  parameters[kLoadWaitParameter].set_int64_param(std::llround(load.wait.count() * 1000.0));
}

std::optional<ServerLoad> load_from(const Parameters& parameters) {
  ServerLoad load;
  for (const auto& [name, count] : kLoadParameters) {
    const auto found = parameters.find(name);
    if (found == parameters.end()) return std::nullopt;
    load.*count = static_cast<int>(std::clamp<std::int64_t>(found->second.int64_param(), 0, 1 << 30));
  }
  const auto wait = parameters.find(kLoadWaitParameter);
  if (wait == parameters.end()) return std::nullopt;
  load.wait = Milliseconds{static_cast<double>(std::max<std::int64_t>(wait->second.int64_param(), 0)) / 1000.0};
  return load;
}

void describe(const TensorSpec& spec, inference::ModelMetadataResponse::TensorMetadata& message) {
  message.set_name(spec.name);
  message.set_datatype(std::string(datatype_of(spec.type)));
  for (const std::int64_t size : spec.shape) message.add_shape(size);
}

Result<std::vector<TensorSpec>> specs_from(
    const google::protobuf::RepeatedPtrField<inference::ModelMetadataResponse::TensorMetadata>& messages) {
  std::vector<TensorSpec> specs;
  for (const auto& message : messages) {
    const auto type = type_of_datatype(message.datatype());
    if (!type) {
      return fail(Errc::data_loss,
                  fmt::format("'{}': datatype '{}' is not supported", message.name(), message.datatype()));
    }
    specs.push_back({.name = message.name(), .type = *type, .shape = {message.shape().begin(), message.shape().end()}});
  }
  return specs;
}

}  // namespace

inference::ModelInferRequest head_of(const InferRequest& request) {
  inference::ModelInferRequest head;
  head.set_model_name(request.model);
  head.set_id(request.id);
  for (const WireTensor& input : request.inputs) describe(input, *head.add_inputs());
  for (const std::string& output : request.outputs) head.add_outputs()->set_name(output);
  if (!request.answer_codec.empty()) {
    (*head.mutable_parameters())[kAnswerCodecParameter].set_string_param(request.answer_codec);
  }
  return head;
}

inference::ModelInferResponse head_of(const InferAnswer& answer) {
  inference::ModelInferResponse head;
  head.set_model_name(answer.model);
  head.set_model_version("1");
  head.set_id(answer.id);
  for (const WireTensor& output : answer.outputs) describe(output, *head.add_outputs());
  if (answer.times) put_times(*answer.times, *head.mutable_parameters());
  if (answer.load) put_load(*answer.load, *head.mutable_parameters());
  return head;
}

RawContents take_payloads(std::vector<WireTensor> tensors) {
  RawContents contents;
  contents.reserve(tensors.size());
  for (WireTensor& tensor : tensors) contents.push_back(std::move(tensor.payload));
  return contents;
}

Result<InferRequest> request_from(const inference::ModelInferRequest& head, RawContents contents) {
  auto inputs = tensors_from(head.inputs(), std::move(contents));
  if (!inputs) return forward_error(inputs, fmt::format("model '{}', input", head.model_name()));
  InferRequest request = request_without_contents(head);
  request.inputs = std::move(*inputs);
  return request;
}

InferRequest request_without_contents(const inference::ModelInferRequest& head) {
  InferRequest request{.model = head.model_name(), .id = head.id()};
  for (const auto& input : head.inputs()) {
    request.inputs.push_back(
        {.spec = {.name = input.name(), .shape = {}}, .codec = text_parameter(input.parameters(), kCodecParameter)});
  }
  request.answer_codec = text_parameter(head.parameters(), kAnswerCodecParameter);
  for (const auto& output : head.outputs()) request.outputs.push_back(output.name());
  return request;
}

Result<InferAnswer> answer_from(const inference::ModelInferResponse& head, RawContents contents) {
  auto outputs = tensors_from(head.outputs(), std::move(contents));
  if (!outputs) return forward_error(outputs, fmt::format("model '{}', output", head.model_name()));
  return InferAnswer{.model = head.model_name(),
                     .id = head.id(),
                     .outputs = std::move(*outputs),
                     .times = times_from(head.parameters()),
                     .load = load_from(head.parameters())};
}

inference::ModelMetadataResponse message_of(const ModelMetadata& metadata) {
  inference::ModelMetadataResponse message;
  message.set_name(metadata.name);
  message.set_platform(metadata.platform);
  for (const std::string& version : metadata.versions) message.add_versions(version);
  for (const TensorSpec& spec : metadata.inputs) describe(spec, *message.add_inputs());
  for (const TensorSpec& spec : metadata.outputs) describe(spec, *message.add_outputs());
  message.mutable_properties()->insert(metadata.properties.begin(), metadata.properties.end());
  return message;
}

Result<ModelMetadata> metadata_from(const inference::ModelMetadataResponse& message) {
  auto inputs = specs_from(message.inputs());
  if (!inputs) return forward_error(inputs, fmt::format("model '{}', input", message.name()));
  auto outputs = specs_from(message.outputs());
  if (!outputs) return forward_error(outputs, fmt::format("model '{}', output", message.name()));
  return ModelMetadata{.name = message.name(),
                       .platform = message.platform(),
                       .versions = {message.versions().begin(), message.versions().end()},
                       .inputs = std::move(*inputs),
                       .outputs = std::move(*outputs),
                       .properties = {message.properties().begin(), message.properties().end()}};
}

}  // namespace tandem::rpc
