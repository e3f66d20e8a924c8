#include "cloud_caller.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "slowness.hpp"
#include "tandem/codec/codec.hpp"
#include "tandem/codec/pieces.hpp"

namespace tandem::device {
namespace {

constexpr Milliseconds kFirstPause{1000};
constexpr Milliseconds kLongestPause{30000};

bool is_outage(Errc code) {
  return code == Errc::unavailable || code == Errc::deadline_exceeded;
}

Result<std::vector<rpc::WireTensor>> code_inputs(const CloudSegment& segment,
                                                 std::span<const std::span<const std::byte>> inputs,
                                                 std::span<const std::byte> jpeg) {
  std::vector<rpc::WireTensor> wire;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const network::TensorSpec& spec = segment.input->tensors[i];  // with the name the server knows
    rpc::WireTensor tensor;
    tensor.spec = spec;
    if (segment.input_codec == codec::kJpeg) {
      tensor.codec = segment.input_codec;
      tensor.payload.assign(jpeg.begin(), jpeg.end());
    } else if (segment.input_codec == codec::kRaw) {
      tensor.payload.assign(inputs[i].begin(), inputs[i].end());
    } else {
      auto coded = codec::encode(segment.input_codec, spec, inputs[i], segment.input->quantization, &segment.priors);
      if (!coded) return forward_error(coded);
      tensor.codec = segment.input_codec;
      tensor.payload = std::move(*coded);
    }
    wire.push_back(std::move(tensor));
  }
  return wire;
}

Result<std::vector<network::Tensor>> decode_outputs(const CloudSegment& segment,
                                                    const std::vector<rpc::WireTensor>& wire) {
  const auto& specs = segment.output->tensors;
  if (wire.size() != specs.size()) {
    return fail(Errc::data_loss,
                fmt::format("the cloud answered {} tensors where {} has {}", wire.size(), segment.model, specs.size()));
  }
  std::vector<network::Tensor> outputs;
  for (std::size_t i = 0; i < specs.size(); ++i) {
    network::Tensor tensor(specs[i]);
    if (wire[i].codec.empty()) {
      if (wire[i].spec.type != specs[i].type || wire[i].payload.size() != tensor.data.size()) {
        return fail(Errc::data_loss,
                    fmt::format("the cloud answered {} where {} gives {}", network::to_string(wire[i].spec),
                                segment.model, network::to_string(specs[i])));
      }
      std::ranges::copy(wire[i].payload, tensor.data.begin());
    } else if (const Status decoded = codec::decode(wire[i].payload, specs[i], tensor.data); !decoded) {
      return forward_error(decoded, segment.model);
    }
    outputs.push_back(std::move(tensor));
  }
  return outputs;
}

rpc::InferRequest request_for(const CloudSegment& segment) {
  rpc::InferRequest request;
  request.model = segment.model;
  if (segment.output_codec != codec::kRaw) request.answer_codec = segment.output_codec;
  return request;
}

std::size_t payload_bytes(const std::vector<rpc::WireTensor>& tensors) {
  std::size_t bytes = 0;
  for (const auto& tensor : tensors) bytes += tensor.payload.size();
  return bytes;
}

}  // namespace

codec::Priors CloudCaller::shared(const codec::Priors& priors, const std::string& network, Milliseconds deadline) {
  if (priors.all().empty()) return {};
  const auto metadata = client_->model_metadata(network, deadline);
  if (!metadata) return {};
  const auto told = metadata->properties.find("tandem.priors");
  return told == metadata->properties.end() ? codec::Priors() : priors.among(told->second);
}

Status CloudCaller::prepare(const CloudSegment& segment, Milliseconds deadline) {
  Status ready = client_->model_ready(segment.model, deadline);
  if (!ready && is_outage(ready.error().code)) note_failure(ready.error());
  return ready;
}

Status CloudCaller::available() const {
  if (failure_ && steady_clock().now() < try_again_) return tl::unexpected<Error>(*failure_);
  return {};
}

void CloudCaller::note_failure(const Error& error) {
  stay_away_ = std::clamp(stay_away_ * 2, kFirstPause, kLongestPause);
  try_again_ = steady_clock().now() + stay_away_;
  failure_ = error;
}

// A call that did not come back in time took at least so long. Whether that is the link's or the cloud's doing cannot
// be told; a link that is held to be faster than that would be tried again and again.
void CloudCaller::note_timeout(const CloudSegment& segment, Bytes up, Milliseconds waited) {
  std::size_t down = 0;
  for (const network::TensorSpec& tensor : segment.output->tensors) down += tensor.bytes();
  const Bytes answer{static_cast<double>(down)};
  const Milliseconds on_link = waited - segment.profiled * load_;
  if (on_link > estimator_.expected(up, answer)) estimator_.observe({.up = up, .down = answer, .time = on_link});
}

void CloudCaller::note_load(const CloudSegment& segment, const rpc::InferAnswer& answer) {
  if (!answer.times || segment.profiled <= Milliseconds{0}) return;
  compute_ratio_.observe(answer.times->compute, segment.profiled);
  // The report looks ahead; the wait that was had is what is known where there is none.
  const Milliseconds wait = answer.load ? answer.load->wait : answer.times->queue;
  load_ = profile::cloud_factor(compute_ratio_.value(), wait, segment.profiled);
}

