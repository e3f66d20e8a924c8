// `tandem plan --explain`: why this plan.
#pragma once

#include "plan_scenario.hpp"
#include "tandem/plan/explain.hpp"

namespace tandem::cli {

struct Explanation {
  std::vector<plan::Plan> runners_up;  // by placement, cheapest first, without the plan itself
  std::vector<plan::Binding> binding;
  std::vector<plan::Flip> flips;  // none where there are limits
};

Result<Explanation> explain(const PlanInput& input, const plan::Problem& problem, const plan::Plan& plan, int count);
std::string text_of(const Explanation& explanation, const plan::Problem& problem, const plan::Plan& plan, int width);
Json to_json(const Explanation& explanation);

}  // namespace tandem::cli
