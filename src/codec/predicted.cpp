#include "predicted.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <functional>

#include "little_endian.hpp"
#include "predict.hpp"
#include "schedule.hpp"
#include "word_order.hpp"

namespace tandem::codec {
namespace {

// What of a group does not depend on its own codes.
void prepare(const Schedule& schedule, const PlaneShape& shape, const Model& model, const MarginPlanes& values,
             const MarginPlanes& errors, const ActivityMap& map, std::size_t first_channel, std::size_t channels,
             Group& group) {
  const bool narrow = channels > 1 || schedule.channels_per_group() > 1;
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    const std::size_t c = narrow ? first_channel + std::min(lane, channels - 1) : first_channel;
    const ChannelModel& its = model.channels[c];
    for (std::size_t tap = 0; tap < kOwnTaps; ++tap) group.own[tap][lane] = its.own[tap];
    group.means[lane] = its.mean;
    group.idle_errors[lane] = its.activity;
  }
  group.clear();
  const std::size_t rows = rows_in_run(shape);
  std::vector<std::int32_t> sums(run_length(shape, rows) + kSlack);
  std::vector<std::int32_t> activities(sums.size());
  Taps taps;
  Taps error_taps;
  for (std::size_t c = first_channel; c < first_channel + channels; ++c) {
    taps.clear();
    add_references(model.channels[c], values, taps);
    error_taps.clear();
    add_reference_errors(model, c, errors, error_taps);
    add_map(model, c, map, error_taps);
    for (std::size_t first = 0; first < shape.height; first += rows) {
      const std::size_t count = std::min(rows, shape.height - first);
      const std::size_t length = run_length(shape, count) + kSlack;
      sum_run(taps, first * values.pitch(), prediction_offset(model.channels[c]), std::span(sums).first(length));
      sum_run(error_taps, first * errors.pitch(), activity_offset(model, c), std::span(activities).first(length));
      for (std::size_t k = 0; k < count; ++k) {
        auto [step, lane] = schedule.turn(c, first + k, 0);
        const std::size_t begin = k * values.pitch();
        for (std::size_t x = begin; x < begin + shape.width; ++x, ++step) {
          group.sums[step * kLanes + lane] = sums[x];
          group.activities[step * kLanes + lane] = activities[x];
        }
      }
    }
  }
}

// From the group's order to planes.
void collect(const Schedule& schedule, const PlaneShape& shape, const Group& group, std::size_t c,
             std::span<std::uint8_t> codes, MarginPlanes& values, MarginPlanes& errors) {
  for (std::size_t y = 0; y < shape.height; ++y) {
    const auto [step, lane] = schedule.turn(c, y, 0);
    std::uint8_t* const code = codes.data() + (c * shape.height + y) * shape.width;
    std::int16_t* const value = values.row(c, y);
    std::int16_t* const error = errors.row(c, y);
    // Within a row the buffer's rows follow each other.
    const std::size_t at = schedule.steps()[step].row * kBufferColumns + 2 + lane;
    for (std::size_t x = 0; x < shape.width; ++x) {
      code[x] = group.codes[(step + x) * kLanes + lane];
      value[x] = group.values[at + x * kBufferColumns];
      error[x] = group.errors[at + x * kBufferColumns];
    }
  }
}

// Where there are few codes, the last states of so many coders are a large part of the whole: two lanes share one.
std::size_t states_for(std::size_t codes) {
  constexpr std::size_t kFewCodes = 20'000;
  return codes < kFewCodes ? kLanes / 2 : kLanes;
}

// Takes what is known of each row: its channel, its number, and the contexts and symbols of its codes.
template <class Sink>
void visit_symbols(std::span<const std::uint8_t> codes, const PlaneShape& shape, unsigned levels, const Model& model,
                   const Sink& sink) {
  const Scale scale(levels);
  MarginPlanes values(shape);
  MarginPlanes errors(shape);
  ActivityMap map(shape);
  const std::size_t group = is_narrow(shape) ? kLanes : 1;
  const std::size_t rows = rows_in_run(shape);
  const std::size_t room = run_length(shape, rows) + kSlack;
  std::vector<std::int32_t> sums(room);
  std::vector<std::int32_t> activities(room);
  std::vector<std::uint16_t> contexts(room);
  std::vector<std::uint8_t> symbols(room);
  Taps taps;
  Taps error_taps;
  for (std::size_t c = 0; c < shape.channels; ++c) {
    const ChannelModel& its = model.channels[c];
    for (std::size_t y = 0; y < shape.height; ++y) {
      find_values(codes.subspan((c * shape.height + y) * shape.width, shape.width), its.mean, scale, values.row(c, y));
    }
    std::ranges::fill(errors.above(c), static_cast<std::int16_t>(its.activity));
    taps.clear();
    add_own(its, values, c, taps);
    add_references(its, values, taps);
    error_taps.clear();
    add_own_errors(model.activity, errors, c, error_taps);
    add_reference_errors(model, c, errors, error_taps);
    add_map(model, c, map, error_taps);
    for (std::size_t first = 0; first < shape.height; first += rows) {
      const std::size_t count = std::min(rows, shape.height - first);
      const std::size_t length = run_length(shape, count) + kSlack;
      const auto run_sums = std::span(sums).first(length);
      const auto run_activities = std::span(activities).first(length);
      sum_run(taps, first * values.pitch(), prediction_offset(its), run_sums);
      find_errors({.channel = c, .first = first, .count = count}, shape, its, scale, values, run_sums, errors);
      sum_run(error_taps, first * errors.pitch(), activity_offset(model, c), run_activities);
      find_symbols({.values = values.row(c, first),
                    .predictions = run_sums,
                    .activities = run_activities,
                    .contexts = std::span(contexts).first(length),
                    .symbols = std::span(symbols).first(length)},
                   its.mean, scale, model.zero_symbol);
      for (std::size_t k = 0; k < count; ++k) {
        sink(c, first + k, contexts.data() + k * values.pitch(), symbols.data() + k * values.pitch());
      }
    }
    if (model.activity.looks_at_places() && (c + 1) % group == 0) {
      for (std::size_t k = c + 1 - group; k <= c; ++k) map.add(errors, k, model.channels[k].activity);
    }
  }
}

std::uint16_t slot_of(std::uint16_t context, std::uint8_t symbol, const Model& model) {
  return static_cast<std::uint16_t>(model.table_of[context] * kMaxSymbols + symbol);
}

}  // namespace

