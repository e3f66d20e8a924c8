#include "fit.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "contexts.hpp"
#include "margins.hpp"
#include "predict.hpp"
#include "products.hpp"
#include "solve.hpp"

namespace tandem::codec {
namespace {

// About as many places are looked at for each channel, so many of them in a row: more where there are few levels, since
// coding those leaves more time.
constexpr std::size_t kSamples = 768;
constexpr std::size_t kSamplesOfFewLevels = 1024;
constexpr std::size_t kRun = 16;
constexpr std::size_t kMostOfManyLevels = 3;  // references
constexpr std::size_t kPlaneForReferences =
    300;                                     // codes in a channel from which references are worth their coefficients
constexpr std::size_t kMostCandidates = 96;  // channels before that are looked at as references
constexpr std::ptrdiff_t kCloseLook = 20;    // of those, after the first was chosen
constexpr int kDropped = 2;                  // low bits of values, so that sums of products fit 32 bits
constexpr double kBitsOfCoefficient = 7;
constexpr int kMostMissed = 1400;  // so that squares of errors fit, too

// All places that a filter may look at: the code itself, kOwnPlaces, and below and right for references.
constexpr std::size_t kPlaces = 9;
constexpr std::array<std::array<int, 2>, kPlaces> kAround{
    {{0, 0}, {0, -1}, {-1, 0}, {-1, -1}, {-1, 1}, {0, -2}, {-2, 0}, {1, 0}, {0, 1}}};
constexpr std::array<std::size_t, kReferenceTaps> kOfReference{0, 2, 7, 1, 8};  // of kReferencePlaces in kAround

// Runs of places of one channel, less the mean and the dropped bits; all places of small planes.
struct Sampled {
  std::array<std::int16_t*, kPlaces> around;
  std::int16_t* missed;  // by the own filter
  std::int32_t square;   // of that
  double inverse_square;
};

// A channel that may become a reference: its product with what is left to explain, and how much of that it explains.
struct Candidate {
  std::uint16_t channel = 0;
  std::int32_t product = 0;
  double explains = 0;
};

std::int16_t coefficient(double value) {
  constexpr int kMost = (1 << (kFilterBits - 1)) - 1;
  const long steps = std::lround(value * kUnit / kFilterStep);
  return static_cast<std::int16_t>(std::clamp(steps, static_cast<long>(-kMost), static_cast<long>(kMost)) *
                                   kFilterStep);
}

class Fit {
 public:
  Fit(std::span<const std::uint8_t> codes, const PlaneShape& shape, unsigned levels)
      : codes_(codes),
        shape_(shape),
        levels_(levels),
        scale_(levels),
        run_(shape.plane() <= samples() ? shape.width : std::min(shape.width, kRun)),
        runs_(std::min(shape.height * (shape.width / run_), (samples() + run_ - 1) / run_)),
        count_(runs_ * run_),
        padded_((count_ + kProductStep - 1) / kProductStep * kProductStep),
        storage_((shape.channels + 1) * (kPlaces + 1) * padded_),
        plane_({.channels = 1, .height = shape.height, .width = shape.width}),
        sums_(padded_ + kSlack),
        sampled_(shape.channels) {
    std::int16_t* next = storage_.data();
    for (Sampled& sampled : sampled_) {
      for (std::int16_t*& row : sampled.around) row = std::exchange(next, next + padded_);
      sampled.missed = std::exchange(next, next + padded_);
    }
    after_ = std::exchange(next, next + padded_);
    left_ = next;
  }

