#include "tandem/profile/group_model.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>

#include "cholesky.hpp"
#include "group_prior.hpp"

namespace tandem::profile {
namespace {

// Predictions are never below this part of what the counters say.
constexpr double kFloor = 0.05;
// How far a parameter may be from what it is mostly, as a factor: a deviate of its logarithm.
constexpr double kParameterDeviation = 1.0;
constexpr int kSweeps = 3;
// The standard error's calibration by leaving out counts like so many measurements that show it to be right.
constexpr double kCalibrationPrior = 8.0;
constexpr double kLeastCalibration = 0.5;
// A group that is compiled again takes so much more or less, relative to what it takes: where its tensors happen to lie
// in memory, and what else the machine does in that minute. No measurement of others tells it.
constexpr double kScatter = 0.0125;
// Errors of groups that take less than this part of the whole network count as if it took so much.
constexpr double kLeastShare = 0.01;
constexpr double kOneDeviation = 0.683;  // of normal deviates lie within one standard deviation

double square(double x) {
  return x * x;
}

double variance_of(const MeasuredGroup& group) {
  return square(group.std.count());
}

// The measurements under a prior: deviations from its means, and their covariance.
struct Posterior {
  Cholesky factor;
  std::vector<double> deviations;
  bool valid = true;

  Posterior(const GroupPrior& prior, std::span<const MeasuredGroup> measured) {
    std::vector<double> row;
    for (std::size_t i = 0; i < measured.size(); ++i) {
      const BlockRange range = measured[i].range;
      row.clear();
      for (std::size_t k = 0; k < i; ++k) {
        row.push_back(prior.covariance(range, measured[k].range) +
                      (range == measured[k].range ? prior.own_variance(range) : 0.0));
      }
      row.push_back(prior.covariance(range, range) + prior.own_variance(range) + variance_of(measured[i]));
      valid = valid && factor.add(row);
      if (!valid) return;
      deviations.push_back(measured[i].latency.count() - prior.mean(range));
    }
  }

