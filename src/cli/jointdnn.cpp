#include "jointdnn.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "tandem/plan/training.hpp"

namespace tandem::cli {
namespace {

using plan::Objective;
using plan::Place;
using plan::Segment;

constexpr std::array<Benchmark, 8> kBenchmarks = {{{"alexnet", "discriminative"},
                                                   {"overfeat", "discriminative"},
                                                   {"deepspeech", "discriminative"},
                                                   {"resnet", "discriminative"},
                                                   {"vgg16", "discriminative"},
                                                   {"nin", "discriminative"},
                                                   {"chair", "generative"},
                                                   {"pix2pix", "autoencoder"}}};

double under(Objective objective, const plan::Totals& totals) {
  return objective == Objective::energy ? totals.energy.value : totals.latency.count();
}

// How groups were chosen within a place does not matter to where layers run. The two passes stay apart.
std::vector<Segment> joined(const std::vector<Segment>& segments, int layers) {
  std::vector<Segment> result;
  for (const Segment& segment : segments) {
    if (!result.empty() && result.back().place == segment.place && segment.first != layers + 1) {
      result.back().last = segment.last;
      result.back().latency += segment.latency;
      result.back().energy += segment.energy;
    } else {
      result.push_back(segment);
    }
  }
  return result;
}

// Of a plan or a training plan, which agree in what is asked here.
template <class AnyPlan>
JointResult result_of(const AnyPlan& plan, Phase phase, int layers, int batch) {
  JointResult result;
  result.network = plan.network;
  result.link = plan.link;
  result.phase = phase;
  result.objective = plan.objective;
  result.batch = batch;
  result.layers = layers;
  result.segments = joined(plan.segments, layers);
  result.cost = under(plan.objective, plan.totals);
  result.device_only = under(plan.objective, plan.device_only);
  result.cloud_only = under(plan.objective, plan.cloud_only);
  result.cloud_work = plan.totals.cloud / plan.cloud_only.cloud;
  result.solve_us = plan.solve_us;
  return result;
}

}  // namespace

std::string_view name_of(Phase phase) {
  return phase == Phase::inference ? "inference" : "training";
}

std::span<const Benchmark> jointdnn_benchmarks() {
  return kBenchmarks;
}

double JointResult::improvement() const {
  return std::max(0.0, 100.0 * (1.0 - cost / std::min(device_only, cloud_only)));  // below zero by rounding only
}

std::string pattern_of(const JointResult& result) {
  std::string pattern;
  const Segment* before = nullptr;
  for (const Segment& segment : result.segments) {
    if (before != nullptr && before->place == segment.place) continue;
    if (!pattern.empty()) pattern += '-';
    pattern += segment.place == Place::device ? "device" : "cloud";
    before = &segment;
  }
  return pattern;
}

std::string schedule_of(const JointResult& result) {
  const int n = result.layers;
  std::string schedule;
  for (const Segment& segment : result.segments) {
    if (!schedule.empty()) schedule += segment.first == n + 1 ? "; backward " : ", ";
    const bool backward = segment.first > n;
    const int from = backward ? 2 * n + 1 - segment.first : segment.first;
    const int to = backward ? 2 * n + 1 - segment.last : segment.last;
    schedule += fmt::format("{} {}-{}", segment.place == Place::device ? "device" : "cloud", from, to);
  }
  return schedule;
}

Result<std::vector<JointResult>> evaluate(const network::Network& network, const TablesOf& tables,
                                          const JointOptions& options) {
  std::vector<JointResult> results;
  for (const int batch : options.batches) {
    const auto pair = tables(network, batch);
    if (!pair) return forward_error(pair);
    for (const link::Link& link : options.links) {
      for (const Objective objective : {Objective::latency, Objective::energy}) {
        const auto inference = plan::make_problem(pair->device, pair->cloud, link, objective, {.codec = options.codec});
        if (!inference) return forward_error(inference);
        results.push_back(result_of(plan::solve(*inference), Phase::inference, network.size(), batch));
        const auto training =
            plan::make_training_problem(pair->device, pair->cloud, link, objective, {.codec = options.codec});
        if (!training) return forward_error(training);
        results.push_back(result_of(plan::solve(*training), Phase::training, network.size(), batch));
      }
    }
  }
  return results;
}

}  // namespace tandem::cli
