// Neighbours on one place that only luck of measurement set apart.
#include "join.hpp"

#include <algorithm>
#include <cmath>

namespace tandem::plan {
namespace {

double cost_of_group(const Problem& problem, const Prices& prices, const Segment& group) {
  return cost_of(prices, amounts_of(problem, group));
}

// The squared standard error of a group's cost; energies are taken to err as their latencies do.
double variance_of(const Problem& problem, const Prices& prices, const Segment& group) {
  const bool device = group.place == Place::device;
  const GroupCosts& errors = device ? problem.device_error_ms : problem.cloud_error_ms;
  if (errors.layers() == 0) return 0;
  const double latency = (device ? problem.device_ms : problem.cloud_ms).at(group.first, group.last);
  const double error = errors.at(group.first, group.last);
  if (!(latency > 0) || !std::isfinite(error)) return 0;
  const double scaled = cost_of_group(problem, prices, group) * error / latency;
  return scaled * scaled;
}

}  // namespace

std::vector<Segment> join_neighbours(const Problem& problem, const Prices& prices,
                                     const std::vector<Segment>& segments) {
  constexpr double kRounding = 1e-12;
  constexpr double kStandardErrors = 2;
  std::vector<Segment> joined;
  double apart = 0;  // of the groups that joined.back() is made of
  double variance = 0;
  for (const Segment& next : segments) {
    const double cost = cost_of_group(problem, prices, next);
    if (!joined.empty() && joined.back().place == next.place) {
      const Segment both{.first = joined.back().first, .last = next.last, .place = next.place};
      const double together = cost_of_group(problem, prices, both);
      const double parts_variance = variance + variance_of(problem, prices, next);
      const double both_variance = variance_of(problem, prices, both);
      const double error = kStandardErrors * std::sqrt(parts_variance + both_variance);
      // Measured, not given: the device half calls the cloud once for neighbours there, which then run as one group.
      const bool one_call = next.place == Place::cloud && both_variance > 0 && std::isfinite(together);
      if (one_call || together <= apart + cost + std::max(kRounding * (apart + cost), error)) {
        joined.back() = both;
        apart += cost;
        variance = parts_variance;
        continue;
      }
    }
    joined.push_back(next);
    apart = cost;
    variance = variance_of(problem, prices, next);
  }
  return joined;
}

}  // namespace tandem::plan
