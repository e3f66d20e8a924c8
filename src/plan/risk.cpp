#include "tandem/plan/risk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numbers>

#include "all_codecs.hpp"
#include "features.hpp"
#include "places.hpp"
#include "tandem/base/random.hpp"

namespace tandem::plan {
namespace {

constexpr std::size_t kMaxPartials = std::size_t{1} << 23U;

class RiskSearch {
 public:
  RiskSearch(const FeatureChain& chain, std::vector<Features> prices, double probability)
      : chain_(chain), prices_(std::move(prices)), costs_(prices_.size()) {
    const double rank = std::ceil(probability * static_cast<double>(prices_.size()) - 1e-9);
    rank_ = static_cast<std::size_t>(std::max(1.0, rank)) - 1;
    to_go_.reserve(prices_.size());
    for (const Features& p : prices_) to_go_.push_back(chain.to_go(p));
    lower_bound_ = bound(Features{}, Place::device, 0);
  }

  [[nodiscard]] double lower_bound() const { return lower_bound_; }
  [[nodiscard]] double percentile(const Features& features) {
    for (std::size_t s = 0; s < prices_.size(); ++s) costs_[s] = dot(prices_[s], features);
    return ranked();
  }
  // What is best in a condition of the sample may be best at the percentile, too.
  void start_with(double percentile) { best_known_ = std::min(best_known_, percentile); }

  // The end of least percentile among those better than what is known, or -1; `partials` holds its steps.
  int find(std::vector<Partial>& partials) {
    const std::vector<int> ends = explore(chain_, partials, [&](std::vector<Partial>& found, Place place, int last) {
      if (partials.size() > kMaxPartials) exhausted_ = true;
      if (exhausted_) found.clear();
      std::erase_if(found, [&](const Partial& p) {
        const bool ended = last == chain_.layers();
        const double least = ended ? percentile(p.features) : bound(p.features, place, last);
        return least >= best_known_ * (1 - 1e-12);
      });
      keep_undominated(found);
    });
    if (ends.empty()) return -1;
    return *std::ranges::min_element(ends, {}, [&](int end) { return percentile(partials[end].features); });
  }
  [[nodiscard]] bool exhausted() const { return exhausted_; }

 private:
  // Each condition by itself ends as well as it can.
  double bound(const Features& features, Place place, int last) {
    for (std::size_t s = 0; s < prices_.size(); ++s) {
      costs_[s] = dot(prices_[s], features) + to_go_[s][index_of(place)][last];
    }
    return ranked();
  }

  double ranked() {
    const auto middle = costs_.begin() + static_cast<std::ptrdiff_t>(rank_);
    std::ranges::nth_element(costs_, middle);
    return *middle;
  }

  static void keep_undominated(std::vector<Partial>& found) {
    std::ranges::stable_sort(found, {}, &Partial::features);
    std::vector<Partial> kept;
    for (const Partial& p : found) {
      const bool beaten =
          std::ranges::any_of(kept, [&p](const Partial& k) { return dominates(k.features, p.features); });
      if (!beaten) kept.push_back(p);
    }
    found = std::move(kept);
  }

