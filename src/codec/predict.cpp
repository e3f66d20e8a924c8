#include "predict.hpp"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "predict.cpp"
#include "simd.hpp"

#include "contexts_vector.hpp"

HWY_BEFORE_NAMESPACE();
namespace tandem::codec::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// `first` rows can be read a vector beyond their end; `sums` has that room, too.
void sum_products(const std::int16_t* const* first, const std::int32_t* coefficients, std::size_t taps, std::size_t row,
                  std::int32_t offset, std::size_t count, std::int32_t* sums) {
  const hn::ScalableTag<std::int32_t> d;
  const hn::Rebind<std::int16_t, decltype(d)> d16;
  const std::size_t width = hn::Lanes(d);
  const auto start = hn::Set(d, offset);
  // Two vectors at a time: twice as many sums under way.
  for (std::size_t x = 0; x < count; x += 2 * width) {
    auto sum0 = start;
    auto sum1 = start;
    for (std::size_t k = 0; k < taps; ++k) {
      const auto coefficient = hn::Set(d, coefficients[k]);
      const std::int16_t* numbers = first[k] + row + x;
      sum0 = hn::Add(sum0, hn::Mul(coefficient, hn::PromoteTo(d, hn::LoadU(d16, numbers))));
      sum1 = hn::Add(sum1, hn::Mul(coefficient, hn::PromoteTo(d, hn::LoadU(d16, numbers + width))));
    }
    hn::StoreU(sum0, d, sums + x);
    hn::StoreU(sum1, d, sums + x + width);
  }
}

void errors_of_run(const std::int16_t* values, std::size_t count, std::int16_t mean, const Scale& scale,
                   std::int32_t* sums, std::int16_t* errors) {
  const hn::ScalableTag<std::int32_t> d;
  const hn::Rebind<std::int16_t, decltype(d)> d16;
  const auto zero = hn::Zero(d);
  const auto largest = hn::Set(d, scale.largest());
  const auto centre = hn::Set(d, mean);
  for (std::size_t x = 0; x < count; x += hn::Lanes(d)) {
    const auto sum = hn::ShiftRight<kCoefficientBits>(hn::LoadU(d, sums + x));
    const auto prediction = hn::Min(hn::Max(sum, zero), largest);
    const auto value = hn::Add(hn::PromoteTo(d, hn::LoadU(d16, values + x)), centre);
    hn::StoreU(prediction, d, sums + x);
    hn::StoreU(hn::DemoteTo(d16, hn::Abs(hn::Sub(value, prediction))), d16, errors + x);
  }
}

void symbols_of_run(const RunOfSymbols& run, std::int16_t mean, const Scale& scale, bool zero_symbol) {
  const Integers d;
  const hn::Rebind<std::uint8_t, Integers> d8;
  const hn::Rebind<std::int16_t, Integers> d16;
  const hn::Rebind<std::uint16_t, Integers> du16;
  const std::size_t count = run.contexts.size() - kSlack;
  for (std::size_t x = 0; x < count; x += hn::Lanes(d)) {
    const auto prediction = hn::LoadU(d, run.predictions.data() + x);
    const auto context = vector_context_of(prediction, hn::LoadU(d, run.activities.data() + x), scale, zero_symbol);
    hn::StoreU(hn::DemoteTo(du16, context), du16, run.contexts.data() + x);
    const auto value = hn::Add(hn::PromoteTo(d, hn::LoadU(d16, run.values + x)), constant(mean));
    const auto symbol = vector_symbol_of(hn::ShiftRightSame(value, scale.shift), vector_nearest_code(prediction, scale),
                                         scale, zero_symbol);
    hn::StoreU(hn::DemoteTo(d8, symbol), d8, run.symbols.data() + x);
  }
}

}  // namespace tandem::codec::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tandem::codec {

HWY_EXPORT(sum_products);
HWY_EXPORT(errors_of_run);
HWY_EXPORT(symbols_of_run);

