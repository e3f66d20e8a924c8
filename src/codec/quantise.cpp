#include "quantise.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <limits>

#include "scalar.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "quantise.cpp"
#include "simd.hpp"

HWY_BEFORE_NAMESPACE();
namespace tandem::codec::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Lowers `least` and raises `greatest` by the finite values among `count`: comparisons with a NaN are false, and the
// bounds keep infinities out.
void widen_range(const float* values, std::size_t count, float& least, float& greatest) {
  const hn::ScalableTag<float> d;
  const std::size_t width = hn::Lanes(d);
  const auto largest = hn::Set(d, std::numeric_limits<float>::max());
  const auto infinity = hn::Set(d, std::numeric_limits<float>::infinity());
  auto low = infinity;
  auto high = hn::Neg(infinity);
  std::size_t i = 0;
  for (; i + width <= count; i += width) {
    const auto v = hn::LoadU(d, values + i);
    const auto finite = hn::Le(hn::Abs(v), largest);
    low = hn::Min(low, hn::IfThenElse(finite, v, infinity));
    high = hn::Max(high, hn::IfThenElse(finite, v, hn::Neg(infinity)));
  }
  least = std::min(least, hn::GetLane(hn::MinOfLanes(d, low)));
  greatest = std::max(greatest, hn::GetLane(hn::MaxOfLanes(d, high)));
  for (; i < count; ++i) {
    if (!(std::fabs(values[i]) <= std::numeric_limits<float>::max())) continue;
    least = std::min(least, values[i]);
    greatest = std::max(greatest, values[i]);
  }
}

template <class Code>
HWY_INLINE void quantise_as(const float* values, std::size_t count, float low, float inverse_step, float steps,
                            Code* codes) {
  const hn::ScalableTag<float> d;
  const hn::RebindToSigned<decltype(d)> di;
  const hn::Rebind<Code, decltype(d)> dc;
  const std::size_t width = hn::Lanes(d);
  const auto lows = hn::Set(d, low);
  const auto inverses = hn::Set(d, inverse_step);
  const auto most = hn::Set(d, steps);
  const auto half = hn::Set(d, 0.5F);
  std::size_t i = 0;
  for (; i + width <= count; i += width) {
    const auto place = hn::Mul(hn::Sub(hn::LoadU(d, values + i), lows), inverses);
    const auto above = hn::IfThenElseZero(hn::Gt(place, hn::Zero(d)), place);  // zero for a NaN
    const auto within = hn::IfThenElse(hn::Lt(above, most), above, most);
    // Never negative, so that cutting off after adding a half rounds to nearest.
    hn::StoreU(hn::DemoteTo(dc, hn::ConvertTo(di, hn::Add(within, half))), dc, codes + i);
  }
  for (; i < count; ++i) {
    const float place = (values[i] - low) * inverse_step;
    const float above = place > 0.0F ? place : 0.0F;
    const float within = above < steps ? above : steps;
    codes[i] = static_cast<Code>(static_cast<std::int32_t>(within + 0.5F));  // NOLINT(bugprone-incorrect-roundings)
  }
}

void quantise8(const float* values, std::size_t count, float low, float inverse_step, float steps,
               std::uint8_t* codes) {
  quantise_as(values, count, low, inverse_step, steps, codes);
}

void quantise16(const float* values, std::size_t count, float low, float inverse_step, float steps,
                std::uint16_t* codes) {
  quantise_as(values, count, low, inverse_step, steps, codes);
}

}  // namespace tandem::codec::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tandem::codec {
namespace {

HWY_EXPORT(widen_range);
HWY_EXPORT(quantise8);
HWY_EXPORT(quantise16);

using network::ElementType;
using network::Quantization;

// Tensors go through the processor's first-level cache in blocks, as float32 whatever their type.
constexpr std::size_t kBlock = 2048;

template <class Visit>
void for_each_block(ElementType type, std::span<const std::byte> data, const Visit& visit) {
  const std::size_t width = network::size_of(type);
  const bool aligned = reinterpret_cast<std::uintptr_t>(data.data()) % alignof(float) == 0;
  if (type == ElementType::f32 && aligned) {  // as they are: the copy would take as long as the work
    visit(0, std::span(reinterpret_cast<const float*>(data.data()), data.size() / width));
    return;
  }
  alignas(64) std::array<float, kBlock> block;
  for (std::size_t begin = 0; begin < data.size() / width; begin += kBlock) {
    const std::size_t count = std::min(kBlock, data.size() / width - begin);
    const std::span<float> values(block.data(), count);
    widen(type, data.subspan(begin * width, count * width), values);
    visit(begin, std::span<const float>(values));
  }
}

struct Scale {
  float inverse_step;
  float steps;
};

Scale scale_of(const Quantization& grid) {
  const float steps = static_cast<float>(grid.levels - 1);
  const float width = grid.high - grid.low;
  return {.inverse_step = width == 0.0F ? 0.0F : steps / width, .steps = steps};
}

float value_of(const Quantization& grid, std::size_t code) {
  return static_cast<float>(code) / static_cast<float>(grid.levels - 1) * (grid.high - grid.low) + grid.low;
}

template <class Code, class ValueOf>
void dequantise_by(std::span<const Code> codes, ElementType type, std::span<std::byte> out, const ValueOf& value) {
  const std::size_t width = network::size_of(type);
  alignas(64) std::array<float, kBlock> block;
  for (std::size_t begin = 0; begin < codes.size(); begin += kBlock) {
    const std::size_t count = std::min(kBlock, codes.size() - begin);
    for (std::size_t i = 0; i < count; ++i) block[i] = value(codes[begin + i]);
    narrow(type, std::span(block).first(count), out.subspan(begin * width, count * width));
  }
}

constexpr std::size_t kByteCodes = 256;

std::array<float, kByteCodes> values_of(const Quantization& grid) {
  std::array<float, kByteCodes> values{};
  for (std::size_t code = 0; code < values.size(); ++code) values[code] = value_of(grid, code);
  return values;
}

}  // namespace

