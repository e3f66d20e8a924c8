#include "train.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "contexts.hpp"
#include "least_squares.hpp"
#include "margins.hpp"
#include "merge_contexts.hpp"
#include "predict.hpp"
#include "predicted.hpp"

namespace tandem::codec {
namespace {

constexpr std::size_t kSamples = 6000;   // places looked at for each channel
constexpr std::size_t kCandidates = 24;  // references looked at closely for each channel
constexpr double kManyZeros = 0.03;      // share of code 0 from which it is worth a symbol of its own

using Examples = std::span<const std::vector<std::uint8_t>>;

struct Place {
  std::size_t example;
  std::size_t y;
  std::size_t x;
};

// Fits one channel after the other at the same places of the same examples.
class Fitter {
 public:
  Fitter(Examples examples, const PlaneShape& shape, unsigned levels) : shape_(shape), scale_(levels) {
    const std::size_t all = examples.size() * shape.plane();
    const std::size_t step = std::max(std::size_t{1}, all / kSamples);
    for (std::size_t i = 0; i < all; i += step) {
      const std::size_t within = i % shape.plane();
      places_.push_back({i / shape.plane(), within / shape.width, within % shape.width});
    }
    for (std::size_t c = 0; c < shape.channels; ++c) means_.push_back(mean_of(examples, c));
    for (const auto& codes : examples) {
      MarginPlanes& values = values_.emplace_back(shape);
      for (std::size_t c = 0; c < shape.channels; ++c) {
        for (std::size_t y = 0; y < shape.height; ++y) {
          find_values(std::span(codes).subspan((c * shape.height + y) * shape.width, shape.width), means_[c], scale_,
                      values.row(c, y));
        }
      }
    }
    for (std::size_t c = 0; c < shape.channels; ++c) {
      std::vector<float> missed;
      fit(c, {}, &missed);
      own_errors_.push_back(std::move(missed));
    }
  }

  [[nodiscard]] ChannelModel channel(std::size_t c, std::size_t most_references) const {
    std::vector<std::uint16_t> references;
    std::vector<float> missed = own_errors_[c];
    const auto candidates = most_alike(c, missed, std::min(c, first_unusable_reference(shape_, c)), kCandidates);
    while (references.size() < std::min(most_references, candidates.size())) {
      double best = 0;
      std::uint16_t next = 0;
      for (const std::uint16_t candidate : candidates) {
        if (std::ranges::find(references, candidate) != references.end()) continue;
        const double gain = explained(missed, own_errors_[candidate]);
        if (gain > best) {
          best = gain;
          next = candidate;
        }
      }
      if (best <= 0) break;
      references.push_back(next);
      fit(c, references, &missed);
    }
    const std::vector<double> solution = fit(c, references, &missed);
    ChannelModel model{.mean = means_[c]};
    for (std::size_t i = 0; i < kOwnTaps; ++i) model.own[i] = coefficient(solution[i]);
    for (std::size_t r = 0; r < references.size(); ++r) {
      Reference& reference = model.references.emplace_back();
      reference.channel = references[r];
      for (std::size_t i = 0; i < kReferenceTaps; ++i) {
        reference.taps[i] = coefficient(solution[kOwnTaps + r * kReferenceTaps + i]);
      }
    }
    double sum = 0;
    for (const float error : missed) sum += std::fabs(error);
    model.activity = static_cast<std::uint16_t>(
        std::clamp(std::lround(sum / static_cast<double>(missed.size())), 1L, static_cast<long>(kMostActivity)));
    return model;
  }

 private:
  static std::int16_t coefficient(double value) {
    return static_cast<std::int16_t>(std::clamp(std::lround(value * kUnit), -32767L, 32767L));
  }

  [[nodiscard]] std::int16_t mean_of(Examples examples, std::size_t c) const {
    std::uint64_t sum = 0;
    for (const auto& codes : examples) {
      const auto plane = std::span(codes).subspan(c * shape_.plane(), shape_.plane());
      sum += std::accumulate(plane.begin(), plane.end(), std::uint64_t{0});
    }
    const auto count = static_cast<double>(examples.size() * shape_.plane());
    return static_cast<std::int16_t>(std::lround(static_cast<double>(sum << scale_.shift) / count));
  }

  void features(const Place& place, std::size_t c, std::span<const std::uint16_t> references, float* out) const {
    const MarginPlanes& values = values_[place.example];
    const std::int16_t* own = values.row(c, place.y) + place.x;
    for (const auto& [down, right] : kOwnPlaces) *out++ = own[values.distance(down, right)];
    for (const std::uint16_t reference : references) {
      const std::int16_t* other = values.row(reference, place.y) + place.x;
      for (const auto& [down, right] : kReferencePlaces) *out++ = other[values.distance(down, right)];
    }
  }

  std::vector<double> fit(std::size_t c, std::span<const std::uint16_t> references, std::vector<float>* missed) const {
    const std::size_t unknowns = kOwnTaps + references.size() * kReferenceTaps;
    std::array<float, kOwnTaps + kMostReferences * kReferenceTaps> row{};
    LeastSquares squares(unknowns);
    const auto target = [&](const Place& place) {
      return static_cast<float>(values_[place.example].row(c, place.y)[place.x]);
    };
    for (const Place& place : places_) {
      features(place, c, references, row.data());
      squares.add(std::span(row).first(unknowns), target(place));
    }
    const std::vector<double> solution = squares.solve();
    missed->clear();
    for (const Place& place : places_) {
      features(place, c, references, row.data());
      double error = target(place);
      for (std::size_t i = 0; i < unknowns; ++i) error -= solution[i] * row[i];
      missed->push_back(static_cast<float>(error));
    }
    return solution;
  }

