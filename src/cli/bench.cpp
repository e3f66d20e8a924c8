// `tandem bench NAME`: measures one aspect, each figure as a ratio to a baseline measured in the same run.
#include <fmt/format.h>

#include <fstream>
#include <memory>
#include <string>
#include <thread>

#include "bench_jointdnn.hpp"
#include "bench_profile.hpp"
#include "bench_rows.hpp"
#include "command.hpp"
#include "commit.hpp"
#include "terminal.hpp"

namespace tandem::cli {
namespace {

struct Bench {
  const char* name;
  const char* what;
  Result<Json> (*rows)(const BenchScope&);
  enum class Takes : std::uint8_t { nothing, networks_and_links } takes = Takes::nothing;
};

struct BenchOptions {
  BenchScope scope;
  bool json = false;
};

constexpr Bench kBenches[] = {
    {"split", "latency of the chosen plan: predicted, measured, against the physical limit and the baselines",
     split_bench_rows, Bench::Takes::networks_and_links},
    {"planner", "time to solve, against a textbook shortest path on the explicit graph", planner_bench_rows},
    {"link", "what the probe and the estimator find of links that are known, against a plain transfer and a mean",
     link_bench_rows},
    {"rpc", "overhead of a call, against a plain gRPC echo of the same bytes", rpc_bench_rows},
    {"codec", "bytes and speed of coded features, against PNG, zstd and JPEG XL", codec_bench_rows},
};

// "Intel(R) Xeon(R) Processor, 2 cores"
std::string machine() {
  std::ifstream info("/proc/cpuinfo");
  std::string line;
  std::string model = "unknown CPU";
  while (std::getline(info, line)) {
    if (line.starts_with("model name")) {
      model = line.substr(line.find(':') + 2);
      break;
    }
  }
  return fmt::format("{}, {} cores", model, std::thread::hardware_concurrency());
}

std::string cell(const Json& value) {
  if (value.is_number_float()) return fmt::format("{:.4g}", value.get<double>());
  return value.is_string() ? value.get<std::string>() : value.dump();
}

// A column for each key of the rows, in the order of their first appearance.
void print_table(const Json& rows) {
  std::vector<std::string> keys;
  for (const Json& row : rows) {
    for (const auto& [key, value] : row.items()) {
      if (std::ranges::find(keys, key) == keys.end()) keys.push_back(key);
    }
  }
  std::ranges::stable_partition(keys, [](const std::string& key) { return key == "name"; });
  std::vector<Table::Column> columns;
  columns.reserve(keys.size());
  for (const std::string& key : keys)
    columns.push_back({key, key == "name" ? Table::Align::left : Table::Align::right});
  Table table(std::move(columns));
  for (const Json& row : rows) {
    std::vector<std::string> cells;
    cells.reserve(keys.size());
    for (const std::string& key : keys) cells.push_back(row.contains(key) ? cell(row[key]) : "");
    table.row(std::move(cells));
  }
  fmt::print("{}", table.text(terminal().width));
}

}  // namespace

Outcome print_bench(const char* name, const Result<Json>& rows, bool json) {
  if (!rows) return forward_error(rows);
  if (json) {
    fmt::print("{}\n",
               Json{{"bench", name}, {"machine", machine()}, {"commit", TANDEM_COMMIT}, {"rows", *rows}}.dump(2));
  } else {
    fmt::print("{}, commit {}\n\n", machine(), TANDEM_COMMIT);
    print_table(*rows);
  }
  return Exit::done;
}

void add_bench(CLI::App& program, Outcome& outcome) {
  auto* command = program.add_subcommand("bench", "measure an aspect of tandem beside a baseline");
  command->require_subcommand(1);
  example(command, "tandem bench planner --json");
  for (const Bench& bench : kBenches) {
    auto* one = command->add_subcommand(bench.name, bench.what);
    auto options = std::make_shared<BenchOptions>();
    if (bench.takes == Bench::Takes::networks_and_links) {
      one->add_option("--networks", options->scope.networks, "files or zoo:NAME; those of the demo where absent")
          ->delimiter(',');
      one->add_option("--links", options->scope.links, "3g, 4g, wifi, 5g, or files; those of the demo where absent")
          ->delimiter(',');
      one->add_option("--slowdown", options->scope.slowdown, "of the device; that of the demo where absent")
          ->check(CLI::Range(1.0, 1000.0));
    }
    one->add_flag("--json", options->json, "machine-readable answer");
    one->callback(
        [&bench, options, &outcome] { outcome = print_bench(bench.name, bench.rows(options->scope), options->json); });
  }
  add_profile_bench(command, outcome);
  add_jointdnn_bench(command, outcome);
}

}  // namespace tandem::cli
