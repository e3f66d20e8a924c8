#include "fitted.hpp"

#include <algorithm>

#include "class_tables.hpp"
#include "filter_code.hpp"
#include "fit.hpp"
#include "predicted.hpp"

namespace tandem::codec {
namespace {

// The more there is to code, the more classes of contexts pay for their tables.
unsigned detail_for(std::size_t codes, unsigned levels) {
  const bool few = levels <= kFewLevels;
  if (codes >= (few ? 20'000U : 50'000U)) return 2;
  return codes >= (few ? 5'000U : 16'000U) ? 1 : 0;
}

// Without a prior: what errors around say was much the same in all tensors looked at.
ActivityModel usual_activity() {
  constexpr std::int16_t kOfReferences = 10;
  ActivityModel activity;
  activity.own = {24, 24, 9, 9};
  for (std::size_t n = 0; n <= kMostReferences; ++n) {
    activity.reference[n] = static_cast<std::int16_t>(n == 0 ? 0 : kOfReferences / n);
    activity.channel[n] = n == 0 ? 41 : 39;
    activity.place[n] = n == 0 ? 160 : 152;
  }
  return activity;
}

}  // namespace

std::vector<std::byte> encode_fitted(std::span<const std::uint8_t> codes, const PlaneShape& shape, unsigned levels) {
  constexpr double kManyZeros = 0.02;
  const auto zeros = static_cast<double>(std::ranges::count(codes, std::uint8_t{0}));
  const TableKind kind{.detail = detail_for(codes.size(), levels),
                       .levels = levels,
                       .zero_symbol = zeros > kManyZeros * static_cast<double>(codes.size())};
  FittedFilters filters = fit_filters(codes, shape, levels);
  std::vector<std::byte> out;
  out.reserve(codes.size());
  AdaptiveWriter writer(out);
  writer.raw(kind.detail, kDetailBits);
  writer.raw(kind.zero_symbol ? 1 : 0, 1);
  write_filters(filters, levels, writer);
  Model model{.zero_symbol = kind.zero_symbol,
              .channels = std::move(filters.channels),
              .activity = usual_activity(),
              .tables = {}};
  const Symbols symbols = find_symbols(codes, shape, levels, model);
  write_tables(symbols, kind, writer, model);
  writer.finish();
  append_stream(slots_of(symbols, model), codes, shape, ReadyEncoder(model, levels), out);
  return out;
}

Status decode_fitted(std::span<const std::byte> coded, const PlaneShape& shape, unsigned levels,
                     std::span<std::uint8_t> codes) {
  AdaptiveReader reader(coded);
  TableKind kind{.levels = levels};
  kind.detail = std::min(reader.raw(0, kDetailBits), kMostDetail);
  kind.zero_symbol = reader.raw(0, 1) != 0;
  Model model{.zero_symbol = kind.zero_symbol,
              .channels = read_filters(shape.channels, levels, reader).channels,
              .activity = usual_activity(),
              .tables = {}};
  read_tables(kind, reader, model);
  if (reader.overrun()) return fail(Errc::data_loss, "the coded tensor's model is cut off");
  if (Status fits = check(model, shape, levels); !fits) return fits;
  return decode_stream(reader.rest(), shape, levels, ReadyDecoder(model), codes);
}

}  // namespace tandem::codec