  [[nodiscard]] double log_likelihood() const {
    if (!valid) return -std::numeric_limits<double>::infinity();
    const std::vector<double> z = factor.forward(deviations);
    return -0.5 * std::inner_product(z.begin(), z.end(), z.begin(), 0.0) - factor.log_determinant();
  }
};

double log_prior(const GroupModelParameters& parameters) {
  const GroupModelParameters usual;
  const auto far = [](double value, double expected) {
    return square(std::log(value / expected) / kParameterDeviation);
  };
  return -0.5 *
         (far(parameters.inside, usual.inside) + far(parameters.ends, usual.ends) + far(parameters.own, usual.own));
}

// Coordinate ascent over a few values of each; those that mean little without each other together.
GroupModelParameters most_likely(std::span<const BlockEstimate> blocks, std::span<const MeasuredGroup> measured) {
  constexpr std::array kInside = {0.015, 0.03, 0.06, 0.12};
  constexpr std::array kEnds = {0.1, 0.2, 0.4, 0.6};
  constexpr std::array kOwn = {0.0075, 0.015, 0.03, 0.06, 0.12};
  constexpr std::array kCacheBytes = {0.5e6, 1e6,  2e6,  4e6,  8e6,  11e6, 16e6, 19e6,
                                      23e6,  27e6, 32e6, 38e6, 45e6, 64e6, 90e6, 128e6};
  constexpr std::array kCacheSpan = {2.0, 8.0, 64.0};
  constexpr std::array kSavings = {0.0,     0.01e-6, 0.02e-6, 0.04e-6, 0.06e-6,
                                   0.08e-6, 0.12e-6, 0.16e-6, 0.24e-6, 0.32e-6};

  GroupModelParameters best;
  double best_score = -std::numeric_limits<double>::infinity();
  const auto consider = [&](const GroupModelParameters& candidate) {
    const Posterior posterior(GroupPrior(blocks, candidate), measured);
    const double score = posterior.log_likelihood() + log_prior(candidate);
    if (score <= best_score) return;
    best_score = score;
    best = candidate;
  };
  consider(best);
  if (measured.size() < 3) return best;

  for (int sweep = 0; sweep < kSweeps; ++sweep) {
    const double before = best_score;
    GroupModelParameters candidate = best;
    for (const double bytes : kCacheBytes) {
      for (const double span : kCacheSpan) {
        candidate.cache_bytes = bytes;
        candidate.cache_span = span;
        consider(candidate);
      }
    }
    const auto try_all = [&](double GroupModelParameters::* parameter, const auto& values) {
      candidate = best;
      for (const double value : values) {
        candidate.*parameter = value;
        consider(candidate);
      }
    };
    try_all(&GroupModelParameters::weights_ms_per_byte, kSavings);
    try_all(&GroupModelParameters::tensor_ms_per_byte, kSavings);
    try_all(&GroupModelParameters::inside, kInside);
    try_all(&GroupModelParameters::ends, kEnds);
    try_all(&GroupModelParameters::own, kOwn);
    if (best_score - before < 1e-3) break;
  }
  return best;
}

// Standard errors are right where 68 % of the measurements, each predicted from the others, lie within one.
double calibration_of(const Posterior& posterior) {
  const std::size_t count = posterior.deviations.size();
  if (count < 4) return 1.0;
  const std::vector<double> solved = posterior.factor.solve(posterior.deviations);
  std::vector<double> scores;
  scores.reserve(count);
  std::vector<double> unit(count, 0.0);
  for (std::size_t i = 0; i < count; ++i) {
    unit[i] = 1.0;
    const std::vector<double> column = posterior.factor.forward(unit);
    unit[i] = 0.0;
    const double precision = std::inner_product(column.begin(), column.end(), column.begin(), 0.0);
    scores.push_back(std::abs(solved[i]) / std::sqrt(precision));
  }
  std::ranges::sort(scores);
  const double within = scores[static_cast<std::size_t>(kOneDeviation * static_cast<double>(count - 1))];
  const auto trust = static_cast<double>(count);
  return std::max(kLeastCalibration, (kCalibrationPrior + trust * within) / (kCalibrationPrior + trust));
}

}  // namespace

struct GroupModel::Data {
  std::vector<BlockEstimate> blocks;
  std::vector<MeasuredGroup> measured;
  GroupModelParameters parameters;
  GroupPrior prior;
  Posterior posterior;
  std::vector<double> solved;  // covariance^-1 deviations
  double calibration;

  Data(std::vector<BlockEstimate> of, std::vector<MeasuredGroup> groups)
      : blocks(std::move(of)),
        measured(std::move(groups)),
        parameters(most_likely(blocks, measured)),
        prior(blocks, parameters),
        posterior(prior, measured),
        solved(posterior.factor.solve(posterior.deviations)),
        calibration(calibration_of(posterior)) {}

