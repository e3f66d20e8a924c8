// `tandem plan --sweep` and `--pareto`: plans along a parameter, and along the trade of time for energy.
#pragma once

#include "plan_scenario.hpp"

namespace tandem::cli {

struct StudyOptions {
  std::string sweep;  // "up_mbps=0.1:100", "rtt_ms=1:500:20"
  bool pareto = false;
  [[nodiscard]] bool wanted() const { return pareto || !sweep.empty(); }
};
void add_study_options(CLI::App* command, StudyOptions& options);

// A table, or JSON; the output file as its name ends: .csv, .svg, .png, .json.
// Errors: invalid_argument naming the option; those of make_problem and of writing.
Outcome run_study(const StudyOptions& options, const PlanInput& input);

}  // namespace tandem::cli
