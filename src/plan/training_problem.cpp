#include <fmt/format.h>

#include <cmath>

#include "tandem/plan/training.hpp"

namespace tandem::plan {
namespace {

GroupCosts scaled(const GroupCosts& costs, double factor) {
  GroupCosts result(costs.layers());
  for (int last = 1; last <= costs.layers(); ++last) {
    for (int first = 1; first <= last; ++first) result.at(first, last) = factor * costs.at(first, last);
  }
  return result;
}

TrainingCosts costs_of(const GroupCosts& ms, const GroupCosts& mj, double backward_ratio) {
  return {.forward_ms = ms,
          .forward_mj = mj,
          .backward_ms = scaled(ms, backward_ratio),
          .backward_mj = scaled(mj, backward_ratio)};
}

Status check(const profile::CostTable& device, const TrainingOptions& options) {
  const auto at_least_zero = [](const char* what, double value) -> Status {
    if (std::isfinite(value) && value >= 0) return {};
    return fail(Errc::invalid_argument, fmt::format("{} must be a number of at least 0, is {}", what, value));
  };
  if (const Status s = at_least_zero("the backward ratio", options.backward_ratio); !s) return s;
  if (const Status s = at_least_zero("bytes per weight", options.bytes_per_weight); !s) return s;
  if (const Status s = at_least_zero("the bytes of labels", options.label_bytes.value_or(0)); !s) return s;
  if (!(options.updated_weights >= 0 && options.updated_weights <= 1)) {
    return fail(Errc::invalid_argument, "the part of the weights that is updated must lie in 0..1");
  }
  if (device.size() > kMaxTrainingLayers) {
    return fail(Errc::resource_exhausted, fmt::format("training is planned for at most {} layers, '{}' has {}",
                                                      kMaxTrainingLayers, device.network, device.size()));
  }
  if (device.parameters.size() == device.layers.size()) return {};
  return fail(Errc::failed_precondition,
              fmt::format("the device profile of '{}' does not say how many parameters each layer has, which training "
                          "must send; make a new one with: tandem profile",
                          device.network));
}

// Right behind each other with nobody waiting for the first: the round trip is not theirs.
Crossing download_of(const link::Link& link, double bytes) {
  const Milliseconds on_link = Bytes{bytes} / link.down;
  return {.codec = "raw", .bytes = bytes, .on_link = on_link, .energy = link.download_power() * on_link};
}

}  // namespace

Result<TrainingProblem> make_training_problem(const profile::CostTable& device, const profile::CostTable& cloud,
                                              const link::Link& link, Objective objective,
                                              const TrainingOptions& options) {
  if (objective == Objective::weighted) {
    return fail(Errc::unimplemented, "training is planned for least latency or least energy, not for a weighted sum");
  }
  Result<Problem> inference = make_problem(device, cloud, link, objective, {.codec = options.codec});
  if (!inference) return forward_error(inference);
  if (const Status s = check(device, options); !s) return forward_error(s);

  TrainingProblem problem{.objective = objective,
                          .layers = inference->layers,
                          .device = costs_of(inference->device_ms, inference->device_mj, options.backward_ratio),
                          .cloud = costs_of(inference->cloud_ms, inference->cloud_mj, options.backward_ratio),
                          .activations_up = inference->uploads,
                          .activations_down = inference->downloads,
                          .gradients_up = inference->uploads,
                          .gradients_down = inference->downloads,
                          .weights_down = {},
                          .labels_up = {},
                          .network = inference->network,
                          .fingerprint = inference->fingerprint,
                          .link = inference->link};
  for (const double parameters : device.parameters) {
    problem.weights_down.push_back(download_of(link, parameters * options.updated_weights * options.bytes_per_weight));
  }
  const double label_bytes = options.label_bytes.value_or(problem.activations_up.back().bytes);
  // With the input or the last activation: no round trip of their own either.
  const Milliseconds labels_time = Bytes{label_bytes} / link.up;
  problem.labels_up = {
      .codec = "raw", .bytes = label_bytes, .on_link = labels_time, .energy = link.upload_power() * labels_time};
  return problem;
}

}  // namespace tandem::plan
