#include "filter_code.hpp"

#include <algorithm>
#include <bit>

#include "contexts.hpp"

namespace tandem::codec {
namespace {

constexpr std::size_t kOctaves = kActivityLevels / 4;
constexpr int kFirstLevel = 20;

// A mean that soon forgets.
class Recent {
 public:
  explicit Recent(int first = 0) : sum_(first * 4) {}
  [[nodiscard]] int value() const { return sum_ / 4; }
  void add(int number) { sum_ += number - sum_ / 4; }

 private:
  int sum_;
};

// What channels' numbers are expected to be, by those before.
class FilterCode {
 public:
  explicit FilterCode(unsigned levels) : shift_(mean_shift(levels)) {
    for (std::size_t octave = 0; octave < kOctaves; ++octave) means_[octave] = Recent(1 << octave);
  }

  template <class Coder>
  void code(Coder& coder, FittedFilters& filters) {
    for (std::size_t i = 0; i < kOwnTaps; ++i) {
      AdaptiveNumber alone;
      Recent none;
      code_tap(coder, alone, none, filters.shared[i]);
      for (Taps& taps : own_) taps.recent[i] = Recent(filters.shared[i] / kFilterStep);
    }
    for (std::size_t c = 0; c < filters.channels.size(); ++c) {
      ChannelModel& its = filters.channels[c];
      code_mean(coder, code_activity(coder, its), its);
      filters.own[c] = coder.bit(has_own_, filters.own[c] ? 1 : 0) != 0;
      if (filters.own[c]) {
        code_own(coder, c, its);
      } else {
        its.own = filters.shared;
      }
    }
  }

 private:
  struct Taps {
    std::array<AdaptiveNumber, kOwnTaps> numbers;
    std::array<Recent, kOwnTaps> recent;
  };

  template <class Coder>
  static void code_tap(Coder& coder, AdaptiveNumber& number, Recent& recent, std::int16_t& tap) {
    constexpr int kMost = (1 << (kFilterBits - 1)) - 1;
    const int usual = recent.value();
    const int steps = std::clamp(usual + coder.integer(number, tap / kFilterStep - usual), -kMost, kMost);
    recent.add(steps);
    tap = static_cast<std::int16_t>(steps * kFilterStep);
  }

  // Returns the activity's octave.
  template <class Coder>
  std::size_t code_activity(Coder& coder, ChannelModel& its) {
    const int usual = level_.value();
    const int found = usual + coder.integer(level_number_, level_of(std::max<int>(its.activity, 1)) - usual);
    const int level = std::clamp(found, 0, static_cast<int>(kActivityLevels) - 1);
    level_.add(level);
    its.activity = static_cast<std::uint16_t>((4 + level % 4) << (level / 4) >> 2);
    return static_cast<std::size_t>(level / 4);
  }

  // Means are like those of channels that are as active.
  template <class Coder>
  void code_mean(Coder& coder, std::size_t octave, ChannelModel& its) {
    const int usual = means_[octave].value() >> shift_;
    const int steps = usual + coder.integer(mean_numbers_[octave], (its.mean >> shift_) - usual);
    const int mean = std::clamp(steps, 0, kMostActivity >> shift_) << shift_;
    means_[octave].add(mean);
    its.mean = static_cast<std::int16_t>(mean);
  }

  template <class Coder>
  void code_own(Coder& coder, std::size_t c, ChannelModel& its) {
    std::size_t references = 0;
    while (references < kMostFittedReferences &&
           coder.bit(another_[references], references < its.references.size() ? 1 : 0) != 0) {
      ++references;
    }
    its.references.resize(references);
    Taps& own = own_[references > 0 ? 1 : 0];
    for (std::size_t i = 0; i < kOwnTaps; ++i) code_tap(coder, own.numbers[i], own.recent[i], its.own[i]);
    const auto bits = c < 2 ? 0U : static_cast<unsigned>(std::bit_width(c - 1));
    for (Reference& reference : its.references) {
      reference.channel = static_cast<std::uint16_t>(coder.raw(reference.channel, bits));
      for (std::size_t i = 0; i < kReferenceTaps; ++i) {
        code_tap(coder, reference_numbers_[i], reference_recent_[i], reference.taps[i]);
      }
    }
  }

  unsigned shift_;
  AdaptiveNumber level_number_;
  Recent level_{kFirstLevel};
  std::array<AdaptiveNumber, kOctaves> mean_numbers_;
  std::array<Recent, kOctaves> means_;
  AdaptiveBit has_own_;
  std::array<AdaptiveBit, kMostFittedReferences> another_;
  std::array<Taps, 2> own_;  // without and with references
  std::array<AdaptiveNumber, kReferenceTaps> reference_numbers_;
  std::array<Recent, kReferenceTaps> reference_recent_;
};

}  // namespace

void write_filters(const FittedFilters& filters, unsigned levels, AdaptiveWriter& writer) {
  FittedFilters same = filters;
  FilterCode(levels).code(writer, same);
}

FittedFilters read_filters(std::size_t channels, unsigned levels, AdaptiveReader& reader) {
  FittedFilters filters{
      .shared = {}, .channels = std::vector<ChannelModel>(channels), .own = std::vector<bool>(channels, false)};
  FilterCode(levels).code(reader, filters);
  return filters;
}

}  // namespace tandem::codec
