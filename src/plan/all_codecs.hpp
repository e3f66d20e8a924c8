// Problems for conditions that change: every codec of a crossing is among the alternatives, also those that this link
// never asks for.
#pragma once

#include "tandem/plan/optima.hpp"

namespace tandem::plan {

Result<Problem> problem_with_all_codecs(const profile::CostTable& device, const profile::CostTable& cloud,
                                        const link::Link& link, Objective objective, const ProblemOptions& options);
// The same without the loads of the options, which are conditions, too.
Result<Problem> unloaded_problem_with_all_codecs(const profile::CostTable& device, const profile::CostTable& cloud,
                                                 const link::Link& link, Objective objective, ProblemOptions options);
Radio radio_of(const profile::CostTable& device, const link::Link& link);

}  // namespace tandem::plan