  FittedFilters run() {
    FittedFilters fitted{.shared = {},
                         .channels = std::vector<ChannelModel>(shape_.channels),
                         .own = std::vector<bool>(shape_.channels, false)};
    NormalEquations<kOwnTaps> pooled;
    std::vector<NormalEquations<kOwnTaps>> equations(shape_.channels);
    for (std::size_t c = 0; c < shape_.channels; ++c) {
      fitted.channels[c].mean = coarse_mean(mean_of(c), levels_);
      take_sample(c, fitted.channels[c].mean);
      const auto& around = sampled_[c].around;
      for (std::size_t i = 0; i < kOwnTaps; ++i) {
        equations[c].target[i] = product(around[0], around[i + 1]);
        for (std::size_t k = 0; k <= i; ++k) equations[c].products[i][k] = product(around[i + 1], around[k + 1]);
      }
      // Channels count alike, whatever their scale.
      pooled.add(equations[c], 1.0 / (1.0 + product(around[0], around[0])));
    }
    const auto shared = pooled.solve(1e-4);
    for (std::size_t i = 0; i < kOwnTaps; ++i) fitted.shared[i] = coefficient(shared[i]);
    for (std::size_t c = 0; c < shape_.channels; ++c) fit_channel(c, equations[c], fitted);
    return fitted;
  }

 private:
  [[nodiscard]] std::int32_t product(const std::int16_t* a, const std::int16_t* b) const {
    return sum_of_products(a, b, padded_);
  }

  [[nodiscard]] std::size_t most_references() const {
    return levels_ <= kFewLevels ? kMostFittedReferences : kMostOfManyLevels;
  }
  [[nodiscard]] std::size_t samples() const { return levels_ <= kFewLevels ? kSamplesOfFewLevels : kSamples; }

  struct Place {
    std::size_t y;
    std::size_t x;
  };
  // Where a run of sampled places begins: rows at even distances, columns all over.
  [[nodiscard]] Place run(std::size_t i) const {
    constexpr std::size_t kStride = 7;
    return {.y = i * shape_.height / runs_, .x = i * kStride % (shape_.width / run_) * run_};
  }

  [[nodiscard]] int mean_of(std::size_t c) const {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < runs_; ++i) {
      const auto [y, x] = run(i);
      const auto row = codes_.subspan((c * shape_.height + y) * shape_.width + x, run_);
      sum = std::accumulate(row.begin(), row.end(), sum);
    }
    return static_cast<int>((sum << scale_.shift) / count_);
  }

  void take_sample(std::size_t c, int mean) {
    for (std::size_t y = 0; y < shape_.height; ++y) {
      const std::uint8_t* const code = codes_.data() + (c * shape_.height + y) * shape_.width;
      std::int16_t* const row = plane_.row(0, y);
      for (std::size_t x = 0; x < shape_.width; ++x) {
        row[x] = static_cast<std::int16_t>(((code[x] << scale_.shift) - mean) >> kDropped);
      }
    }
    for (std::size_t i = 0; i < runs_; ++i) {
      const auto [y, x] = run(i);
      const std::int16_t* const row = plane_.row(0, y) + x;
      for (std::size_t k = 0; k < kPlaces; ++k) {
        const std::int16_t* const from = row + plane_.distance(kAround[k][0], kAround[k][1]);
        std::copy_n(from, run_, sampled_[c].around[k] + i * run_);
      }
    }
  }

  // The errors of a model's prediction at the sampled places.
  void miss(std::size_t c, std::span<const std::int16_t> own, std::span<const Reference> references,
            std::int16_t* missed) {
    const auto& around = sampled_[c].around;
    taps_.clear();
    for (std::size_t k = 0; k < kOwnTaps; ++k) taps_.add(around[k + 1], own[k]);
    for (const Reference& reference : references) {
      for (std::size_t k = 0; k < kReferenceTaps; ++k) {
        taps_.add(sampled_[reference.channel].around[kOfReference[k]], reference.taps[k]);
      }
    }
    sum_run(taps_, 0, 0, std::span(sums_).first(count_ + kSlack));
    for (std::size_t i = 0; i < count_; ++i) {
      missed[i] = static_cast<std::int16_t>(
          std::clamp(around[0][i] - (sums_[i] >> kCoefficientBits), -kMostMissed, kMostMissed));
    }
  }