Symbols find_symbols(std::span<const std::uint8_t> codes, const PlaneShape& shape, unsigned levels,
                     const Model& model) {
  Symbols result{.contexts = std::vector<std::uint16_t>(codes.size()),
                 .symbols = std::vector<std::uint8_t>(codes.size())};
  visit_symbols(codes, shape, levels, model,
                [&](std::size_t c, std::size_t y, const std::uint16_t* contexts, const std::uint8_t* symbols) {
                  const std::size_t begin = (c * shape.height + y) * shape.width;
                  std::copy_n(contexts, shape.width, result.contexts.data() + begin);
                  std::copy_n(symbols, shape.width, result.symbols.data() + begin);
                });
  return result;
}

Slots find_slots(std::span<const std::uint8_t> codes, const PlaneShape& shape, unsigned levels, const Model& model) {
  Slots slots(codes.size());
  visit_symbols(codes, shape, levels, model,
                [&](std::size_t c, std::size_t y, const std::uint16_t* contexts, const std::uint8_t* symbols) {
                  std::uint16_t* const row = slots.data() + (c * shape.height + y) * shape.width;
                  for (std::size_t x = 0; x < shape.width; ++x) row[x] = slot_of(contexts[x], symbols[x], model);
                });
  return slots;
}

Slots slots_of(const Symbols& symbols, const Model& model) {
  Slots slots(symbols.symbols.size());
  for (std::size_t i = 0; i < slots.size(); ++i) slots[i] = slot_of(symbols.contexts[i], symbols.symbols[i], model);
  return slots;
}

void append_stream(const Slots& slots, std::span<const std::uint8_t> codes, const PlaneShape& shape,
                   const ReadyEncoder& ready, std::vector<std::byte>& out) {
  const Schedule schedule(shape);
  LaneWriter writer(states_for(codes.size()), codes.size());
  std::vector<std::uint32_t> entries(schedule.steps().size() * kLanes);
  struct Escaped {
    std::size_t turn;
    std::uint8_t code;
  };
  std::vector<Escaped> of_group;
  std::vector<std::uint8_t> escaped;  // the last first
  for (std::size_t group = schedule.groups(); group-- > 0;) {
    const std::size_t first = group * schedule.channels_per_group();
    const std::size_t end = std::min(first + schedule.channels_per_group(), shape.channels);
    of_group.clear();
    for (std::size_t c = first; c < end; ++c) {
      for (std::size_t y = 0; y < shape.height; ++y) {
        const std::size_t begin = (c * shape.height + y) * shape.width;
        const auto [step, lane] = schedule.turn(c, y, 0);
        std::size_t turn = step * kLanes + lane;
        for (std::size_t i = begin; i < begin + shape.width; ++i, turn += kLanes) {
          const std::uint32_t entry = ready.entries[slots[i]];
          entries[turn] = entry;
          if ((entry & kEscapes) != 0) [[unlikely]]
            of_group.push_back({.turn = turn, .code = codes[i]});
        }
      }
    }
    std::ranges::sort(of_group, std::greater<>(), &Escaped::turn);
    for (const Escaped& one : of_group) escaped.push_back(one.code);
    writer.put_group(schedule.steps(), schedule.lanes_of(group), entries);
  }
  append_varint(out, escaped.size());
  const auto bytes = std::as_bytes(std::span(escaped));
  out.insert(out.end(), bytes.rbegin(), bytes.rend());
  writer.finish(out);
}