void add_own(const ChannelModel& model, const MarginPlanes& values, std::size_t channel, Taps& taps) {
  for (std::size_t i = 0; i < kOwnTaps; ++i) {
    taps.add(values.row(channel, 0) + values.distance(kOwnPlaces[i][0], kOwnPlaces[i][1]), model.own[i]);
  }
}

void add_references(const ChannelModel& model, const MarginPlanes& values, Taps& taps) {
  for (const Reference& reference : model.references) {
    for (std::size_t i = 0; i < kReferenceTaps; ++i) {
      if (reference.taps[i] == 0) continue;
      taps.add(values.row(reference.channel, 0) + values.distance(kReferencePlaces[i][0], kReferencePlaces[i][1]),
               reference.taps[i]);
    }
  }
}

void add_own_errors(const ActivityModel& model, const MarginPlanes& errors, std::size_t channel, Taps& taps) {
  for (std::size_t i = 0; i < model.own.size(); ++i) {
    taps.add(errors.row(channel, 0) + errors.distance(kOwnPlaces[i][0], kOwnPlaces[i][1]), model.own[i]);
  }
}

void add_reference_errors(const Model& model, std::size_t channel, const MarginPlanes& errors, Taps& taps) {
  const auto& references = model.channels[channel].references;
  for (const Reference& reference : references) {
    taps.add(errors.row(reference.channel, 0), model.activity.reference[references.size()]);
  }
}

void add_map(const Model& model, std::size_t channel, const ActivityMap& map, Taps& taps) {
  const ChannelModel& its = model.channels[channel];
  const int weight = model.activity.place[its.references.size()];
  if (weight != 0) taps.add(map.first_row(), weight * its.activity / kUsual);
}

std::int32_t prediction_offset(const ChannelModel& model) {
  return model.mean * kUnit + kUnit / 2;
}

std::int32_t activity_offset(const Model& model, std::size_t channel) {
  const ChannelModel& its = model.channels[channel];
  return std::int32_t{its.activity} * model.activity.channel[its.references.size()];
}

std::size_t rows_in_run(const PlaneShape& shape) {
  constexpr std::size_t kLongRun = 512;
  return std::clamp(kLongRun / (shape.width + kMargin), std::size_t{1}, std::max(shape.height, std::size_t{1}));
}

std::size_t run_length(const PlaneShape& shape, std::size_t rows) {
  return rows * (shape.width + kMargin) - kMargin;
}

void sum_run(const Taps& taps, std::size_t begin, std::int32_t offset, std::span<std::int32_t> sums) {
  HWY_DYNAMIC_DISPATCH(sum_products)
  (taps.first.data(), taps.coefficients.data(), taps.first.size(), begin, offset, sums.size() - kSlack, sums.data());
}

void find_values(std::span<const std::uint8_t> codes, std::int16_t mean, const Scale& scale, std::int16_t* values) {
  for (std::size_t x = 0; x < codes.size(); ++x) {
    values[x] = static_cast<std::int16_t>((codes[x] << scale.shift) - mean);
  }
}

void find_errors(const Rows& rows, const PlaneShape& shape, const ChannelModel& model, const Scale& scale,
                 const MarginPlanes& values, std::span<std::int32_t> sums, MarginPlanes& errors) {
  const auto [channel, first, count] = rows;
  HWY_DYNAMIC_DISPATCH(errors_of_run)
  (values.row(channel, first), run_length(shape, count), model.mean, scale, sums.data(), errors.row(channel, first));
  for (std::size_t y = first + 1; y <= first + count; ++y) {
    std::fill_n(errors.row(channel, y) - kMargin, kMargin, static_cast<std::int16_t>(model.activity));
  }
}

void find_symbols(const RunOfSymbols& run, std::int16_t mean, const Scale& scale, bool zero_symbol) {
  HWY_DYNAMIC_DISPATCH(symbols_of_run)(run, mean, scale, zero_symbol);
}

}  // namespace tandem::codec
#endif
