// The best plan for a link that is not known but in a sample: least cost in all but the worst few of its conditions.
//
//   Result<RiskPlan> plan = solve_at_risk(device_table, cloud_table, *link::find("4g"), Objective::latency, sample,
//   0.95);
//
// Thread rule: values and free functions, any thread.
#pragma once

#include <cstdint>
#include <span>

#include "tandem/plan/optima.hpp"

namespace tandem::plan {

struct RiskPlan {
  Plan plan;                 // its costs are those at the link's own rates
  double at_risk = 0.0;      // the percentile of the objective's cost over the sample
  double lower_bound = 0.0;  // no schedule's percentile is less
};

// The schedule whose cost is least at this percentile: the least c such that in a share `probability` of the sample it
// costs at most c. Exact, where plan.proven_optimal says so: the percentile rises with each feature of a schedule, so
// one that another beats in all of them can be dropped, and so can one that, finished as well as possible in each
// condition by itself, is no better than the best known. Gives up proving after eight million partial schedules.
// Errors: those of make_problem; invalid_argument: an empty sample, a rate of zero in it, a probability outside of (0,
// 1], limits.
Result<RiskPlan> solve_at_risk(const profile::CostTable& device, const profile::CostTable& cloud,
                               const link::Link& link, Objective objective, std::span<const Conditions> sample,
                               double probability, const ProblemOptions& options = {});

// Rates and round trip that vary around a link's by log-normal factors of median 1, independent of each other; `spread`
// is the standard deviation of their logarithms. Loads are those given.
struct SampleOptions {
  int size = 200;
  double spread = 0.5;
  profile::LoadFactors loads{};
  std::uint64_t seed = 1;
};
std::vector<Conditions> sample_around(const link::Link& link, const SampleOptions& options);

}  // namespace tandem::plan
