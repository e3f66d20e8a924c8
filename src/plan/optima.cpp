#include "tandem/plan/optima.hpp"

#include <cassert>
#include <cmath>
#include <limits>

#include "all_codecs.hpp"
#include "extreme_points.hpp"
#include "features.hpp"

namespace tandem::plan {
namespace {

constexpr std::size_t kLanes = 8;

// Partial schedules that are least under no conditions cannot be part of a schedule that is.
void keep_extreme(std::vector<Partial>& found) {
  std::vector<Features> points;
  points.reserve(found.size());
  for (const Partial& partial : found) points.push_back(partial.features);
  std::vector<Partial> kept;
  for (const std::size_t p : extreme_points(points)) kept.push_back(found[p]);
  found = std::move(kept);
}

std::vector<UnpricedPlan> candidates_of(const Problem& problem, const Radio& radio) {
  const FeatureChain chain(problem, radio);
  std::vector<Partial> partials;
  const std::vector<int> ends =
      explore(chain, partials, [](std::vector<Partial>& found, Place, int) { keep_extreme(found); });
  std::vector<UnpricedPlan> candidates;
  candidates.reserve(ends.size());
  for (const int end : ends) {
    Schedule schedule = schedule_of(chain, partials, end);
    Plan plan = describe(problem, std::move(schedule.segments), std::move(schedule.transfers));
    UnpricedPlan candidate{
        .segments = std::move(plan.segments), .transfers = std::move(plan.transfers), .footprint = {}};
    candidate.footprint = chain.footprint(candidate.segments, candidate.transfers);
    for (Segment& segment : candidate.segments) {
      if (segment.place == Place::cloud) segment.energy = {};  // depends on the load
    }
    candidates.push_back(std::move(candidate));
  }
  return candidates;
}

}  // namespace

Totals totals_under(const Footprint& f, const Radio& radio, const Conditions& c) {
  const Milliseconds up = Bytes{f.up_bytes} / c.up, down = Bytes{f.down_bytes} / c.down;
  const Milliseconds round_trips = f.transfers * c.rtt / 2, cloud = c.loads.cloud * f.cloud;
  return {.latency = up + down + round_trips + c.loads.device * f.device + cloud,
          .energy = (Milliwatts{radio.alpha_up * c.up.value} + radio.beta) * up +
                    (Milliwatts{radio.alpha_down * c.down.value} + radio.beta) * down +
                    radio.idle * (round_trips + cloud) + c.loads.device * f.energy,
          .cloud = cloud};
}

Optima::Optima(Objective objective, Weights weights, Radio radio, std::vector<UnpricedPlan> candidates)
    : objective_(objective), weights_(weights), radio_(radio), candidates_(std::move(candidates)) {
  Problem problem;
  problem.objective = objective;
  problem.weights = weights;
  weights_ = weights_of(problem);
  padded_ = (candidates_.size() + kLanes - 1) / kLanes * kLanes;
  features_.assign(kFeatures * padded_, std::numeric_limits<double>::infinity());
  for (std::size_t i = 0; i < candidates_.size(); ++i) {
    const Features features = features_of(candidates_[i].footprint, weights_);
    for (std::size_t d = 0; d < kFeatures; ++d) features_[d * padded_ + i] = features[d];
  }
}

std::size_t Optima::best(const Conditions& conditions) const {
  assert(!candidates_.empty());
  const Features prices = unit_prices(radio_, weights_, conditions);
  std::array<double, kLanes> least;
  least.fill(std::numeric_limits<double>::infinity());
  std::array<double, kLanes> where{};  // as double, so that both fill the same registers
  for (std::size_t i = 0; i < padded_; i += kLanes) {
    const double* f = features_.data() + i;
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const double cost = prices[0] * f[lane] + prices[1] * f[padded_ + lane] + prices[2] * f[2 * padded_ + lane] +
                          prices[3] * f[3 * padded_ + lane] + prices[4] * f[4 * padded_ + lane];
      const bool less = cost < least[lane];
      least[lane] = less ? cost : least[lane];
      where[lane] = less ? static_cast<double>(i) : where[lane];
    }
  }
  std::size_t best = 0;
  for (std::size_t lane = 1; lane < kLanes; ++lane) {
    const bool earlier = least[lane] == least[best] && where[lane] < where[best];
    if (least[lane] < least[best] || earlier) best = lane;
  }
  return static_cast<std::size_t>(where[best]) + best;
}

Totals Optima::totals(std::size_t candidate, const Conditions& conditions) const {
  return totals_under(candidates_[candidate].footprint, radio_, conditions);
}

Result<Optima> find_optima(const profile::CostTable& device, const profile::CostTable& cloud, const link::Link& link,
                           Objective objective, const ProblemOptions& options) {
  if (options.constraints.limited()) {
    return fail(Errc::invalid_argument, "what is best under limits depends on the conditions: find all optima without");
  }
  const Result<Problem> problem = unloaded_problem_with_all_codecs(device, cloud, link, objective, options);
  if (!problem) return forward_error(problem);
  const Radio radio = radio_of(device, link);
  Optima optima(objective, options.weights, radio, candidates_of(*problem, radio));
  optima.network = device.network;
  optima.fingerprint = device.fingerprint;
  return optima;
}

}  // namespace tandem::plan
