// The coder that predicts: what it decodes is what was coded, in whatever vectors either side has; and what damage
// does.
#include "predicted.hpp"

#include <gmock/gmock.h>
#include <hwy/targets.h>

#include <rapidcheck/gtest.h>
#include <algorithm>
#include <cmath>

#include "activity_map.hpp"
#include "contexts.hpp"
#include "fast.hpp"
#include "fitted.hpp"
#include "matchers.hpp"
#include "schedule.hpp"
#include "tandem/base/random.hpp"
#include "train.hpp"

namespace tandem::codec {
namespace {

// Smooth planes that look like each other, cut off at zero where `rectified`.
std::vector<std::uint8_t> features(const PlaneShape& shape, unsigned levels, bool rectified, std::uint64_t seed) {
  Random random(seed);
  std::vector<std::uint8_t> codes(shape.size());
  for (std::size_t c = 0; c < shape.channels; ++c) {
    const double phase = random.uniform(0, 0.5);
    for (std::size_t y = 0; y < shape.height; ++y) {
      for (std::size_t x = 0; x < shape.width; ++x) {
        const double wave = std::sin(0.3 * static_cast<double>(x) + phase) * std::cos(0.2 * static_cast<double>(y));
        const double value = (wave * 0.5 + (rectified ? 0.2 : 0.5) + random.uniform(-0.05, 0.05)) * (levels - 1);
        codes[c * shape.plane() + y * shape.width + x] =
            static_cast<std::uint8_t>(std::clamp(value, 0.0, static_cast<double>(levels - 1)));
      }
    }
  }
  return codes;
}

PlaneShape some_shape(Random& random) {
  return {.channels = 1 + random.below(40), .height = 1 + random.below(40), .width = 1 + random.below(70)};
}

// The definition, a place at a time: what the vectors must come to.
Symbols symbols_one_by_one(std::span<const std::uint8_t> codes, const PlaneShape& shape, unsigned levels,
                           const Model& model) {
  const Scale scale(levels);
  Symbols result;
  std::vector<int> values(codes.size());
  std::vector<int> errors(codes.size());
  std::vector<int> map(shape.plane(), kUsual);  // how busy each place is
  const std::size_t group = is_narrow(shape) ? kLanes : 1;
  const auto at = [&](const std::vector<int>& plane, std::size_t c, std::size_t y, std::size_t x,
                      const std::array<int, 2>& place, int outside) {
    const auto row = static_cast<std::ptrdiff_t>(y) + place[0];
    const auto column = static_cast<std::ptrdiff_t>(x) + place[1];
    const bool inside = row >= 0 && row < static_cast<std::ptrdiff_t>(shape.height) && column >= 0 &&
                        column < static_cast<std::ptrdiff_t>(shape.width);
    return inside ? plane[c * shape.plane() + static_cast<std::size_t>(row) * shape.width +
                          static_cast<std::size_t>(column)]
                  : outside;
  };
  for (std::size_t c = 0; c < shape.channels; ++c) {
    const ChannelModel& its = model.channels[c];
    const std::size_t count = its.references.size();
    for (std::size_t i = 0; i < shape.plane(); ++i) {
      values[c * shape.plane() + i] = (codes[c * shape.plane() + i] << scale.shift) - its.mean;
    }
    for (std::size_t y = 0; y < shape.height; ++y) {
      for (std::size_t x = 0; x < shape.width; ++x) {
        int sum = its.mean * kUnit + kUnit / 2;
        for (std::size_t k = 0; k < kOwnTaps; ++k) sum += its.own[k] * at(values, c, y, x, kOwnPlaces[k], 0);
        int expected = its.activity * model.activity.channel[count];
        expected += model.activity.place[count] * its.activity / kUsual * map[y * shape.width + x];
        for (const Reference& reference : its.references) {
          for (std::size_t k = 0; k < kReferenceTaps; ++k) {
            sum += reference.taps[k] * at(values, reference.channel, y, x, kReferencePlaces[k], 0);
          }
          expected += model.activity.reference[count] * at(errors, reference.channel, y, x, {0, 0}, 0);
        }
        for (std::size_t k = 0; k < model.activity.own.size(); ++k) {
          expected += model.activity.own[k] * at(errors, c, y, x, kOwnPlaces[k], its.activity);
        }
        const int prediction = std::clamp(sum >> kCoefficientBits, 0, scale.largest());
        const std::size_t here = c * shape.plane() + y * shape.width + x;
        errors[here] = std::abs((codes[here] << scale.shift) - prediction);
        result.contexts.push_back(
            static_cast<std::uint16_t>(context_of(prediction, expected, scale, model.zero_symbol)));
        result.symbols.push_back(static_cast<std::uint8_t>(
            symbol_of(codes[here], nearest_code(prediction, scale), scale, model.zero_symbol)));
      }
    }
    for (std::size_t k = c + 1 - group; (c + 1) % group == 0 && k <= c; ++k) {
      for (std::size_t i = 0; i < shape.plane(); ++i) {
        const int usual = (kUsual << 8) / model.channels[k].activity;
        map[i] += (std::min((errors[k * shape.plane() + i] * usual) >> 8, 16 * kUsual - 1) - map[i] + 16) >> 5;
      }
    }
  }
  return result;
}

RC_GTEST_PROP(Predicted, VectorsFindTheSymbolsOfTheDefinition, (std::uint64_t seed)) {
  Random random(seed);
  const PlaneShape shape = some_shape(random);
  const unsigned levels = std::array{256U, 16U, 200U, 5U}[random.below(4)];
  const auto codes = features(shape, levels, random.below(2) == 0, seed);
  const std::vector<std::vector<std::uint8_t>> examples{codes};
  Model model = train(examples, shape, levels, {.references = 1 + random.below(4), .tables = 4});
  if (random.below(2) == 0) model.activity.place.fill(100);
  const Symbols expected = symbols_one_by_one(codes, shape, levels, model);
  const Symbols found = find_symbols(codes, shape, levels, model);
  RC_ASSERT(found.contexts == expected.contexts);
  RC_ASSERT(found.symbols == expected.symbols);
}

RC_GTEST_PROP(Predicted, DecodesWhatWasCoded, (std::uint64_t seed)) {
  Random random(seed);
  const PlaneShape shape = some_shape(random);
  const unsigned levels =
      std::array{256U, 16U, 200U, 4U, 2U + static_cast<unsigned>(random.below(255))}[random.below(5)];
  const auto codes = features(shape, std::max(4U, levels), random.below(2) == 0, seed);
  const unsigned used = std::max(4U, levels);
  const std::vector<std::vector<std::uint8_t>> examples{codes};
  Model model = train(examples, shape, used, {.references = random.below(4), .tables = 6});
  if (random.below(2) == 0) model.activity.place.fill(100);
  RC_ASSERT(check(model, shape, used).has_value());
  // Another tensor than the model was trained on: it has symbols that no table has room for.
  const auto other = features(shape, used, random.below(2) == 0, seed + 1);
  std::vector<std::byte> coded;
  append_stream(find_slots(other, shape, used, model), other, shape, ReadyEncoder(model, used), coded);
  std::vector<std::uint8_t> decoded(other.size());
  RC_ASSERT(decode_stream(coded, shape, used, ReadyDecoder(model), decoded).has_value());
  RC_ASSERT(decoded == other);
}

RC_GTEST_PROP(Fitted, DecodesWhatWasCoded, (std::uint64_t seed)) {
  Random random(seed);
  const PlaneShape shape = some_shape(random);
  const unsigned levels = 4 + static_cast<unsigned>(random.below(253));
  const auto codes = features(shape, levels, random.below(2) == 0, seed);
  const auto coded = encode_fitted(codes, shape, levels);
  std::vector<std::uint8_t> decoded(codes.size());
  RC_ASSERT(decode_fitted(coded, shape, levels, decoded).has_value());
  RC_ASSERT(decoded == codes);
}

RC_GTEST_PROP(Fast, DecodesWhatWasCoded, (std::uint64_t seed)) {
  Random random(seed);
  const PlaneShape shape = some_shape(random);
  const unsigned levels = 2 + static_cast<unsigned>(random.below(random.below(2) == 0 ? 20 : 255));
  const auto codes = features(shape, levels, random.below(2) == 0, seed);
  const auto coded = encode_fast(codes, shape, levels);
  std::vector<std::uint8_t> decoded(codes.size());
  RC_ASSERT(decode_fast(coded, shape, levels, decoded).has_value());
  RC_ASSERT(decoded == codes);
}

RC_GTEST_PROP(Fitted, SurvivesAnyDamage, (std::uint64_t seed)) {
  Random random(seed);
  const PlaneShape shape{
      .channels = 1 + random.below(20), .height = 1 + random.below(12), .width = 1 + random.below(40)};
  const unsigned levels = random.below(2) == 0 ? 256 : 16;
  const auto codes = features(shape, levels, true, seed);
  auto coded = random.below(2) == 0 ? encode_fitted(codes, shape, levels) : encode_fast(codes, shape, levels);
  for (std::uint64_t i = 0; i < 1 + random.below(8); ++i)
    coded[random.below(coded.size())] = static_cast<std::byte>(random.next());
  if (random.below(3) == 0) coded.resize(random.below(coded.size()));
  std::vector<std::uint8_t> decoded(codes.size());
  if (decode_fitted(coded, shape, levels, decoded)) {
    for (const std::uint8_t code : decoded) RC_ASSERT(code < levels);
  }
  if (decode_fast(coded, shape, levels, decoded)) {
    for (const std::uint8_t code : decoded) RC_ASSERT(code < levels);
  }
}

// Sets the kind of vectors for as long as it lives.
class WithVectors {
 public:
  explicit WithVectors(std::int64_t target) {
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  }
  ~WithVectors() {
    hwy::SetSupportedTargetsForTest(0);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  }
  WithVectors(const WithVectors&) = delete;
  WithVectors& operator=(const WithVectors&) = delete;
};

TEST(Vectors, OfAnyKindGiveTheSameBytesAndDecodeThem) {
  constexpr int kLastTarget = 61;  // HWY_EMU128, which has no vectors at all
  const std::int64_t all = hwy::SupportedTargets();
  for (const PlaneShape& shape :
       {PlaneShape{.channels = 20, .height = 9, .width = 11}, PlaneShape{.channels = 5, .height = 37, .width = 61}}) {
    for (const unsigned levels : {256U, 16U}) {
      const auto codes = features(shape, levels, true, 7);
      const auto fitted = encode_fitted(codes, shape, levels);
      const auto fast = encode_fast(codes, shape, levels);
      int kinds = 0;
      for (int place = 0; place <= kLastTarget; ++place) {
        const std::int64_t bit = std::int64_t{1} << place;
        if ((all & bit) == 0) continue;
        const WithVectors one(bit | std::int64_t{1} << kLastTarget);
        ++kinds;
        EXPECT_EQ(encode_fitted(codes, shape, levels), fitted) << hwy::TargetName(bit);
        EXPECT_EQ(encode_fast(codes, shape, levels), fast) << hwy::TargetName(bit);
        std::vector<std::uint8_t> decoded(codes.size());
        EXPECT_THAT(decode_fitted(fitted, shape, levels, decoded), IsOk()) << hwy::TargetName(bit);
        EXPECT_EQ(decoded, codes) << hwy::TargetName(bit);
        std::ranges::fill(decoded, std::uint8_t{0});
        EXPECT_THAT(decode_fast(fast, shape, levels, decoded), IsOk()) << hwy::TargetName(bit);
        EXPECT_EQ(decoded, codes) << hwy::TargetName(bit);
      }
      EXPECT_GE(kinds, 1);
    }
  }
}

TEST(Schedule, HasEveryCodeOnceAndWhatItNeedsBefore) {
  for (const PlaneShape& shape :
       {PlaneShape{.channels = 3, .height = 50, .width = 31}, PlaneShape{.channels = 2, .height = 17, .width = 80},
        PlaneShape{.channels = 33, .height = 7, .width = 7}}) {
    const Schedule schedule(shape);
    std::size_t turns = 0;
    for (const Step& step : schedule.steps()) turns += static_cast<std::size_t>(std::popcount(step.active));
    EXPECT_EQ(turns, shape.plane() * schedule.channels_per_group());
    for (std::size_t y = 0; y < shape.height; ++y) {
      for (std::size_t x = 0; x < shape.width; ++x) {
        const auto own = schedule.turn(0, y, x);
        for (std::size_t tap = 0; tap < kOwnTaps; ++tap) {
          const auto row = static_cast<std::ptrdiff_t>(y) + kOwnPlaces[tap][0];
          const auto column = static_cast<std::ptrdiff_t>(x) + kOwnPlaces[tap][1];
          if (row < 0 || column < 0 || column >= static_cast<std::ptrdiff_t>(shape.width)) continue;
          const auto before = schedule.turn(0, static_cast<std::size_t>(row), static_cast<std::size_t>(column));
          EXPECT_LT(before.step, own.step);
        }
      }
    }
  }
}

}  // namespace
}  // namespace tandem::codec