  const FeatureChain& chain_;
  const std::vector<Features> prices_;
  std::vector<std::array<std::vector<double>, 2>> to_go_;  // by condition
  std::vector<double> costs_;                              // of one schedule, by condition
  std::size_t rank_ = 0;
  double lower_bound_ = 0;
  double best_known_ = kNever;
  bool exhausted_ = false;
};

// The crossing of the problem that has this codec.
Transfer at_the_link(const Problem& problem, const Transfer& bare) {
  Transfer transfer = bare;
  transfer.crossing = (bare.direction == Direction::up ? problem.uploads : problem.downloads)[bare.after];
  for (const Transfer& t : problem.alternatives) {
    if (t.after == bare.after && t.direction == bare.direction && t.crossing.codec == bare.crossing.codec) return t;
  }
  return transfer;
}

Status check_sample(std::span<const Conditions> sample, double probability) {
  if (sample.empty()) return fail(Errc::invalid_argument, "the sample of conditions is empty");
  if (!(probability > 0 && probability <= 1)) {
    return fail(Errc::invalid_argument, fmt::format("the risk must lie in (0, 1], is {}", probability));
  }
  const auto positive = [](double value) { return value > 0 && std::isfinite(value); };
  for (std::size_t i = 0; i < sample.size(); ++i) {
    const Conditions& c = sample[i];
    if (!positive(c.up.value) || !positive(c.down.value) || !positive(c.loads.device) || !positive(c.loads.cloud) ||
        !(c.rtt.count() >= 0) || !std::isfinite(c.rtt.count())) {
      return fail(Errc::invalid_argument,
                  fmt::format("conditions[{}]: rates and loads must be above 0, the round trip 0 or more", i));
    }
  }
  return {};
}

}  // namespace

Result<RiskPlan> solve_at_risk(const profile::CostTable& device, const profile::CostTable& cloud,
                               const link::Link& link, Objective objective, std::span<const Conditions> sample,
                               double probability, const ProblemOptions& options) {
  if (const Status s = check_sample(sample, probability); !s) return forward_error(s);
  if (options.constraints.limited()) {
    return fail(Errc::invalid_argument, "a percentile cannot be combined with limits: leave one of them out");
  }
  const auto problem = unloaded_problem_with_all_codecs(device, cloud, link, objective, options);
  if (!problem) return forward_error(problem);
  const auto at_link = problem_with_all_codecs(device, cloud, link, objective, options);
  if (!at_link) return forward_error(at_link);

  const auto start = std::chrono::steady_clock::now();
  const Radio radio = radio_of(device, link);
  const Weights weights = weights_of(*problem);
  const FeatureChain chain(*problem, radio);
  std::vector<Features> prices;
  prices.reserve(sample.size());
  for (const Conditions& conditions : sample) prices.push_back(unit_prices(radio, weights, conditions));

  RiskSearch search(chain, prices, probability);
  RiskPlan result{.plan = {}, .at_risk = kNever, .lower_bound = search.lower_bound()};
  Schedule best;
  const auto consider = [&](const std::vector<Partial>& partials, int end) {
    const double percentile = search.percentile(partials[end].features);
    if (!(percentile < result.at_risk)) return;
    result.at_risk = percentile;
    best = schedule_of(chain, partials, end);
    search.start_with(percentile);
  };
  for (const Features& p : prices) {
    std::vector<Partial> partials;
    const std::vector<int> ends = explore(chain, partials, [&p](std::vector<Partial>& found, Place, int) {
      if (found.empty()) return;
      found = {*std::ranges::min_element(found, {}, [&p](const Partial& x) { return dot(p, x.features); })};
    });
    if (!ends.empty()) consider(partials, ends.front());
  }
  std::vector<Partial> partials;
  if (const int end = search.find(partials); end >= 0) consider(partials, end);

  const bool found = !best.segments.empty();
  if (found) {
    for (Transfer& transfer : best.transfers) transfer = at_the_link(*at_link, transfer);
    result.plan = describe(*at_link, best.segments, best.transfers);
  } else {
    result.plan = describe(*at_link, {{.first = 1, .last = at_link->layers}});
    result.plan.feasible = false;
    result.plan.totals = {};
    result.plan.segments.clear();
    result.plan.transfers.clear();
  }
  result.plan.proven_optimal = !search.exhausted();
  if (result.plan.proven_optimal) result.lower_bound = result.at_risk;
  result.plan.lower_bound = result.lower_bound;
  result.plan.solver = "label";
  result.plan.solve_us = std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count();
  return result;
}

std::vector<Conditions> sample_around(const link::Link& link, const SampleOptions& options) {
  Random random(options.seed);
  const auto factor = [&] {  // Box and Muller's normal variate
    const double radius = std::sqrt(-2 * std::log(1 - random.uniform()));
    return std::exp(options.spread * radius * std::cos(2 * std::numbers::pi * random.uniform()));
  };
  std::vector<Conditions> sample;
  sample.reserve(options.size);
  for (int i = 0; i < options.size; ++i) {
    const double up = factor(), down = factor(), rtt = factor();
    sample.push_back({.up = link.up * up,
                      .down = link.down * down,
                      .rtt = link.rtt * rtt,
                      .loads = {.device = options.loads.device, .cloud = options.loads.cloud}});
  }
  return sample;
}

}  // namespace tandem::plan
