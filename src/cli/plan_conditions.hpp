// `tandem plan --all-optima`, `--optima` and `--risk`: plans for a link that changes or is not known.
#pragma once

#include <optional>

#include "plan_scenario.hpp"
#include "tandem/plan/optima.hpp"
#include "tandem/plan/risk.hpp"

namespace tandem::cli {

struct ConditionsOptions {
  std::string all_optima;  // file to write
  std::string optima;      // file to look a plan up in
  std::optional<double> risk;
  std::string trace;  // of the link; else rates around it
  double spread = 0.5;
  int samples = 200;
};
void add_conditions_options(CLI::App* command, ConditionsOptions& options);

Outcome write_optima(const std::string& file, const PlanInput& input);
// A plan from the file alone; no profiles are read.
Outcome look_up(const std::string& file, const link::Link& link, const profile::LoadFactors& loads, bool json);
Result<plan::RiskPlan> plan_at_risk(const ConditionsOptions& options, const PlanInput& input);
// "latency in 95 % of 200 conditions: at most 210 ms"
std::string risk_text(const ConditionsOptions& options, const plan::RiskPlan& plan);

}  // namespace tandem::cli
