#include "group_prior.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace tandem::profile {
namespace {

// Milliseconds. What a call costs beside the layers: microseconds on any machine of today.
constexpr double kCall = 0.005;
constexpr double kCallDeviation = 0.005;
// Counters tell whole microseconds, and nothing of what takes less.
constexpr double kResolution = 0.001;
// All counters together: profiling takes time itself.
constexpr double kScaleDeviation = 0.03;
// Groups that touch about as much memory are wrong alike, since a cache is no step: so much relative to their means,
// for groups within a factor of e of each other.
constexpr double kSizeDeviation = 0.10;
constexpr double kSizeReach = 1.0;
constexpr int kWaves = 16;  // of a random function with that covariance (Rahimi and Recht 2007)
// What a group that about half fits finds in a cache depends on what else is kept there, too: so much of what all of it
// would save, alike for groups of about the same size.
constexpr double kFoundDeviation = 0.25;
constexpr double kFoundReach = 0.3;
// A cached byte saves a part of a block's time, never nearly all of it.
constexpr double kLargestSaving = 0.8;
// Of a saving by itself, and of what the block costs.
constexpr double kSavingDeviation = 0.12;
constexpr double kSavingOfInside = 0.06;
// A cut may undo what fusion costs, but leaves the most of a block: no more than this part of it is saved.
constexpr double kMostUndone = 0.15;
// What a cut changes at a block is uncertain even where the counters see no change: so much of the block itself.
constexpr double kEndsOfInside = 0.5;

double square(double x) {
  return x * x;
}

// A normal deviate for each x: those of two have the covariance deviation^2 exp(-1/2 ((x - y) / reach)^2), nearly.
class SmoothDeviate {
 public:
  SmoothDeviate(double deviation, double reach, Random& random) {
    for (Wave& wave : waves_) {
      wave = {normal(random) / reach, random.uniform(0.0, 2.0 * std::numbers::pi),
              deviation * std::sqrt(2.0 / kWaves) * normal(random)};
    }
  }

  double operator()(double x) const {
    double sum = 0.0;
    for (const Wave& wave : waves_) sum += wave.amplitude * std::cos(wave.frequency * x + wave.phase);
    return sum;
  }

 private:
  struct Wave {
    double frequency, phase, amplitude;
  };
  std::array<Wave, kWaves> waves_{};
};

}  // namespace

double normal(Random& random) {
  const double radius = std::sqrt(-2.0 * std::log(1.0 - random.uniform()));
  return radius * std::cos(2.0 * std::numbers::pi * random.uniform());
}

GroupPrior::GroupPrior(std::span<const BlockEstimate> blocks, const GroupModelParameters& parameters)
    : parameters_(parameters) {
  for (auto* list : {&inside_, &inside_variance_, &saving_, &saving_variance_, &weight_bytes_, &start_, &start_saving_,
                     &start_variance_, &end_, &end_saving_, &end_variance_, &input_bytes_, &output_bytes_}) {
    list->reserve(blocks.size() + 1);
    list->push_back(0.0);
  }
  const auto add = [](std::vector<double>& sums, double term) { sums.push_back(sums.back() + term); };
  double pairs = 0.0;
  for (const BlockEstimate& block : blocks) {
    const double inside = std::max(block.inside.count(), 0.0);
    const double saving = std::min(parameters.weights_ms_per_byte * block.weight_bytes, kLargestSaving * inside);
    add(inside_, inside);
    add(inside_variance_, square(parameters.inside * inside) + square(kResolution / 2));
    add(saving_, saving);
    add(saving_variance_, square(kSavingDeviation * saving) + square(kSavingOfInside * inside));
    add(weight_bytes_, block.weight_bytes);
    const double start = std::max(block.start.count(), -kMostUndone * inside);
    const double end = std::max(block.end.count(), -kMostUndone * inside);
    const auto end_of = [&](double cost, double bytes, std::vector<double>& costs, std::vector<double>& savings,
                            std::vector<double>& variances) {
      const double most = kLargestSaving * std::max(cost, 0.0);
      costs.push_back(cost);
      savings.push_back(std::min(parameters.tensor_ms_per_byte * bytes, most));
      variances.push_back(square(parameters.ends * cost) + square(parameters.ends * savings.back()) +
                          square(kEndsOfInside * parameters.inside * inside) + square(kResolution));
    };
    end_of(start, block.input_bytes, start_, start_saving_, start_variance_);
    end_of(end, block.output_bytes, end_, end_saving_, end_variance_);
    input_bytes_.push_back(block.input_bytes);
    output_bytes_.push_back(block.output_bytes);
    pairs += block.weight_bytes + block.input_bytes;
  }
  const double whole = touched({.first = 1, .last = size()});
  cached_by_whole_ = cached(whole);
  cached_by_pairs_ = cached(std::max(whole, pairs));

  const auto groups = static_cast<std::size_t>(size()) * (static_cast<std::size_t>(size()) + 1) / 2;
  mean_.reserve(groups);
  found_.reserve(groups);
  size_.reserve(groups);
  for (int last = 1; last <= size(); ++last) {
    double largest = 0.0;
    std::vector<double> tensors(static_cast<std::size_t>(last) + 1);
    for (int first = last; first >= 1; --first) {
      largest = std::max(largest, input_bytes_[first] + output_bytes_[first]);
      tensors[first] = largest + input_bytes_[first] + output_bytes_[last];
    }
    for (int first = 1; first <= last; ++first) {
      const double touches = weight_bytes_[last] - weight_bytes_[first - 1] + tensors[first];
      const double part = cached(touches);
      size_.push_back(std::log(std::max(touches, 1.0)));
      const Found found{.weights = part - cached_by_whole_,
                        .ends = part - cached_by_pairs_,
                        .uncertain = 4.0 * part * (1.0 - part) * (saving_[last] - saving_[first - 1])};
      const double ends = has_end({.first = first, .last = last}) ? 1.0 : 0.0;
      const double layers = inside_[last] - inside_[first - 1] + start_[first] + ends * end_[last] -
                            found.weights * (saving_[last] - saving_[first - 1]) -
                            found.ends * (start_saving_[first] + ends * end_saving_[last]);
      found_.push_back(found);
      mean_.push_back(kCall + std::max(layers, kResolution));
    }
  }
}