Status check(const Model& model, const PlaneShape& shape, unsigned levels) {
  const auto damaged = [](std::string_view why) {
    return fail(Errc::data_loss, fmt::format("the coded tensor's model is damaged: {}", why));
  };
  if (model.channels.size() != shape.channels) return damaged("it is of another number of channels");
  if (model.tables.empty() || model.tables.size() > kMostTables) return damaged("it has no tables, or too many");
  for (const std::uint8_t table : model.table_of) {
    if (table >= model.tables.size()) return damaged("a context has no table");
  }
  for (const Weights& table : model.tables) {
    if (table[escape_of(levels)] == 0) return damaged("a table has no escape");
    if (std::any_of(table.begin() + levels, table.end(), [](std::uint16_t weight) { return weight != 0; })) {
      return damaged("a table has more symbols than there are levels");
    }
  }
  for (std::size_t c = 0; c < shape.channels; ++c) {
    const ChannelModel& its = model.channels[c];
    if (its.references.size() > kMostReferences) return damaged("a channel has too many references");
    if (its.activity > kMostActivity) return damaged("a channel's activity is too large");
    if (its.mean < -kMostActivity || its.mean > kMostActivity) return damaged("a channel's mean is too large");
    for (const Reference& reference : its.references) {
      if (reference.channel >= first_unusable_reference(shape, c)) return damaged("a reference comes too late");
    }
  }
  return {};
}

Status decode_stream(std::span<const std::byte> stream, const PlaneShape& shape, unsigned levels,
                     const ReadyDecoder& ready, std::span<std::uint8_t> codes) {
  const auto damaged = [] { return fail(Errc::data_loss, "the coded tensor's stream is damaged"); };
  LaneCoder coder;
  ByteReader reader(stream);
  const auto escapes = reader.read_varint();
  const auto escaped = reader.read_bytes(static_cast<std::size_t>(escapes.value_or(0)));
  if (!escapes || !escaped) return damaged();
  coder.escaped = reinterpret_cast<const std::uint8_t*>(escaped->data());
  coder.last_escaped = coder.escaped + escaped->size();
  stream = reader.rest();
  coder.state_count = states_for(codes.size());
  const std::size_t state_bytes = coder.state_count * sizeof(std::uint32_t);
  if (stream.size() < state_bytes || (stream.size() - state_bytes) % 2 != 0) return damaged();
  std::memcpy(coder.states.data(), stream.data(), state_bytes);
  const std::size_t count = (stream.size() - state_bytes) / 2;
  Kept<std::uint16_t> words(count + kLanes + kReadAhead);
  std::memcpy(words.data(), stream.data() + state_bytes, 2 * count);
  coder.next = words.data();
  coder.end = words.data() + count;
  // Without elements there are no steps to take.
  if (codes.empty()) return count == 0 && escaped->empty() ? Status() : damaged();

  const Scale scale(levels);
  const Schedule schedule(shape);
  const Model& model = ready.model;
  MarginPlanes values(shape);
  MarginPlanes errors(shape);
  ActivityMap map(shape);
  Group group(schedule);
  for (std::size_t g = 0; g < schedule.groups(); ++g) {
    const std::size_t first = g * schedule.channels_per_group();
    const std::size_t channels = std::min(schedule.channels_per_group(), shape.channels - first);
    group.lanes = schedule.lanes_of(g);
    prepare(schedule, shape, model, values, errors, map, first, channels, group);
    decode_group(schedule, model, scale, ready.tables, group, coder);
    if (coder.next > coder.end) return damaged();
    for (std::size_t c = first; c < first + channels; ++c) {
      collect(schedule, shape, group, c, codes, values, errors);
    }
    if (!model.activity.looks_at_places()) continue;
    for (std::size_t c = first; c < first + channels; ++c) map.add(errors, c, model.channels[c].activity);
  }
  const bool whole = coder.next == coder.end && coder.escaped == coder.last_escaped &&
                     std::ranges::all_of(std::span(coder.states).first(coder.state_count),
                                         [](std::uint32_t state) { return state == kLowest; });
  return whole ? Status() : damaged();
}

}  // namespace tandem::codec
