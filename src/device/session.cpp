#include "tandem/device/session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "cloud_caller.hpp"
#include "slowness.hpp"
#include "tandem/base/clock.hpp"
#include "tandem/base/log.hpp"
#include "tandem/codec/codec.hpp"
#include "tandem/rpc/segment_name.hpp"

namespace tandem::device {
namespace {

using network::BlockRange;
using network::Tensor;
using network::TensorSpec;

// The codec of the transfer that the plan has after layer `after`; what a plan does not name goes raw.
std::string codec_of(const plan::Plan& plan, int after, plan::Direction direction) {
  for (const plan::Transfer& transfer : plan.transfers) {
    if (transfer.after == after && transfer.direction == direction) return transfer.crossing.codec;
  }
  return std::string(codec::kRaw);
}

Status check_covers(const plan::Plan& plan, int layers) {
  int next = 1;
  for (const plan::Segment& segment : plan.segments) {
    if (segment.first != next || segment.last < segment.first || segment.last > layers) break;
    next = segment.last + 1;
  }
  if (next == layers + 1) return {};
  return fail(
      Errc::invalid_argument,
      fmt::format("the plan's segments do not cover layers 1..{} in order; plan for this network again", layers));
}

// Neighbouring groups on the device run apart, as planned. In the cloud they become one call: two would carry the
// tensor between them down and up again.
std::vector<plan::Segment> merge_cloud_neighbours(const std::vector<plan::Segment>& segments) {
  std::vector<plan::Segment> merged;
  for (const plan::Segment& segment : segments) {
    const bool joins =
        !merged.empty() && merged.back().place == plan::Place::cloud && segment.place == plan::Place::cloud;
    if (joins) {
      merged.back().last = segment.last;
      merged.back().latency += segment.latency;
    } else {
      merged.push_back(segment);
    }
  }
  return merged;
}

std::vector<std::span<const std::byte>> bytes_of(const std::vector<Tensor>& tensors) {
  std::vector<std::span<const std::byte>> all;
  all.reserve(tensors.size());
  for (const Tensor& tensor : tensors) all.emplace_back(tensor.data);
  return all;
}

// One segment of the plan, with what is needed to run it in either place.
struct Part {
  plan::Segment segment;
  std::optional<CloudSegment> cloud;   // where planned for the cloud
  std::optional<engine::Model> model;  // compiled when first run on the device
  std::optional<engine::Run> run;
};

// `options.plan` covers the network.
std::vector<Part> parts_of(const SessionOptions& options) {
  const std::string& served = options.network_in_cloud.empty() ? options.network.name() : options.network_in_cloud;
  std::vector<Part> parts;
  for (const plan::Segment& segment : merge_cloud_neighbours(options.plan.segments)) {
    Part part{.segment = segment, .cloud = {}, .model = {}, .run = {}};
    if (segment.place == plan::Place::cloud) {
      const auto& boundaries = options.network.boundaries();
      part.cloud = CloudSegment{.model = rpc::segment_name(served, {.first = segment.first, .last = segment.last}),
                                .first = segment.first,
                                .last = segment.last,
                                .input = &boundaries[static_cast<std::size_t>(segment.first - 1)],
                                .output = &boundaries[static_cast<std::size_t>(segment.last)],
                                .input_codec = codec_of(options.plan, segment.first - 1, plan::Direction::up),
                                .output_codec = codec_of(options.plan, segment.last, plan::Direction::down),
                                .profiled = segment.latency / options.planned_load.cloud};
    }
    parts.push_back(std::move(part));
  }
  return parts;
}

class PlannedSession final : public Session {
 public:
  PlannedSession(SessionOptions options, std::vector<Part> parts)
      : options_(std::move(options)), parts_(std::move(parts)) {}

  Status connect();
  Status compile_device_parts() { return compile_here(parts_); }
  Status follow(const plan::Plan& plan, const profile::LoadFactors& planned_load) override;

  Result<Answer> infer(const std::vector<Tensor>& inputs, Milliseconds deadline) override;
  Result<Answer> infer_image(const codec::Image& photo, Milliseconds deadline) override;
  [[nodiscard]] const plan::Plan& plan() const override { return options_.plan; }
  [[nodiscard]] link::Link link() const override { return caller_ ? caller_->link() : options_.link; }
  [[nodiscard]] profile::LoadFactors load() const override {
    return {.device = device_ratio_.observed() > 0 ? device_ratio_.value() : options_.planned_load.device,
            .cloud = caller_ && caller_->knows_load() ? caller_->load() : options_.planned_load.cloud};
  }
  [[nodiscard]] std::string warning() const override {
    if (!caller_) return unreachable_;
    const Status available = caller_->available();
    return available ? std::string() : available.error().message;
  }