  // With what was measured.
  [[nodiscard]] std::vector<double> covariances(BlockRange range) const {
    std::vector<double> row;
    row.reserve(measured.size());
    for (const MeasuredGroup& group : measured) {
      row.push_back(prior.covariance(range, group.range) + (range == group.range ? prior.own_variance(range) : 0.0));
    }
    return row;
  }
};

GroupModel::GroupModel(std::vector<BlockEstimate> blocks, std::vector<MeasuredGroup> measured)
    : data_(std::make_shared<const Data>(std::move(blocks), std::move(measured))) {}

int GroupModel::size() const {
  return data_->prior.size();
}
const GroupModelParameters& GroupModel::parameters() const {
  return data_->parameters;
}
double GroupModel::calibration() const {
  return data_->calibration;
}

Cost GroupModel::predict(BlockRange range) const {
  const std::vector<double> shared = data_->covariances(range);
  const double prior = data_->prior.mean(range);
  const double mean = prior + std::inner_product(shared.begin(), shared.end(), data_->solved.begin(), 0.0);
  const std::vector<double> known = data_->posterior.factor.forward(shared);
  const double variance = data_->prior.covariance(range, range) + data_->prior.own_variance(range) -
                          std::inner_product(known.begin(), known.end(), known.begin(), 0.0);
  const double latency = std::max(mean, kFloor * prior);
  return {.latency = Milliseconds{latency},
          .std = Milliseconds{std::hypot(data_->calibration * std::sqrt(std::max(variance, 0.0)), kScatter * latency)},
          .predicted = true};
}

// Matheron's rule: a draw of everything under the prior, moved by what it gets wrong where it was measured.
std::vector<Milliseconds> GroupModel::draw(Random& random) const {
  std::vector<double> deviates = data_->prior.draw(random);
  for (int last = 1; last <= size(); ++last) {
    for (int first = 1; first <= last; ++first) {
      const BlockRange range{.first = first, .last = last};
      deviates[group_index(range)] += std::sqrt(data_->prior.own_variance(range)) * normal(random);
    }
  }
  std::vector<double> wrong = data_->posterior.deviations;
  for (std::size_t i = 0; i < wrong.size(); ++i) {
    const MeasuredGroup& group = data_->measured[i];
    wrong[i] -= deviates[group_index(group.range)] + group.std.count() * normal(random);
  }
  const std::vector<double> correction = data_->posterior.factor.solve(wrong);
  std::vector<Milliseconds> latencies(deviates.size());
  for (int last = 1; last <= size(); ++last) {
    for (int first = 1; first <= last; ++first) {
      const BlockRange range{.first = first, .last = last};
      const std::vector<double> shared = data_->covariances(range);
      const double mean = data_->prior.mean(range);
      const double drawn = mean + deviates[group_index(range)] +
                           std::inner_product(shared.begin(), shared.end(), correction.begin(), 0.0);
      latencies[group_index(range)] = Milliseconds{std::max(drawn, kFloor * mean)};
    }
  }
  return latencies;
}

std::vector<BlockRange> GroupModel::most_informative(std::span<const BlockRange> candidates,
                                                     std::span<const WeightedGroup> targets, int count) const {
  const auto& prior = data_->prior;
  // L^-1 k of each: two groups' covariance given the measurements is their prior one less the product of these.
  struct Known {
    BlockRange range;
    std::vector<double> by;
    double scale;  // of a target: a variance so much less makes the relative standard error about one less
  };
  const Milliseconds least = kLeastShare * predict({.first = 1, .last = size()}).latency;
  const auto known = [&](BlockRange range, double weight) {
    const Cost now = predict(range);
    return Known{range, data_->posterior.factor.forward(data_->covariances(range)),
                 weight / (2 * now.std.count() * std::max(now.latency, least).count())};
  };
  std::vector<Known> choices, aims;
  choices.reserve(candidates.size());
  aims.reserve(targets.size());
  for (const BlockRange range : candidates) choices.push_back(known(range, 0.0));
  for (const WeightedGroup& target : targets) aims.push_back(known(target.range, target.weight));
  const auto covariance = [&](const Known& a, const Known& b) {
    return prior.covariance(a.range, b.range) + (a.range == b.range ? prior.own_variance(a.range) : 0.0) -
           std::inner_product(a.by.begin(), a.by.end(), b.by.begin(), 0.0);
  };

  std::vector<BlockRange> result;
  while (static_cast<int>(result.size()) < count && !choices.empty()) {
    std::size_t best = 0;
    double best_gain = -1.0;
    for (std::size_t i = 0; i < choices.size(); ++i) {
      // As noisy as its like were.
      const double variance = covariance(choices[i], choices[i]) + prior.own_variance(choices[i].range) / 4;
      double gain = 0.0;
      for (const Known& aim : aims) gain += aim.scale * square(covariance(choices[i], aim)) / variance;
      if (gain <= best_gain) continue;
      best_gain = gain;
      best = i;
    }
    const Known chosen = choices[best];
    choices.erase(choices.begin() + static_cast<std::ptrdiff_t>(best));
    result.push_back(chosen.range);
    const double deviation =
        std::sqrt(std::max(covariance(chosen, chosen) + prior.own_variance(chosen.range) / 4, 1e-30));
    for (auto* list : {&choices, &aims}) {
      for (Known& other : *list) other.by.push_back(covariance(chosen, other) / deviation);
    }
    // `by` of the chosen stays as it was: it is compared with nothing any more.
  }
  return result;
}

}  // namespace tandem::profile
