#include "fitted.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <numeric>

#include "analytic.hpp"
#include "contexts.hpp"
#include "fit.hpp"
#include "predicted.hpp"

namespace tandem::codec {
namespace {

constexpr unsigned kDetailBits = 2;
constexpr unsigned kMostDetail = 2;
constexpr unsigned kReferenceCountBits = 2;
constexpr std::uint64_t kWorthWeights = 300;

// The more there is to code, the more classes of contexts pay for their tables.
unsigned detail_for(std::size_t codes) {
  if (codes >= 50'000) return 2;
  return codes >= 12'000 ? 1 : 0;
}

// How contexts are told apart: activities by levels of 2^level_shift quarter octaves, and so on. What is told apart
// finely costs tables, and time: tables beyond the processor's caches are slow.
struct Grouping {
  unsigned level_shift;
  unsigned zero_shift;
  unsigned phase_shift;
  std::size_t phases;

  // Contexts that share a table, as a number below kContexts; all contexts of a class have its phase.
  [[nodiscard]] std::size_t class_of(std::size_t context) const {
    const std::size_t level = context / (kZeroDistances * kPhases) >> level_shift;
    const std::size_t zero = context / kPhases % kZeroDistances >> zero_shift;
    return (level * kZeroDistances + zero) * kPhases + (context % kPhases >> phase_shift);
  }
};

Grouping grouping_for(unsigned detail, unsigned levels, bool zero_symbol) {
  if (detail == 0) return {.level_shift = 2, .zero_shift = 1, .phase_shift = 2, .phases = 1};
  if (levels > kFewLevels)
    return {.level_shift = 1, .zero_shift = detail == 1 ? 1U : 0U, .phase_shift = 2, .phases = 1};
  if (!zero_symbol) return {.level_shift = 1, .zero_shift = 3, .phase_shift = 0, .phases = kPhases};
  if (detail == 1) return {.level_shift = 2, .zero_shift = 1, .phase_shift = 2, .phases = 1};
  return {.level_shift = 2, .zero_shift = 0, .phase_shift = 1, .phases = 2};
}

// Without a prior: what errors around say was much the same in all tensors looked at.
ActivityModel usual_activity() {
  ActivityModel activity;
  activity.own = {46, 46, 18, 18};
  for (std::size_t n = 0; n <= kMostReferences; ++n) {
    activity.reference[n] = static_cast<std::int16_t>(n == 0 ? 0 : 44 / n);
    activity.channel[n] = static_cast<std::int16_t>(n == 0 ? 140 : 96);
  }
  return activity;
}

unsigned bits_for(std::size_t count) {
  return count < 2 ? 0 : static_cast<unsigned>(std::bit_width(count - 1));
}

void write_coefficient(std::int16_t coefficient, BitWriter& bits) {
  bits.write(static_cast<std::uint32_t>(coefficient / kFilterStep + (1 << (kFilterBits - 1))), kFilterBits);
}

std::int16_t read_coefficient(BitReader& bits) {
  return static_cast<std::int16_t>((static_cast<int>(bits.read(kFilterBits)) - (1 << (kFilterBits - 1))) * kFilterStep);
}

// Activities are much alike: the difference to a running mean, signs interleaved, as a unary half and a bit.
constexpr int kFirstLevel = 20;

int next_level(int mean, int level) {
  return mean + (level - mean) / 4;
}

int write_level(int level, int mean, BitWriter& bits) {
  const int difference = level - mean;
  const auto folded = static_cast<std::uint32_t>(difference >= 0 ? 2 * difference : -2 * difference - 1);
  for (std::uint32_t i = 0; i < folded / 4; ++i) bits.write(1, 1);
  bits.write(0, 1);
  bits.write(folded % 4, 2);
  return next_level(mean, level);
}

int read_level(int& mean, BitReader& bits) {
  std::uint32_t folded = 0;
  while (folded < 4 * kActivityLevels && bits.read(1) == 1) folded += 4;
  folded += bits.read(2);
  const int difference = folded % 2 == 0 ? static_cast<int>(folded / 2) : -static_cast<int>(folded / 2) - 1;
  const int level = std::clamp(mean + difference, 0, static_cast<int>(kActivityLevels) - 1);
  mean = next_level(mean, level);
  return level;
}

void write_filters(const FittedFilters& fitted, unsigned levels, BitWriter& bits) {
  int level = kFirstLevel;
  for (const std::int16_t tap : fitted.shared) write_coefficient(tap, bits);
  for (std::size_t c = 0; c < fitted.channels.size(); ++c) {
    const ChannelModel& its = fitted.channels[c];
    bits.write(static_cast<std::uint32_t>(its.mean) >> mean_shift(levels), kValueBits - mean_shift(levels));
    level = write_level(level_of(its.activity), level, bits);
    bits.write(fitted.own[c] ? 1 : 0, 1);
    if (!fitted.own[c]) continue;
    for (const std::int16_t tap : its.own) write_coefficient(tap, bits);
    bits.write(static_cast<std::uint32_t>(its.references.size()), kReferenceCountBits);
    for (const Reference& reference : its.references) {
      bits.write(reference.channel, bits_for(c));
      for (const std::int16_t tap : reference.taps) write_coefficient(tap, bits);
    }
  }
}

std::vector<ChannelModel> read_filters(std::size_t channels, unsigned levels, BitReader& bits) {
  int mean_level = kFirstLevel;
  std::array<std::int16_t, kOwnTaps> shared;
  for (std::int16_t& tap : shared) tap = read_coefficient(bits);
  std::vector<ChannelModel> models;
  for (std::size_t c = 0; c < channels && !bits.overrun(); ++c) {
    ChannelModel& its = models.emplace_back();
    its.mean = static_cast<std::int16_t>(bits.read(kValueBits - mean_shift(levels)) << mean_shift(levels));
    const int level = read_level(mean_level, bits);
    its.activity = coarse_activity((4 + level % 4) << (level / 4) >> 2);
    its.own = shared;
    if (bits.read(1) == 0) continue;
    for (std::int16_t& tap : its.own) tap = read_coefficient(bits);
    its.references.resize(bits.read(kReferenceCountBits));
    for (Reference& reference : its.references) {
      reference.channel = static_cast<std::uint16_t>(bits.read(bits_for(c)));
      for (std::int16_t& tap : reference.taps) tap = read_coefficient(bits);
    }
  }
  return models;
}

// A class is not used (0), has a bell (1 0) or weights of its own (1 1). Unused classes share the first table.
void write_tables(const Symbols& symbols, unsigned detail, unsigned levels, Model& model, BitWriter& bits) {
  const Grouping grouping = grouping_for(detail, levels, model.zero_symbol);
  std::vector<std::uint32_t> counts(kContexts * levels);
  std::vector<bool> used(kContexts, false);
  std::vector<std::uint16_t> classes(kContexts);
  for (std::size_t c = 0; c < kContexts; ++c) classes[c] = static_cast<std::uint16_t>(grouping.class_of(c));
  for (std::size_t i = 0; i < symbols.symbols.size(); ++i) {
    const std::size_t its = classes[symbols.contexts[i]];
    used[its] = true;
    ++counts[its * levels + symbols.symbols[i]];
  }
  std::vector<std::uint8_t> table_of_class(kContexts, 0);
  const std::size_t classes_in_use = 1U + *std::ranges::max_element(classes);
  for (std::size_t k = 0; k < classes_in_use; ++k) {
    if (k % kPhases >= grouping.phases) continue;
    const bool has_table = used[k] && model.tables.size() < kMostTables;
    bits.write(has_table ? 1 : 0, 1);
    if (!has_table) continue;
    const auto of = std::span(counts).subspan(k * levels, levels);
    const BellPlace place{
        .levels = levels, .zero_symbol = model.zero_symbol, .phase = k % kPhases, .phases = grouping.phases};
    const Bell bell = bell_of(of, place);
    const Weights bell_weights = weights_of(bell, place);
    // A few counts do not pay for weights of their own.
    Weights own_weights{};
    bool own = std::accumulate(of.begin(), of.end(), std::uint64_t{0}) >= kWorthWeights;
    if (own) {
      own_weights = weights_with_escape(of);
      const std::int64_t bell_cost = coding_cost(of, bell_weights) + bell_bits(model.zero_symbol) * 256;
      const std::int64_t own_cost =
          coding_cost(of, own_weights) + static_cast<std::int64_t>(weight_bits(own_weights, levels)) * 256;
      own = own_cost < bell_cost;
    }
    bits.write(own ? 1 : 0, 1);
    if (own) {
      write_weights(own_weights, levels, bits);
    } else {
      write(bell, model.zero_symbol, bits);
    }
    table_of_class[k] = static_cast<std::uint8_t>(model.tables.size());
    model.tables.push_back(own ? own_weights : bell_weights);
  }
  for (std::size_t c = 0; c < kContexts; ++c) model.table_of[c] = table_of_class[classes[c]];
}

void read_tables(unsigned detail, unsigned levels, Model& model, BitReader& bits) {
  const Grouping grouping = grouping_for(detail, levels, model.zero_symbol);
  std::vector<std::uint8_t> table_of_class(kContexts, 0);
  std::size_t classes_in_use = 0;
  for (std::size_t c = 0; c < kContexts; ++c) {
    classes_in_use = std::max(classes_in_use, grouping.class_of(c) + 1);
  }
  for (std::size_t k = 0; k < classes_in_use && !bits.overrun(); ++k) {
    if (k % kPhases >= grouping.phases) continue;
    if (bits.read(1) == 0) continue;
    table_of_class[k] = static_cast<std::uint8_t>(model.tables.size());
    if (bits.read(1) != 0) {
      model.tables.push_back(read_weights(levels, bits));
    } else {
      const BellPlace place{
          .levels = levels, .zero_symbol = model.zero_symbol, .phase = k % kPhases, .phases = grouping.phases};
      model.tables.push_back(weights_of(read_bell(model.zero_symbol, bits), place));
    }
    if (model.tables.size() > kMostTables) return;  // check() refuses it
  }
  for (std::size_t c = 0; c < kContexts; ++c) model.table_of[c] = table_of_class[grouping.class_of(c)];
}

}  // namespace

std::vector<std::byte> encode_fitted(std::span<const std::uint8_t> codes, const PlaneShape& shape, unsigned levels) {
  constexpr double kManyZeros = 0.02;
  const unsigned detail = detail_for(codes.size());
  FittedFilters fitted = fit_filters(codes, shape, levels);
  Model model;
  model.zero_symbol =
      static_cast<double>(std::ranges::count(codes, std::uint8_t{0})) > kManyZeros * static_cast<double>(codes.size());
  model.activity = usual_activity();
  std::vector<std::byte> out;
  out.reserve(codes.size());
  BitWriter bits(out);
  bits.write(detail, kDetailBits);
  bits.write(model.zero_symbol ? 1 : 0, 1);
  write_filters(fitted, levels, bits);
  model.channels = std::move(fitted.channels);
  const Symbols symbols = find_symbols(codes, shape, levels, model);
  write_tables(symbols, detail, levels, model, bits);
  bits.flush();
  append_stream(symbols, codes, shape, levels, ReadyEncoder(model), out);
  return out;
}

Status decode_fitted(std::span<const std::byte> coded, const PlaneShape& shape, unsigned levels,
                     std::span<std::uint8_t> codes) {
  BitReader bits(coded);
  const unsigned detail = std::min(bits.read(kDetailBits), kMostDetail);
  Model model;
  model.zero_symbol = bits.read(1) != 0;
  model.activity = usual_activity();
  model.channels = read_filters(shape.channels, levels, bits);
  read_tables(detail, levels, model, bits);
  if (bits.overrun()) return fail(Errc::data_loss, "the coded tensor's model is cut off");
  if (Status fits = check(model, shape, levels); !fits) return fits;
  return decode_stream(bits.rest(), shape, levels, ReadyDecoder(model), codes);
}

}  // namespace tandem::codec