 private:
  Status compile(Part& part);
  Status compile_here(std::vector<Part>& parts);
  Status run_here(Part& part, std::vector<Tensor>& tensors, Answer& answer);
  Status run_in_cloud(Part& part, std::vector<Tensor>& tensors, std::span<const std::byte> jpeg, Milliseconds left,
                      Answer& answer);
  Result<Answer> infer_from(Instant start, std::vector<Tensor> tensors, std::span<const std::byte> jpeg,
                            Milliseconds deadline, std::vector<Step> steps);
  [[nodiscard]] Millijoules energy_of(const Answer& answer) const;
  [[nodiscard]] bool starts_with_jpeg() const {
    return parts_.front().cloud && parts_.front().cloud->input_codec == codec::kJpeg;
  }

  SessionOptions options_;
  std::vector<Part> parts_;
  std::optional<CloudCaller> caller_;
  profile::LoadRatio device_ratio_;
  std::string unreachable_;  // why there is no caller although the plan wants the cloud
};

Status PlannedSession::connect() {
  const bool wants_cloud = std::ranges::any_of(parts_, [](const Part& part) { return part.cloud.has_value(); });
  if (!wants_cloud) return {};
  if (options_.cloud.empty()) return fail(Errc::invalid_argument, "the plan uses a cloud: say where it is (HOST:PORT)");
  auto client = rpc::Client::connect(options_.cloud);
  if (!client) return forward_error(client);
  caller_.emplace(std::move(*client), options_.link, options_.compile.slowdown);
  const std::string& served = options_.network_in_cloud.empty() ? options_.network.name() : options_.network_in_cloud;
  const codec::Priors priors = caller_->shared(options_.priors, served, options_.warm_up_deadline);
  for (Part& part : parts_) {
    if (!part.cloud) continue;
    part.cloud->priors = priors.at(part.cloud->first - 1);
    const Status ready = caller_->prepare(*part.cloud, options_.warm_up_deadline);
    if (ready) continue;
    if (options_.require_cloud) return forward_error(ready, "cloud " + options_.cloud);
    unreachable_ = ready.error().message;
    logger().warn("cloud {}: {}; running on the device", options_.cloud, ready.error().message);
    return {};
  }
  return {};
}

Status PlannedSession::follow(const plan::Plan& plan, const profile::LoadFactors& planned_load) {
  if (Status covers = check_covers(plan, options_.network.size()); !covers) return covers;
  SessionOptions next = options_;
  next.plan = plan;
  next.planned_load = planned_load;
  std::vector<Part> parts = parts_of(next);
  // What was compiled for the same group serves on.
  for (Part& part : parts) {
    for (const Part& before : parts_) {
      const bool same = before.segment.first == part.segment.first && before.segment.last == part.segment.last;
      if (!same || !before.run || part.cloud) continue;
      part.model = before.model;
      part.run.emplace(part.model->new_run());
    }
  }
  if (Status compiled = compile_here(parts); !compiled) return compiled;
  for (const Part& part : parts) {
    if (!caller_ || !part.cloud) continue;
    if (Status ready = caller_->prepare(*part.cloud, options_.warm_up_deadline); !ready) return ready;
  }
  options_ = std::move(next);
  parts_ = std::move(parts);
  return caller_ ? Status() : connect();
}

Status PlannedSession::compile(Part& part) {
  if (part.run) return {};
  auto piece = options_.network.cut({.first = part.segment.first, .last = part.segment.last});
  if (!piece) return forward_error(piece);
  auto model = engine::compile(std::move(*piece), options_.compile);
  if (!model) return forward_error(model);
  part.run.emplace(model->new_run());
  part.model.emplace(std::move(*model));
  return {};
}

Status PlannedSession::compile_here(std::vector<Part>& parts) {
  for (Part& part : parts) {
    if (part.cloud) continue;
    if (Status compiled = compile(part); !compiled) return compiled;
  }
  return {};
}

Status PlannedSession::run_here(Part& part, std::vector<Tensor>& tensors, Answer& answer) {
  if (Status compiled = compile(part); !compiled) return compiled;
  const Instant start = steady_clock().now();
  for (std::size_t i = 0; i < tensors.size(); ++i) std::ranges::copy(tensors[i].data, part.run->input_bytes(i).begin());
  if (auto took = part.run->infer(); !took) return forward_error(took);
  const auto& specs = options_.network.boundaries()[static_cast<std::size_t>(part.segment.last)].tensors;
  tensors.clear();
  for (std::size_t i = 0; i < specs.size(); ++i) {
    Tensor tensor;
    tensor.spec = specs[i];
    const auto bytes = part.run->output_bytes(i);
    tensor.data.assign(bytes.begin(), bytes.end());
    tensors.push_back(std::move(tensor));
  }
  const Milliseconds took = steady_clock().now() - start;
  answer.steps.push_back({Step::Kind::device, part.segment.first, part.segment.last, took, 0});
  // A part that was planned for the cloud has no latency here to compare with.
  if (!part.cloud) device_ratio_.observe(took, part.segment.latency / options_.planned_load.device);
  return {};
}

Status PlannedSession::run_in_cloud(Part& part, std::vector<Tensor>& tensors, std::span<const std::byte> jpeg,
                                    Milliseconds left, Answer& answer) {
  if (!caller_) return fail(Errc::unavailable, unreachable_);
  if (Status available = caller_->available(); !available) return available;
  if (left <= Milliseconds{0}) return fail(Errc::deadline_exceeded, "the deadline passed before the cloud was called");
  auto outputs = caller_->call(*part.cloud, bytes_of(tensors), jpeg, left, answer);
  if (!outputs) return forward_error(outputs);
  tensors = std::move(*outputs);
  return {};
}

Millijoules PlannedSession::energy_of(const Answer& answer) const {
  Millijoules energy{};
  for (const Step& step : answer.steps) {
    const Bytes bytes{static_cast<double>(step.bytes)};
    switch (step.kind) {
      case Step::Kind::prepare:
      case Step::Kind::device:
      case Step::Kind::encode:
      case Step::Kind::decode: energy += options_.busy_power * step.time; break;
      case Step::Kind::upload:
        energy += options_.link.upload_energy(bytes) + options_.idle_power * step.time +
                  (options_.busy_power - options_.idle_power) * step.behind;
        break;
      case Step::Kind::download:
        energy += options_.link.download_energy(bytes) + options_.idle_power * step.time;
        break;
      case Step::Kind::cloud: energy += options_.idle_power * step.time; break;
    }
  }
  return energy;
}

Result<Answer> PlannedSession::infer_from(Instant start, std::vector<Tensor> tensors, std::span<const std::byte> jpeg,
                                          Milliseconds deadline, std::vector<Step> steps) {
  const Clock& clock = steady_clock();
  Answer answer;
  answer.steps = std::move(steps);
  for (Part& part : parts_) {
    Status done;
    if (part.cloud) {
      done = run_in_cloud(part, tensors, jpeg, deadline - (clock.now() - start), answer);
      if (!done) {
        if (options_.require_cloud) return forward_error(done, "cloud " + options_.cloud);
        answer.degraded = true;
        answer.warning = done.error().message;
        done = run_here(part, tensors, answer);
      }
    } else {
      done = run_here(part, tensors, answer);
    }
    if (!done) return forward_error(done);
  }
  answer.outputs = std::move(tensors);
  answer.total = clock.now() - start;
  answer.energy = energy_of(answer);
  answer.link = link();
  answer.load = load();
  return answer;
}

Result<Answer> PlannedSession::infer(const std::vector<Tensor>& inputs, Milliseconds deadline) {
  const Instant start = steady_clock().now();
  const auto& specs = options_.network.boundaries().front().tensors;
  if (inputs.size() != specs.size()) {
    return fail(Errc::invalid_argument,
                fmt::format("{} takes {} inputs, {} are given", options_.network.name(), specs.size(), inputs.size()));
  }
  for (std::size_t i = 0; i < specs.size(); ++i) {
    if (inputs[i].spec.type != specs[i].type || inputs[i].spec.shape != specs[i].shape ||
        inputs[i].data.size() != specs[i].bytes()) {
      return fail(Errc::invalid_argument,
                  fmt::format("input {} must be {}, is {}", specs[i].name, network::to_string(specs[i]),
                              network::to_string(inputs[i].spec)));
    }
  }
  if (starts_with_jpeg()) return fail(Errc::invalid_argument, "this plan sends a JPEG: give it an image, not a tensor");
  return infer_from(start, inputs, {}, deadline, {});
}

Result<Answer> PlannedSession::infer_image(const codec::Image& photo, Milliseconds deadline) {
  const Instant start = steady_clock().now();
  if (!options_.image_input) return fail(Errc::failed_precondition, options_.network.name() + " takes no image");
  const network::ImageInput& input = *options_.image_input;
  const bool fits = photo.width == input.width && photo.height == input.height;
  const codec::Image fitted = fits ? photo : codec::fit(photo, input);
  Tensor tensor(options_.network.boundaries().front().tensors.front());
  if (const Status done = codec::to_tensor(fitted, input, tensor.spec, tensor.data); !done) {
    return forward_error(done);
  }
  std::vector<Tensor> tensors;
  tensors.push_back(std::move(tensor));
  stretch(start, options_.compile.slowdown);
  const Instant prepared = steady_clock().now();
  std::vector<Step> steps{{Step::Kind::prepare, 0, 0, prepared - start, 0}};
  std::vector<std::byte> jpeg;
  if (starts_with_jpeg()) {
    auto file = codec::encode_jpeg(fitted, options_.jpeg_quality);
    if (!file) return forward_error(file);
    jpeg = std::move(*file);
    stretch(prepared, options_.compile.slowdown);
    steps.push_back({Step::Kind::encode, 0, 0, steady_clock().now() - prepared, 0});
  }
  return infer_from(start, std::move(tensors), jpeg, deadline, std::move(steps));
}

}  // namespace

Result<std::unique_ptr<Session>> Session::open(SessionOptions options) {
  if (const Status covers = check_covers(options.plan, options.network.size()); !covers) return forward_error(covers);
  std::vector<Part> parts = parts_of(options);
  auto session = std::make_unique<PlannedSession>(std::move(options), std::move(parts));
  if (const Status compiled = session->compile_device_parts(); !compiled) return forward_error(compiled);
  if (const Status connected = session->connect(); !connected) return forward_error(connected);
  return session;
}

}  // namespace tandem::device
