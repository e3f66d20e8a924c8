// The benches of `tandem bench`: each measures and returns an array of rows, objects with a "name", the figure with its
// spread, the baseline measured beside it, and their ratio.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "command.hpp"
#include "tandem/base/json.hpp"
#include "tandem/base/result.hpp"

namespace tandem::cli {

// What a bench that speaks of networks, links or a device may be told; empty: what it measures by itself.
struct BenchScope {
  std::vector<std::string> networks;  // files or zoo:NAME
  std::vector<std::string> links;
  std::optional<double> slowdown;  // of the device
};

Result<Json> split_bench_rows(const BenchScope& scope);
Result<Json> planner_bench_rows(const BenchScope& scope);
Result<Json> rpc_bench_rows(const BenchScope& scope);
Result<Json> codec_bench_rows(const BenchScope& scope);
Result<Json> link_bench_rows(const BenchScope& scope);

// With the machine and the commit; as a table, or for programs.
Outcome print_bench(const char* name, const Result<Json>& rows, bool json);

}  // namespace tandem::cli
