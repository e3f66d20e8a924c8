// `tandem plan --candidates FILE`: which of several networks with a bottleneck, trained for different cuts, to use now.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "command.hpp"
#include "tandem/link/link.hpp"
#include "tandem/plan/candidates.hpp"
#include "tandem/profile/load.hpp"

namespace tandem::cli {

struct CandidateOptions {
  std::string file;
  double least_accuracy = 0.0;
};
// --candidates --least-accuracy
void add_candidate_options(CLI::App* command, CandidateOptions& options);

struct CandidateRequest {
  CandidateOptions options;
  link::Link link;
  profile::LoadFactors loads;
  plan::Objective objective = plan::Objective::latency;
  std::string output;  // also written there, where not empty
  bool json = false;
};
Outcome plan_candidates(const CandidateRequest& request);

}  // namespace tandem::cli