bool GroupPrior::has_end(BlockRange range) const {
  return inside_[range.last] - inside_[range.first - 1] > kResolution / 2;
}

double GroupPrior::cached(double touched_bytes) const {
  const double over = std::log(touched_bytes / parameters_.cache_bytes) / std::log(parameters_.cache_span);
  return 1.0 / (1.0 + std::exp(4.0 * over));
}

double GroupPrior::touched(BlockRange range) const {
  double largest = 0.0;
  for (int block = range.first; block <= range.last; ++block) {
    largest = std::max(largest, input_bytes_[block] + output_bytes_[block]);
  }
  return weight_bytes_[range.last] - weight_bytes_[range.first - 1] + largest + input_bytes_[range.first] +
         output_bytes_[range.last];
}

double GroupPrior::covariance(BlockRange a, BlockRange b) const {
  const double apart = size_[group_index(a)] - size_[group_index(b)];
  const double scale = square(kScaleDeviation) + square(kSizeDeviation) * std::exp(-0.5 * square(apart / kSizeReach));
  double sum = square(kCallDeviation) + scale * mean(a) * mean(b);
  const Found& found_a = found_[group_index(a)];
  const Found& found_b = found_[group_index(b)];
  sum += square(kFoundDeviation) * std::exp(-0.5 * square(apart / kFoundReach)) * found_a.uncertain * found_b.uncertain;
  const int first = std::max(a.first, b.first);
  const int last = std::min(a.last, b.last);
  if (first <= last) {
    sum += inside_variance_[last] - inside_variance_[first - 1];
    sum += found_a.weights * found_b.weights * (saving_variance_[last] - saving_variance_[first - 1]);
  }
  if (a.first == b.first) sum += start_variance_[a.first];
  if (a.last == b.last && has_end(a) && has_end(b)) sum += end_variance_[a.last];
  return sum;
}

double GroupPrior::own_variance(BlockRange range) const {
  return square(parameters_.own * mean(range)) + square(kResolution);
}

std::vector<double> GroupPrior::draw(Random& random) const {
  const int n = size();
  const auto step = [&random](const std::vector<double>& sums, int k) {
    return std::sqrt(sums[k] - sums[k - 1]) * normal(random);
  };
  std::vector<double> inside{0.0}, saving{0.0}, start{0.0}, end{0.0};
  for (auto* list : {&inside, &saving, &start, &end}) list->reserve(static_cast<std::size_t>(n) + 1);
  for (int k = 1; k <= n; ++k) {
    inside.push_back(inside.back() + step(inside_variance_, k));
    saving.push_back(saving.back() + step(saving_variance_, k));
    start.push_back(std::sqrt(start_variance_[k]) * normal(random));
    end.push_back(std::sqrt(end_variance_[k]) * normal(random));
  }
  const double call = kCallDeviation * normal(random);
  const double scale = kScaleDeviation * normal(random);
  const SmoothDeviate by_size(kSizeDeviation, kSizeReach, random);
  const SmoothDeviate by_found(kFoundDeviation, kFoundReach, random);
  std::vector<double> result;
  result.reserve(mean_.size());
  for (int last = 1; last <= n; ++last) {
    for (int first = 1; first <= last; ++first) {
      const BlockRange range{.first = first, .last = last};
      const double bytes = size_[group_index(range)];
      const Found& found = found_[group_index(range)];
      const double wrong = scale + by_size(bytes);
      const double ends = start[first] + (has_end(range) ? end[last] : 0.0);
      result.push_back(call + wrong * mean(range) + inside[last] - inside[first - 1] + ends +
                       found.weights * (saving[last] - saving[first - 1]) + by_found(bytes) * found.uncertain);
    }
  }
  return result;
}

}  // namespace tandem::profile
