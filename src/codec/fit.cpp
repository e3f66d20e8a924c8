#include "fit.hpp"

#include <algorithm>
#include <cmath>

#include "contexts.hpp"
#include "margins.hpp"
#include "predict.hpp"
#include "solve.hpp"

namespace tandem::codec {
namespace {

constexpr std::size_t kSamples = 256;  // places looked at for each channel
constexpr std::size_t kPlaneForReferences =
    600;                                     // codes in a channel from which references are worth their coefficients
constexpr std::size_t kMostCandidates = 96;  // channels before that are looked at as references
constexpr unsigned kDropped = 2;             // low bits of values, so that sums of kSamples products fit 32 bits
constexpr double kBitsOfCoefficient = 9;

// All places that a filter may look at: the code itself, kOwnPlaces, and below and right for references.
constexpr std::size_t kPlaces = 9;
constexpr std::array<std::array<int, 2>, kPlaces> kAround{
    {{0, 0}, {0, -1}, {-1, 0}, {-1, -1}, {-1, 1}, {0, -2}, {-2, 0}, {1, 0}, {0, 1}}};
constexpr std::array<std::size_t, kReferenceTaps> kOfReference{0, 2, 7, 1, 8};  // of kReferencePlaces in kAround

using Sample = std::array<std::int16_t, kSamples>;

std::int32_t product(const Sample& a, const Sample& b, std::size_t count) {
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += a[i] * b[i];
  return sum;
}

struct Sampled {
  std::array<Sample, kPlaces> around;
  Sample missed;        // by the own filter
  std::int32_t square;  // of that
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
      : codes_(codes), shape_(shape), levels_(levels), scale_(levels), sampled_(shape.channels) {
    const std::size_t plane = shape.plane();
    count_ = std::min(plane, kSamples);
    // An odd stride soon visits all columns.
    const std::size_t stride = (plane / count_) | 1U;
    for (std::size_t i = 0; i < count_; ++i) places_[i] = i * stride % plane;
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
        equations[c].target[i] = product(around[0], around[i + 1], count_);
        for (std::size_t k = 0; k <= i; ++k)
          equations[c].products[i][k] = product(around[i + 1], around[k + 1], count_);
      }
      // Channels count alike, whatever their scale.
      pooled.add(equations[c], 1.0 / (1.0 + product(around[0], around[0], count_)));
    }
    const auto shared = pooled.solve(1e-4);
    for (std::size_t i = 0; i < kOwnTaps; ++i) fitted.shared[i] = coefficient(shared[i]);
    for (std::size_t c = 0; c < shape_.channels; ++c) fit_channel(c, equations[c], fitted);
    return fitted;
  }