  void fit_channel(std::size_t c, const NormalEquations<kOwnTaps>& equations, FittedFilters& fitted) {
    ChannelModel& its = fitted.channels[c];
    Sampled& sampled = sampled_[c];
    its.own = fitted.shared;
    const auto solution = equations.solve(1e-3);
    std::array<std::int16_t, kOwnTaps> own;
    for (std::size_t i = 0; i < kOwnTaps; ++i) own[i] = coefficient(solution[i]);
    if (gain(square_with(c, equations, its.own), square_with(c, equations, own)) > kOwnTaps * kBitsOfCoefficient) {
      its.own = own;
      fitted.own[c] = true;
    }
    miss(c, its.own, {}, sampled.missed);
    sampled.square = product(sampled.missed, sampled.missed);
    sampled.inverse_square = 1.0 / std::max(1, sampled.square);
    const std::int16_t* missed = sampled.missed;
    if (shape_.plane() >= kPlaneForReferences && add_references(c, fitted)) missed = after_;
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < count_; ++i) sum += static_cast<std::uint32_t>(std::abs(missed[i]));
    its.activity = coarse_activity(static_cast<int>((sum << kDropped) / count_));
  }

  // What a filter leaves of the square, without a look at the places.
  [[nodiscard]] std::int32_t square_with(std::size_t c, const NormalEquations<kOwnTaps>& equations,
                                         std::span<const std::int16_t> own) const {
    const auto& around = sampled_[c].around;
    double square = product(around[0], around[0]);
    for (std::size_t i = 0; i < kOwnTaps; ++i) {
      const double tap = static_cast<double>(own[i]) / kUnit;
      square -= 2 * tap * equations.target[i];
      for (std::size_t k = 0; k <= i; ++k) {
        square += (k == i ? 1 : 2) * tap * static_cast<double>(own[k]) / kUnit * equations.products[i][k];
      }
    }
    return static_cast<std::int32_t>(std::clamp(square, 0.0, 2147483647.0));
  }

  // Bits that a filter saves which leaves `after` of the square `before`; less certain where few places were looked at.
  [[nodiscard]] double gain(std::int32_t before, std::int32_t after) const {
    // Errors below half a code cost no less for being smaller.
    const double floor = static_cast<double>(count_) * (1 << (2 * (scale_.shift - kDropped))) / 12.0;
    return static_cast<double>(shape_.plane()) / 2 * std::log2((before + floor) / (after + floor));
  }

  // Whether there are any now; `after_` is then what the model with them misses.
  bool add_references(std::size_t c, FittedFilters& fitted) {
    ChannelModel& its = fitted.channels[c];
    const std::size_t usable = first_unusable_reference(shape_, c);
    const std::size_t begin = usable > kMostCandidates ? usable - kMostCandidates : 0;
    std::vector<std::uint16_t> references;
    std::copy_n(sampled_[c].missed, padded_, left_);
    std::int32_t now = sampled_[c].square;
    candidates_.clear();
    for (std::size_t other = begin; other < usable; ++other) {
      if (sampled_[other].square > 0) candidates_.push_back({.channel = static_cast<std::uint16_t>(other)});
    }
    while (references.size() < std::min(most_references(), candidates_.size())) {
      for (Candidate& one : candidates_) {
        one.product = product(left_, sampled_[one.channel].missed);
        const auto both = static_cast<double>(one.product);
        one.explains = both * both * sampled_[one.channel].inverse_square;
      }
      // Who explains little now will not explain most of what is left.
      if (candidates_.size() > kCloseLook) {
        std::ranges::nth_element(candidates_, candidates_.begin() + kCloseLook, std::greater<>(), &Candidate::explains);
        candidates_.resize(kCloseLook);
      }
      const auto [next, best_product, best] = *std::ranges::max_element(candidates_, {}, &Candidate::explains);
      if (gain(now, now - static_cast<std::int32_t>(best)) < kReferenceTaps * kBitsOfCoefficient + 10) break;
      references.push_back(next);
      std::erase_if(candidates_, [&](const Candidate& one) { return one.channel == references.back(); });
      // What that reference's own surprises explain is taken away before the next is looked for.
      const auto factor =
          static_cast<std::int32_t>(std::lround(kUnit * static_cast<double>(best_product) / sampled_[next].square));
      const std::int16_t* const surprise = sampled_[next].missed;
      for (std::size_t i = 0; i < count_; ++i) {
        left_[i] = static_cast<std::int16_t>(
            std::clamp(left_[i] - (factor * surprise[i] >> kCoefficientBits), -kMostMissed, kMostMissed));
      }
      now = product(left_, left_);
    }
    if (references.empty()) return false;
    ChannelModel with = its;
    solve_with(c, references, with);
    miss(c, with.own, with.references, after_);
    const double cost =
        (static_cast<double>(references.size()) * (kReferenceTaps + 1) + (fitted.own[c] ? 0 : kOwnTaps)) *
        kBitsOfCoefficient;
    if (gain(sampled_[c].square, product(after_, after_)) <= cost) return false;
    its = std::move(with);
    fitted.own[c] = true;
    return true;
  }