  // By how much the other's errors reduce the sum of squares.
  static double explained(const std::vector<float>& errors, const std::vector<float>& others) {
    float product = 0;
    float square = 1;
    for (std::size_t i = 0; i < errors.size(); ++i) {
      product += errors[i] * others[i];
      square += others[i] * others[i];
    }
    return static_cast<double>(product) * product / square;
  }

  [[nodiscard]] std::vector<std::uint16_t> most_alike(std::size_t c, const std::vector<float>& errors,
                                                      std::size_t usable, std::size_t count) const {
    (void)c;
    std::vector<std::pair<double, std::uint16_t>> ranked;
    ranked.reserve(usable);
    for (std::size_t other = 0; other < usable; ++other) {
      ranked.emplace_back(explained(errors, own_errors_[other]), static_cast<std::uint16_t>(other));
    }
    std::ranges::sort(ranked, std::greater<>());
    std::vector<std::uint16_t> best;
    for (std::size_t i = 0; i < std::min(count, ranked.size()); ++i) best.push_back(ranked[i].second);
    return best;
  }

  PlaneShape shape_;
  Scale scale_;
  std::vector<Place> places_;
  std::vector<std::int16_t> means_;
  std::vector<MarginPlanes> values_;            // of each example
  std::vector<std::vector<float>> own_errors_;  // of each channel at each place, predicted from itself
};

std::int16_t activity_weight(double value) {
  return static_cast<std::int16_t>(
      std::clamp(std::lround(value * (1 << kActivityBits)), 0L, static_cast<long>(4 << kActivityBits)));
}

// What errors to expect from the errors around.
ActivityModel fit_activity(Examples examples, const PlaneShape& shape, unsigned levels, const Model& model) {
  constexpr std::size_t kOwn = 4;
  constexpr std::size_t kExamples = 12;
  LeastSquares squares(kOwn + 2);
  const Scale scale(levels);
  std::vector<std::int32_t> sums(run_length(shape, 1) + kSlack);
  for (const auto& codes : examples.first(std::min(examples.size(), kExamples))) {
    MarginPlanes values(shape);
    MarginPlanes errors(shape);
    Taps taps;
    for (std::size_t c = 0; c < shape.channels; ++c) {
      const ChannelModel& its = model.channels[c];
      std::ranges::fill(errors.above(c), static_cast<std::int16_t>(its.activity));
      for (std::size_t y = 0; y < shape.height; ++y) {
        find_values(std::span(codes).subspan((c * shape.height + y) * shape.width, shape.width), its.mean, scale,
                    values.row(c, y));
      }
      const float weight = 1.0F / (static_cast<float>(its.activity) * static_cast<float>(its.activity) + 50.0F);
      taps.clear();
      add_own(its, values, c, taps);
      add_references(its, values, taps);
      for (std::size_t y = 0; y < shape.height; ++y) {
        sum_run(taps, y * values.pitch(), prediction_offset(its), sums);
        find_errors({.channel = c, .first = y, .count = 1}, shape, its, scale, values, sums, errors);
        const std::int16_t* const error = errors.row(c, y);
        for (std::size_t x = 0; x < shape.width; ++x) {
          std::array<float, kOwn + 2> features{};
          float around = 0;
          for (std::size_t i = 0; i < kOwn; ++i) {
            features[i] = error[errors.distance(kOwnPlaces[i][0], kOwnPlaces[i][1]) + static_cast<std::ptrdiff_t>(x)];
            around += features[i] / kOwn;
          }
          float others = 0;
          for (const Reference& reference : its.references) others += errors.row(reference.channel, y)[x];
          features[kOwn] = its.references.empty() ? around : others / static_cast<float>(its.references.size());
          features[kOwn + 1] = its.activity;
          squares.add(features, error[x], weight);
        }
      }
    }
  }
  const std::vector<double> solution = squares.solve();
  ActivityModel activity;
  for (std::size_t i = 0; i < kOwn; ++i) activity.own[i] = activity_weight(solution[i]);
  for (std::size_t n = 0; n <= kMostReferences; ++n) {
    activity.reference[n] = n == 0 ? std::int16_t{0} : activity_weight(solution[kOwn] / static_cast<double>(n));
    activity.channel[n] = activity_weight(solution[kOwn + 1] + (n == 0 ? solution[kOwn] : 0.0));
  }
  return activity;
}

}  // namespace

Model train(Examples examples, const PlaneShape& shape, unsigned levels, const TrainOptions& options) {
  Model model;
  std::size_t zeros = 0;
  for (const auto& codes : examples) zeros += static_cast<std::size_t>(std::ranges::count(codes, std::uint8_t{0}));
  model.zero_symbol = static_cast<double>(zeros) > kManyZeros * static_cast<double>(examples.size() * shape.size());
  {
    const Fitter fitter(examples, shape, levels);
    for (std::size_t c = 0; c < shape.channels; ++c) model.channels.push_back(fitter.channel(c, options.references));
  }
  model.activity = fit_activity(examples, shape, levels, model);
  ContextCounts counts(levels);
  for (const auto& codes : examples) {
    const Symbols symbols = find_symbols(codes, shape, levels, model);
    for (std::size_t i = 0; i < symbols.symbols.size(); ++i) counts.add(symbols.contexts[i], symbols.symbols[i]);
  }
  merge_contexts(counts, options.tables, model);
  return model;
}

}  // namespace tandem::codec
