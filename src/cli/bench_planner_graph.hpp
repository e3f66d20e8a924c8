// The rows of `tandem bench planner` about graphs and integer programs.
#pragma once

#include "tandem/base/json.hpp"
#include "tandem/base/result.hpp"
#include "tandem/plan/problem.hpp"

namespace tandem::cli {

// `chain` is solved by the shortest path and as an integer program.
Result<Json> graph_planner_bench_rows(const plan::Problem& chain);

}  // namespace tandem::cli
