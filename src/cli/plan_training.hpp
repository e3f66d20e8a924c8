// `tandem plan --training`: how to divide a training step, the forward and the backward pass.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "command.hpp"
#include "tandem/plan/training.hpp"

namespace tandem::cli {

struct TrainingPlanOptions {
  bool wanted = false;
  plan::TrainingOptions training;
};
// --training --backward-ratio --updated-weights --label-bytes
void add_training_options(CLI::App* command, TrainingPlanOptions& options);

struct TrainingRequest {
  const profile::CostTable& device;
  const profile::CostTable& cloud;
  link::Link link;
  plan::Objective objective = plan::Objective::latency;
  plan::TrainingOptions training;
  std::string output;  // also written there, where not empty
  bool json = false;
};
Outcome plan_training(const TrainingRequest& request);

}  // namespace tandem::cli
