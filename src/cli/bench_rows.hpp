// The benches of `tandem bench`: each measures and returns an array of rows, objects with a "name", the figure with its
// spread, the baseline measured beside it, and their ratio.
#pragma once

#include "tandem/base/json.hpp"
#include "tandem/base/result.hpp"

namespace tandem::cli {

Result<Json> split_bench_rows();
Result<Json> planner_bench_rows();
Result<Json> rpc_bench_rows();
Result<Json> codec_bench_rows();
Result<Json> link_bench_rows();

}  // namespace tandem::cli
