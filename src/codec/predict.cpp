#include "predict.hpp"

#include <cstdlib>

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

void errors_of_row(const std::uint8_t* codes, std::size_t count, const Scale& scale, std::int32_t* sums,
                   std::int16_t* errors) {
  const Integers d;
  const hn::Rebind<std::uint8_t, Integers> d8;
  const hn::Rebind<std::int16_t, Integers> d16;
  const std::size_t width = hn::Lanes(d);
  std::size_t x = 0;
  for (; x + width <= count; x += width) {
    const auto prediction = clamped(hn::ShiftRight<kCoefficientBits>(hn::LoadU(d, sums + x)), 0, scale.largest());
    const auto value = hn::ShiftLeftSame(hn::PromoteTo(d, hn::LoadU(d8, codes + x)), scale.shift);
    hn::StoreU(prediction, d, sums + x);
    hn::StoreU(hn::DemoteTo(d16, hn::Abs(hn::Sub(value, prediction))), d16, errors + x);
  }
  for (; x < count; ++x) {
    sums[x] = std::clamp(sums[x] >> kCoefficientBits, 0, scale.largest());
    errors[x] = static_cast<std::int16_t>(std::abs((codes[x] << scale.shift) - sums[x]));
  }
}

void symbols_of_row(const RowOfSymbols& row, const Scale& scale, bool zero_symbol) {
  const Integers d;
  const hn::Rebind<std::uint8_t, Integers> d8;
  const hn::Rebind<std::uint16_t, Integers> d16;
  const std::size_t width = hn::Lanes(d);
  std::size_t x = 0;
  for (; x + width <= row.codes.size(); x += width) {
    const auto prediction = hn::LoadU(d, row.predictions.data() + x);
    const auto context = vector_context_of(prediction, hn::LoadU(d, row.activities.data() + x), scale, zero_symbol);
    hn::StoreU(hn::DemoteTo(d16, context), d16, row.contexts.data() + x);
    const auto code = hn::PromoteTo(d, hn::LoadU(d8, row.codes.data() + x));
    const auto symbol = vector_symbol_of(code, vector_nearest_code(prediction, scale), scale, zero_symbol);
    hn::StoreU(hn::DemoteTo(d8, symbol), d8, row.symbols.data() + x);
  }
  for (; x < row.codes.size(); ++x) {
    const int prediction = row.predictions[x];
    row.contexts[x] = static_cast<std::uint16_t>(context_of(prediction, row.activities[x], scale, zero_symbol));
    row.symbols[x] =
        static_cast<std::uint8_t>(symbol_of(row.codes[x], nearest_code(prediction, scale), scale, zero_symbol));
  }
}

}  // namespace tandem::codec::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tandem::codec {

HWY_EXPORT(sum_products);
HWY_EXPORT(errors_of_row);
HWY_EXPORT(symbols_of_row);

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

void sum_row(const Taps& taps, std::size_t row, std::int32_t offset, std::span<std::int32_t> sums) {
  HWY_DYNAMIC_DISPATCH(sum_products)
  (taps.first.data(), taps.coefficients.data(), taps.first.size(), row, offset, sums.size() - kSlack, sums.data());
}

void find_values(std::span<const std::uint8_t> codes, std::int16_t mean, const Scale& scale, std::int16_t* values) {
  for (std::size_t x = 0; x < codes.size(); ++x) {
    values[x] = static_cast<std::int16_t>((codes[x] << scale.shift) - mean);
  }
}

void find_errors(std::span<const std::uint8_t> codes, const Scale& scale, std::span<std::int32_t> sums,
                 std::int16_t* errors) {
  HWY_DYNAMIC_DISPATCH(errors_of_row)(codes.data(), codes.size(), scale, sums.data(), errors);
}

void find_symbols(const RowOfSymbols& row, const Scale& scale, bool zero_symbol) {
  HWY_DYNAMIC_DISPATCH(symbols_of_row)(row, scale, zero_symbol);
}

}  // namespace tandem::codec
#endif
