// The evaluation of chapter 2: eight networks, inference and training, over links and batch sizes, each optimum beside
// the device alone and the cloud alone.
//
//   Result<std::vector<JointResult>> results = evaluate(benchmarks, profiles_of, {.links = …, .batches = {1, 2, 4}});
//
// Thread rule: free functions, any thread.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tandem/base/result.hpp"
#include "tandem/link/link.hpp"
#include "tandem/network/network.hpp"
#include "tandem/plan/plan.hpp"
#include "tandem/profile/device_model.hpp"

namespace tandem::cli {

enum class Phase { inference, training };
std::string_view name_of(Phase phase);

// Table 2.2, with what the dissertation found for each type: where a network begins, goes on and ends.
struct Benchmark {
  std::string_view network;  // of the zoo
  std::string_view type;
};
std::span<const Benchmark> jointdnn_benchmarks();

// What both places cost for one network and batch.
struct PairOfTables {
  profile::CostTable device, cloud;
};
using TablesOf = std::function<Result<PairOfTables>(const network::Network& network, int batch)>;

struct JointOptions {
  std::vector<link::Link> links;
  std::vector<int> batches;
  std::string codec;  // "raw" or "linear8"
};

struct JointResult {
  std::string network, link;
  Phase phase = Phase::inference;
  plan::Objective objective = plan::Objective::latency;
  int batch = 1;
  int layers = 0;
  std::vector<plan::Segment> segments;                     // neighbours on one place are one; training has 2N layers
  double cost = 0.0, device_only = 0.0, cloud_only = 0.0;  // ms or mJ, under the objective
  double cloud_work = 0.0;                                 // of the cloud-only time, 0..1
  double solve_us = 0.0;

  // Against the better of both places, in percent.
  [[nodiscard]] double improvement() const;
};

// "device", "device-cloud", "cloud-device", "device-cloud-device", …
std::string pattern_of(const JointResult& result);
// "device 1-8, cloud 9-21"; backward layers of training follow as "backward 21-9".
std::string schedule_of(const JointResult& result);

// Both phases and objectives, for every batch and link, of one network. Error: of the tables.
Result<std::vector<JointResult>> evaluate(const network::Network& network, const TablesOf& tables,
                                          const JointOptions& options);

}  // namespace tandem::cli