bool is_usable(const Quantization& grid) {
  const float width = grid.high - grid.low;
  return grid.levels >= 2 && grid.levels <= kMaxLevels && std::isfinite(grid.low) && std::isfinite(grid.high) &&
         std::isfinite(width) && width >= 0.0F;
}

std::optional<Quantization> min_max_grid(ElementType type, std::span<const std::byte> data, int levels) {
  Quantization grid{
      .low = std::numeric_limits<float>::infinity(), .high = -std::numeric_limits<float>::infinity(), .levels = levels};
  for_each_block(type, data, [&](std::size_t, std::span<const float> values) {
    HWY_DYNAMIC_DISPATCH(widen_range)(values.data(), values.size(), grid.low, grid.high);
  });
  if (!(grid.low <= grid.high)) return std::nullopt;  // nothing finite
  const float width = grid.high - grid.low;
  const bool divides = width == 0.0F || (std::isfinite(width) && std::isfinite(scale_of(grid).inverse_step));
  return divides ? std::optional(grid) : std::nullopt;
}

std::optional<Quantization> clipped_grid(ElementType type, std::span<const std::byte> data, int levels, double kept) {
  constexpr int kBins = 4096;
  auto grid = min_max_grid(type, data, kBins);
  if (!grid || grid->low == grid->high) return min_max_grid(type, data, levels);
  std::vector<std::uint16_t> bins(data.size() / network::size_of(type));
  quantise(type, data, *grid, std::span(bins));
  std::array<std::size_t, kBins> counts{};
  for (const std::uint16_t bin : bins) ++counts[bin];
  const auto most = static_cast<std::size_t>((1.0 - kept) / 2 * static_cast<double>(bins.size()));
  std::size_t low = 0;
  for (std::size_t left = counts[low]; left <= most; left += counts[low]) ++low;
  std::size_t high = kBins - 1;
  for (std::size_t left = counts[high]; left <= most; left += counts[high]) --high;
  const Quantization clipped{.low = value_of(*grid, low), .high = value_of(*grid, high), .levels = levels};
  return low < high ? std::optional(clipped) : min_max_grid(type, data, levels);
}

void quantise(ElementType type, std::span<const std::byte> data, const Quantization& grid,
              std::span<std::uint8_t> codes) {
  assert(grid.levels <= 256);
  const Scale scale = scale_of(grid);
  for_each_block(type, data, [&](std::size_t begin, std::span<const float> values) {
    HWY_DYNAMIC_DISPATCH(quantise8)
    (values.data(), values.size(), grid.low, scale.inverse_step, scale.steps, codes.data() + begin);
  });
}

void quantise(ElementType type, std::span<const std::byte> data, const Quantization& grid,
              std::span<std::uint16_t> codes) {
  const Scale scale = scale_of(grid);
  for_each_block(type, data, [&](std::size_t begin, std::span<const float> values) {
    HWY_DYNAMIC_DISPATCH(quantise16)
    (values.data(), values.size(), grid.low, scale.inverse_step, scale.steps, codes.data() + begin);
  });
}

bool lies_on_grid(ElementType type, std::span<const std::byte> data, const Quantization& grid,
                  std::span<const std::uint8_t> codes) {
  // Kernels may round a fake-quantised value's last bits differently; what is further off is from no such grid.
  const float rounding =
      4 * std::numeric_limits<float>::epsilon() * std::max(std::fabs(grid.low), std::fabs(grid.high));
  const float tolerance = std::max(1e-3F * grid.scale(), rounding);
  const auto decoded = values_of(grid);
  std::size_t outside = 0;
  for_each_block(type, data, [&](std::size_t begin, std::span<const float> values) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      const bool inside = std::fabs(decoded[codes[begin + i]] - values[i]) <= tolerance;  // false for a NaN
      outside += inside ? 0 : 1;
    }
  });
  return outside == 0;
}

void dequantise(std::span<const std::uint8_t> codes, const Quantization& grid, ElementType type,
                std::span<std::byte> out) {
  if (codes.size() < kByteCodes) {  // such as those of a small channel: fewer than a table has
    return dequantise_by(codes, type, out, [&](std::uint8_t code) { return value_of(grid, code); });
  }
  const auto values = values_of(grid);
  dequantise_by(codes, type, out, [&](std::uint8_t code) { return values[code]; });
}

void dequantise(std::span<const std::uint16_t> codes, const Quantization& grid, ElementType type,
                std::span<std::byte> out) {
  dequantise_by(codes, type, out, [&](std::uint16_t code) { return value_of(grid, code); });
}

}  // namespace tandem::codec
#endif