  void solve_with(std::size_t c, std::span<const std::uint16_t> references, ChannelModel& model) const {
    constexpr std::size_t kMost = kOwnTaps + kMostFittedReferences * kReferenceTaps;
    std::array<const std::int16_t*, kMost> features{};
    std::size_t count = 0;
    for (std::size_t i = 0; i < kOwnTaps; ++i) features[count++] = sampled_[c].around[i + 1];
    for (const std::uint16_t reference : references) {
      for (const std::size_t place : kOfReference) features[count++] = sampled_[reference].around[place];
    }
    NormalEquations<kMost> equations;
    for (std::size_t i = 0; i < count; ++i) {
      equations.target[i] = product(sampled_[c].around[0], features[i]);
      for (std::size_t k = 0; k <= i; ++k) equations.products[i][k] = product(features[i], features[k]);
    }
    const auto solution = equations.solve(2e-3, count);
    for (std::size_t i = 0; i < kOwnTaps; ++i) model.own[i] = coefficient(solution[i]);
    model.references.clear();
    for (std::size_t r = 0; r < references.size(); ++r) {
      Reference& reference = model.references.emplace_back();
      reference.channel = references[r];
      for (std::size_t i = 0; i < kReferenceTaps; ++i) {
        reference.taps[i] = coefficient(solution[kOwnTaps + r * kReferenceTaps + i]);
      }
    }
  }

  std::span<const std::uint8_t> codes_;
  PlaneShape shape_;
  unsigned levels_;
  Scale scale_;
  std::size_t run_;  // of places in a row that are sampled together
  std::size_t runs_;
  std::size_t count_;   // of places in them
  std::size_t padded_;  // that, for sum_of_products()
  std::vector<std::int16_t> storage_;
  MarginPlanes plane_;  // a channel at a time
  Taps taps_;
  std::vector<std::int32_t> sums_;
  std::vector<Sampled> sampled_;
  std::vector<Candidate> candidates_;
  std::int16_t* after_;  // what a filter on trial misses
  std::int16_t* left_;   // what references so far do not explain
};

}  // namespace

unsigned mean_shift(unsigned levels) {
  const auto shift = static_cast<unsigned>(Scale(levels).shift);
  return levels <= kFewLevels ? shift - 2 : shift;
}

std::int16_t coarse_mean(int mean, unsigned levels) {
  const unsigned shift = mean_shift(levels);
  return static_cast<std::int16_t>(std::clamp(mean, 0, kMostActivity) >> shift << shift);
}

std::uint16_t coarse_activity(int activity) {
  const int level = level_of(std::clamp(activity, 1, kMostActivity));
  return static_cast<std::uint16_t>((4 + level % 4) << (level / 4) >> 2);
}

FittedFilters fit_filters(std::span<const std::uint8_t> codes, const PlaneShape& shape, unsigned levels) {
  return Fit(codes, shape, levels).run();
}

}  // namespace tandem::codec