Result<rpc::InferAnswer> CloudCaller::send_whole(const CloudSegment& segment,
                                                 std::span<const std::span<const std::byte>> inputs,
                                                 std::span<const std::byte> jpeg, Instant deadline, Sent& sent) {
  rpc::InferRequest request = request_for(segment);
  auto wire = slowed(slowdown_, [&] { return code_inputs(segment, inputs, jpeg); });
  if (!wire) return forward_error(wire);
  request.inputs = std::move(*wire);
  sent = {.begin = steady_clock().now(), .bytes = static_cast<double>(payload_bytes(request.inputs))};
  return client_->infer(std::move(request), deadline - sent.begin);
}

Result<rpc::InferAnswer> CloudCaller::send_in_parts(const CloudSegment& segment, std::span<const std::byte> input,
                                                    Instant deadline, Sent& sent) {
  const Clock& clock = steady_clock();
  const network::TensorSpec& spec = segment.input->tensors.front();
  auto encoder = codec::PieceEncoder::start(segment.input_codec, spec, input, segment.input->quantization);
  if (!encoder) return forward_error(encoder);
  const auto next_piece = [&]() -> Result<std::vector<std::byte>> {
    if (encoder->done()) return std::vector<std::byte>();
    const auto rehearse = [&] { return codec::PieceEncoder(*encoder).next(); };
    auto piece = slowed(slowdown_, rehearse, [&] { return encoder->next(); });
    if (piece) sent.bytes += static_cast<double>(piece->size());
    return piece;
  };
  auto first = next_piece();
  if (!first) return forward_error(first);
  sent.begin = clock.now();
  rpc::InferRequest request = request_for(segment);
  request.inputs.push_back({.spec = spec, .codec = segment.input_codec});
  const auto next = [&]() -> Result<std::vector<std::byte>> {
    if (!first->empty()) return std::exchange(*first, {});
    const Instant from = clock.now();
    auto piece = next_piece();
    sent.behind += clock.now() - from;
    return piece;
  };
  return client_->infer_in_parts(std::move(request), next, deadline - sent.begin);
}

Result<std::vector<network::Tensor>> CloudCaller::call(const CloudSegment& segment,
                                                       std::span<const std::span<const std::byte>> inputs,
                                                       std::span<const std::byte> jpeg, Milliseconds deadline,
                                                       Answer& account) {
  const Clock& clock = steady_clock();
  const Instant start = clock.now();
  Sent sent;
  const auto send = [&] {
    if (knows_parts_ && inputs.size() == 1 && codec::pieced_codec(segment.input_codec)) {
      auto answer = send_in_parts(segment, inputs.front(), start + deadline, sent);
      if (answer || answer.error().code != Errc::unimplemented) return answer;
      knows_parts_ = false;
    }
    return send_whole(segment, inputs, jpeg, start + deadline, sent);
  };
  const auto answer = send();
  const Instant arrived = clock.now();
  const Instant coded = sent.begin;
  const double up = sent.bytes;
  if (!answer) {
    if (is_outage(answer.error().code)) note_failure(answer.error());
    if (answer.error().code == Errc::deadline_exceeded) note_timeout(segment, Bytes{up}, arrived - coded);
    return forward_error(answer);
  }
  auto outputs = slowed(slowdown_, [&] { return decode_outputs(segment, answer->outputs); });
  if (!outputs) return forward_error(outputs);
  failure_.reset();
  stay_away_ = Milliseconds{0};

  // The two clocks are not the same, so what the server did not spend is told apart by what the link's rates predict.
  const Milliseconds served = answer->times ? answer->times->total() : Milliseconds{0};
  const Milliseconds on_link = std::max(Milliseconds{0}, arrived - coded - served);
  if (answer->times) account.cloud_compute += answer->times->compute;
  const auto down = static_cast<double>(payload_bytes(answer->outputs));
  // Where the server does not say what it spent, its time would count as the link's; where the link waited for the
  // coding of a piece, the coding's.
  const bool link_waited = sent.behind > estimator_.current().upload_time(Bytes{up});
  if (answer->times && !link_waited) estimator_.observe({.up = Bytes{up}, .down = Bytes{down}, .time = on_link});
  note_load(segment, *answer);
  const link::Link now = estimator_.current();
  const double up_expected = now.upload_time(Bytes{up}).count();
  const double expected = up_expected + now.download_time(Bytes{down}).count();
  const double up_share = expected > 0 ? up_expected / expected : 0.5;
  const auto step = [&](Step::Kind kind, Milliseconds time, double bytes) {
    account.steps.push_back({kind, segment.first, segment.last, time, static_cast<std::size_t>(bytes)});
  };
  step(Step::Kind::encode, coded - start, 0);
  step(Step::Kind::upload, on_link * up_share, up);
  account.steps.back().behind = sent.behind;
  step(Step::Kind::cloud, served, 0);
  step(Step::Kind::download, on_link * (1.0 - up_share), down);
  step(Step::Kind::decode, clock.now() - arrived, 0);
  return outputs;
}

}  // namespace tandem::device
