#include "lanes.hpp"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "lanes.cpp"
#include "simd.hpp"

#include "contexts_vector.hpp"
#include "rans_step.hpp"

HWY_BEFORE_NAMESPACE();
namespace tandem::codec::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Steps of a group, for vectors of eight or fewer lanes. ZeroSymbol is Model::zero_symbol.
template <bool ZeroSymbol>
void decode_steps(const Schedule& schedule, const ActivityModel& activity, const Scale& scale,
                  const LaneTables& lane_tables, Group& group, LaneCoder& coder) {
  const Integers d;
  const Lanes du;
  const hn::Rebind<std::int16_t, Integers> d16;
  const hn::Rebind<std::uint8_t, Integers> d8;
  const std::size_t width = hn::Lanes(d);
  const std::uint32_t* const tables = lane_tables.tables.front().data();
  const std::int32_t* const table_at = lane_tables.table_at.data();
  const auto& at = schedule.neighbours();
  const std::size_t mirror = schedule.mirror_rows() * kBufferColumns;
  const bool mirrors = schedule.channels_per_group() == 1;
  const std::size_t escape = escape_of(static_cast<unsigned>(scale.levels));
  HWY_ALIGN std::int32_t unpacked[8];
  const std::uint16_t* words = coder.next;
  std::size_t k = 0;
  for (const Step& step : schedule.steps()) {
    if (words > coder.end) break;
    const unsigned active = step.active & group.lanes;
    const std::size_t row = step.row * kBufferColumns;
    for (std::size_t lane = 0; lane < kLanes; lane += width) {
      const std::int16_t* const values = group.values.data() + row + 2 + lane;
      const std::int16_t* const errors = group.errors.data() + row + 2 + lane;
      const auto value = [&](std::size_t tap) { return hn::PromoteTo(d, hn::LoadU(d16, values + at[tap])); };
      const auto error = [&](std::size_t tap) { return hn::PromoteTo(d, hn::LoadU(d16, errors + at[tap])); };
      // What is nearest in time comes last, so that it is waited for by as little as possible.
      auto sum = hn::LoadU(d, group.sums.data() + k * kLanes + lane);
      auto expected = hn::LoadU(d, group.activities.data() + k * kLanes + lane);
      for (std::size_t tap = kOwnTaps; tap-- > 0;) {
        sum = hn::Add(sum, hn::Mul(hn::LoadU(d, group.own[tap].data() + lane), value(tap)));
      }
      for (std::size_t tap = activity.own.size(); tap-- > 0;) {
        expected = hn::Add(expected, hn::Mul(constant(activity.own[tap]), error(tap)));
      }
      const auto prediction = clamped(hn::ShiftRight<kCoefficientBits>(sum), 0, scale.largest());
      const auto context = vector_context_of(prediction, expected, scale, ZeroSymbol);
      const auto table = hn::GatherIndex(d, table_at, context);

      std::uint32_t* const states = coder.states.data() + (lane & (coder.state_count - 1));
      const auto state = hn::LoadU(du, states);
      const auto slot = hn::And(state, hn::Set(du, kScale - 1));
      const auto entry = hn::GatherIndex(du, tables, hn::Add(table, hn::BitCast(d, slot)));
      const std::uint8_t active_bits[8] = {static_cast<std::uint8_t>(active >> lane)};
      const auto is_active = hn::LoadMaskBits(d, active_bits);
      const auto advanced = hn::IfThenElse(hn::RebindMask(du, is_active), advance(state, entry), state);
      hn::StoreU(refill(advanced, words), du, states);

      const auto symbol = hn::BitCast(d, hn::And(entry, hn::Set(du, 0xffU)));
      auto code = vector_code_of(symbol, vector_nearest_code(prediction, scale), scale, ZeroSymbol);
      const auto escapes = hn::And(is_active, hn::Eq(symbol, constant(static_cast<int>(escape))));
      if (HWY_UNLIKELY(!hn::AllFalse(d, escapes))) {
        hn::Store(code, d, unpacked);
        std::uint8_t bits[8] = {};
        hn::StoreMaskBits(d, escapes, bits);
        for (std::size_t i = 0; i < width; ++i) {
          if ((bits[0] >> i & 1U) == 0 || coder.escaped == coder.last_escaped) continue;
          unpacked[i] = std::min<std::int32_t>(*coder.escaped++, scale.levels - 1);
        }
        code = hn::Load(d, unpacked);
      }
      const auto found = hn::ShiftLeftSame(code, scale.shift);
      const auto centred = hn::Sub(found, hn::LoadU(d, group.means.data() + lane));
      const auto missed =
          hn::IfThenElse(is_active, hn::Abs(hn::Sub(found, prediction)), hn::LoadU(d, group.idle_errors.data() + lane));
      hn::StoreU(hn::DemoteTo(d16, hn::IfThenElseZero(is_active, centred)), d16, group.values.data() + row + 2 + lane);
      hn::StoreU(hn::DemoteTo(d16, missed), d16, group.errors.data() + row + 2 + lane);
      hn::StoreU(hn::DemoteTo(d8, code), d8, group.codes.data() + k * kLanes + lane);
    }
    if (mirrors) {
      for (std::size_t i = 0; i < 2; ++i) {
        group.values[row + mirror + i] = group.values[row + kLanes + i];
        group.errors[row + mirror + i] = group.errors[row + kLanes + i];
      }
    }
    ++k;
  }
  coder.next = words;
}

void decode_any(const Schedule& schedule, const Model& model, const Scale& scale, const LaneTables& tables,
                Group& group, LaneCoder& coder) {
  if (model.zero_symbol) return decode_steps<true>(schedule, model.activity, scale, tables, group, coder);
  decode_steps<false>(schedule, model.activity, scale, tables, group, coder);
}

}  // namespace tandem::codec::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tandem::codec {

HWY_EXPORT(decode_any);

LaneTables lane_tables(const Model& model) {
  LaneTables result{.tables = std::vector<DecodeTable>(model.tables.size()),
                    .table_at = std::vector<std::int32_t>(kContexts)};
  for (std::size_t i = 0; i < model.tables.size(); ++i) fill(result.tables[i], scale(model.tables[i]));
  std::ranges::transform(model.table_of, result.table_at.begin(),
                         [](std::uint8_t table) { return static_cast<std::int32_t>(table * kScale); });
  return result;
}

Group::Group(const Schedule& schedule)
    : sums(schedule.steps().size() * kLanes),
      activities(sums.size()),
      values(schedule.buffer_size()),
      errors(schedule.buffer_size()),
      codes(sums.size()) {}

void Group::clear() {
  std::ranges::fill(values, std::int16_t{0});
  for (std::size_t i = 0; i + kBufferColumns <= errors.size(); i += kBufferColumns) {
    // The columns before lane 0 stand for the same channel where they are used at all.
    errors[i] = errors[i + 1] = static_cast<std::int16_t>(idle_errors[0]);
    for (std::size_t lane = 0; lane < kLanes; ++lane)
      errors[i + 2 + lane] = static_cast<std::int16_t>(idle_errors[lane]);
  }
}

void decode_group(const Schedule& schedule, const Model& model, const Scale& scale, const LaneTables& tables,
                  Group& group, LaneCoder& coder) {
  HWY_DYNAMIC_DISPATCH(decode_any)(schedule, model, scale, tables, group, coder);
}

}  // namespace tandem::codec
#endif
