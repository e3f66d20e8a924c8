// Objective, limits, loads and solver of `tandem plan`: the scenarios of section 2.2.3.5 as options.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "command.hpp"
#include "tandem/plan/plan.hpp"

namespace tandem::cli {

struct ScenarioOptions {
  std::string objective = "latency";
  plan::Weights weights;
  profile::LoadFactors loads;
  std::optional<double> deadline_ms, energy_budget_mj, cloud_time_ms, device_memory_bytes;
  std::optional<int> max_switches;
  int first_on_device = 0;
  std::vector<std::string> pins;  // "3-5=cloud"
  std::string solver;             // empty: what suits the problem
};
void add_scenario_options(CLI::App* command, ScenarioOptions& options);

// Error: invalid_argument naming the option.
Result<plan::ProblemOptions> problem_options(const ScenarioOptions& options, const std::string& codec);
plan::Objective objective_of(const std::string& name);
std::optional<plan::Solver> solver_of(const std::string& name);

// What a plan is made from, and where it goes.
struct PlanInput {
  const profile::CostTable& device;
  const profile::CostTable& cloud;
  link::Link link;
  plan::Objective objective = plan::Objective::latency;
  plan::ProblemOptions options;
  std::string output;
  bool json = false;
};

// "device 1–4, cloud 5–21"
std::string where_text(const std::vector<plan::Segment>& segments);
// Of a plan that is not feasible: a line for each limit, and how near one can come to it.
std::string misses_text(const plan::Plan& plan);

}  // namespace tandem::cli