 private:
  int mean_of(std::size_t c) const {
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < count_; ++i) sum += codes_[c * shape_.plane() + places_[i]];
    return static_cast<int>((sum << scale_.shift) / count_);
  }

  void take_sample(std::size_t c, int mean) {
    const std::uint8_t* const plane = codes_.data() + c * shape_.plane();
    const auto height = static_cast<int>(shape_.height);
    const auto width = static_cast<int>(shape_.width);
    for (std::size_t i = 0; i < count_; ++i) {
      const int y = static_cast<int>(places_[i] / shape_.width);
      const int x = static_cast<int>(places_[i] % shape_.width);
      for (std::size_t k = 0; k < kPlaces; ++k) {
        const int row = y + kAround[k][0];
        const int column = x + kAround[k][1];
        const bool inside = row >= 0 && row < height && column >= 0 && column < width;
        const int value = inside ? (plane[row * width + column] << scale_.shift) - mean : 0;
        sampled_[c].around[k][i] = static_cast<std::int16_t>(value >> kDropped);
      }
    }
  }

  // The errors of a filter at the sampled places, and their square.
  void miss(std::size_t c, std::span<const std::int16_t> own, Sample& missed) const {
    const auto& around = sampled_[c].around;
    for (std::size_t i = 0; i < count_; ++i) {
      std::int32_t sum = 0;
      for (std::size_t k = 0; k < kOwnTaps; ++k) sum += own[k] * around[k + 1][i];
      missed[i] = static_cast<std::int16_t>(std::clamp(around[0][i] - (sum >> kCoefficientBits), -2048, 2047));
    }
  }

  void miss_reference(const Reference& reference, Sample& missed) const {
    const auto& around = sampled_[reference.channel].around;
    for (std::size_t i = 0; i < count_; ++i) {
      std::int32_t sum = 0;
      for (std::size_t k = 0; k < kReferenceTaps; ++k) sum += reference.taps[k] * around[kOfReference[k]][i];
      missed[i] = static_cast<std::int16_t>(std::clamp(missed[i] - (sum >> kCoefficientBits), -2048, 2047));
    }
  }

  void fit_channel(std::size_t c, const NormalEquations<kOwnTaps>& equations, FittedFilters& fitted) {
    ChannelModel& its = fitted.channels[c];
    Sampled& sampled = sampled_[c];
    its.own = fitted.shared;
    miss(c, its.own, sampled.missed);
    const std::int32_t shared_square = product(sampled.missed, sampled.missed, count_);
    const auto solution = equations.solve(1e-3);
    std::array<std::int16_t, kOwnTaps> own;
    for (std::size_t i = 0; i < kOwnTaps; ++i) own[i] = coefficient(solution[i]);
    Sample missed;
    miss(c, own, missed);
    std::int32_t square = product(missed, missed, count_);
    if (gain(shared_square, square) > kOwnTaps * kBitsOfCoefficient) {
      its.own = own;
      fitted.own[c] = true;
      sampled.missed = missed;
    } else {
      square = shared_square;
    }
    sampled.square = product(sampled.missed, sampled.missed, count_);
    missed = sampled.missed;
    if (shape_.plane() >= kPlaneForReferences) add_references(c, square, missed, fitted);
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < count_; ++i) sum += static_cast<std::uint32_t>(std::abs(missed[i]));
    its.activity = coarse_activity(static_cast<int>((sum << kDropped) / kSamples));
  }

  // Bits that a filter saves which leaves `after` of the square `before`; less certain where few places were looked at.
  [[nodiscard]] double gain(std::int32_t before, std::int32_t after) const {
    // Errors below half a code cost no less for being smaller.
    const double floor = static_cast<double>(count_) * (1 << (2 * (scale_.shift - static_cast<int>(kDropped)))) / 12.0;
    return static_cast<double>(shape_.plane()) / 2 * std::log2((before + floor) / (after + floor));
  }

  void add_references(std::size_t c, std::int32_t square, Sample& missed, FittedFilters& fitted) {
    ChannelModel& its = fitted.channels[c];
    const std::size_t usable = first_unusable_reference(shape_, c);
    const std::size_t begin = usable > kMostCandidates ? usable - kMostCandidates : 0;
    std::vector<std::uint16_t> references;
    Sample left = missed;
    while (references.size() < kMostFittedReferences) {
      double best = 0;
      std::uint16_t next = 0;
      std::int32_t best_product = 0;
      for (std::size_t other = begin; other < usable; ++other) {
        if (std::ranges::find(references, other) != references.end() || sampled_[other].square == 0) continue;
        const std::int32_t both = product(left, sampled_[other].missed, count_);
        const double explains = static_cast<double>(both) * both / sampled_[other].square;
        if (explains > best) {
          best = explains;
          best_product = both;
          next = static_cast<std::uint16_t>(other);
        }
      }
      const std::int32_t now = product(left, left, count_);
      if (gain(now, now - static_cast<std::int32_t>(best)) < kReferenceTaps * kBitsOfCoefficient + 10) break;
      references.push_back(next);
      // What that reference's own surprises explain is taken away before the next is looked for.
      const double factor = static_cast<double>(best_product) / sampled_[next].square;
      const auto& surprise = sampled_[next].missed;
      for (std::size_t i = 0; i < count_; ++i) {
        left[i] = static_cast<std::int16_t>(std::clamp(left[i] - static_cast<int>(factor * surprise[i]), -2048, 2047));
      }
    }
    if (references.empty()) return;
    ChannelModel with = its;
    solve_with(c, references, with);
    Sample after;
    miss(c, with.own, after);
    for (const Reference& reference : with.references) miss_reference(reference, after);
    const double cost =
        (static_cast<double>(references.size()) * (kReferenceTaps + 1) + (fitted.own[c] ? 0 : kOwnTaps)) *
        kBitsOfCoefficient;
    if (gain(square, product(after, after, count_)) <= cost) return;
    its = std::move(with);
    fitted.own[c] = true;
    missed = after;
  }

  void solve_with(std::size_t c, std::span<const std::uint16_t> references, ChannelModel& model) const {
    constexpr std::size_t kMost = kOwnTaps + kMostFittedReferences * kReferenceTaps;
    std::array<const Sample*, kMost> features{};
    std::size_t count = 0;
    for (std::size_t i = 0; i < kOwnTaps; ++i) features[count++] = &sampled_[c].around[i + 1];
    for (const std::uint16_t reference : references) {
      for (const std::size_t place : kOfReference) features[count++] = &sampled_[reference].around[place];
    }
    NormalEquations<kMost> equations;
    for (std::size_t i = 0; i < count; ++i) {
      equations.target[i] = product(sampled_[c].around[0], *features[i], count_);
      for (std::size_t k = 0; k <= i; ++k) equations.products[i][k] = product(*features[i], *features[k], count_);
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
  std::size_t count_ = 0;  // of places
  std::array<std::size_t, kSamples> places_{};
  std::vector<Sampled> sampled_;
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
