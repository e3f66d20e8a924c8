#include "linear8.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>

#include "compress.hpp"
#include "little_endian.hpp"
#include "scalar.hpp"
#include "tandem/codec/codec.hpp"

namespace tandem::codec {
namespace {

using network::Quantization;
using network::TensorSpec;

enum class Mapping : std::uint8_t { own_bytes = 0, codes = 1 };

// Tensors go through the processor's first-level cache in blocks, as float32 whatever their type.
constexpr std::size_t kBlock = 2048;
constexpr std::size_t kLanes = 16;  // running minima and maxima side by side: what a vector register can hold

template <class Visit>
void for_each_block(const TensorSpec& spec, std::span<const std::byte> data, const Visit& visit) {
  const std::size_t width = network::size_of(spec.type);
  alignas(64) std::array<float, kBlock> block;
  for (std::size_t begin = 0; begin < data.size() / width; begin += kBlock) {
    const std::size_t count = std::min(kBlock, data.size() / width - begin);
    const std::span<float> values(block.data(), count);
    widen(spec.type, data.subspan(begin * width, count * width), values);
    visit(begin, std::span<const float>(values));
  }
}

struct Range {
  float low = std::numeric_limits<float>::infinity();
  float high = -std::numeric_limits<float>::infinity();
};

// Over the finite values: comparisons with a NaN are false, and the bounds keep infinities out.
Range finite_range(const TensorSpec& spec, std::span<const std::byte> data) {
  constexpr float kLargest = std::numeric_limits<float>::max();
  std::array<float, kLanes> low;
  std::array<float, kLanes> high;
  low.fill(std::numeric_limits<float>::infinity());
  high.fill(-std::numeric_limits<float>::infinity());
  for_each_block(spec, data, [&](std::size_t, std::span<const float> values) {
    std::array<float, kLanes> lows = low;  // local copies stay in registers
    std::array<float, kLanes> highs = high;
    const auto take = [&](std::size_t lane, float value) {
      const float for_low = value >= -kLargest ? value : kLargest;
      const float for_high = value <= kLargest ? value : -kLargest;
      lows[lane] = for_low < lows[lane] ? for_low : lows[lane];
      highs[lane] = for_high > highs[lane] ? for_high : highs[lane];
    };
    const std::size_t whole = values.size() / kLanes * kLanes;
    for (std::size_t i = 0; i < whole; i += kLanes) {
      for (std::size_t lane = 0; lane < kLanes; ++lane) take(lane, values[i + lane]);
    }
    for (std::size_t i = whole; i < values.size(); ++i) take(0, values[i]);
    low = lows;
    high = highs;
  });
  return {.low = *std::ranges::min_element(low), .high = *std::ranges::max_element(high)};
}

// What quantises a tensor without exact grid, if float32 can express the steps.
std::optional<Quantization> min_max_grid(const TensorSpec& spec, std::span<const std::byte> data) {
  const Range range = finite_range(spec, data);
  if (!(range.low <= range.high)) return std::nullopt;  // nothing finite
  const Quantization grid{.low = range.low, .high = range.high, .levels = 256};
  const float width = range.high - range.low;
  const bool divides = width == 0.0F || (std::isfinite(width) && std::isfinite(255.0F / width));
  return divides ? std::optional(grid) : std::nullopt;
}

bool is_usable(const Quantization& grid) {
  const float width = grid.high - grid.low;
  return grid.levels >= 2 && grid.levels <= 256 && std::isfinite(grid.low) && std::isfinite(grid.high) &&
         std::isfinite(width) && width >= 0.0F;
}

using Values = std::array<float, 256>;

// What each code stands for.
Values values_of(const Quantization& grid) {
  Values values{};
  for (std::size_t code = 0; code < values.size(); ++code) {
    values[code] = static_cast<float>(code) / static_cast<float>(grid.levels - 1) * (grid.high - grid.low) + grid.low;
  }
  return values;
}

// The nearest code of each value; a NaN fails the first comparison and becomes code 0. Arguments by value: a store to a
// byte could change anything it may point to, and the compiler would not vectorise.
void quantise_block(std::span<const float> values, float low, float inverse_step, float steps, std::uint8_t* codes) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    const float place = (values[i] - low) * inverse_step;
    const float above = place > 0.0F ? place : 0.0F;
    const float within = above < steps ? above : steps;
    // Never negative, where adding a half would round wrongly; std::lround is not vectorised and 8 times as slow.
    // NOLINTNEXTLINE(bugprone-incorrect-roundings)
    codes[i] = static_cast<std::uint8_t>(static_cast<std::int32_t>(within + 0.5F));
  }
}

std::vector<std::uint8_t> quantise(const TensorSpec& spec, std::span<const std::byte> data, const Quantization& grid) {
  const float steps = static_cast<float>(grid.levels - 1);
  const float width = grid.high - grid.low;
  const float inverse_step = width == 0.0F ? 0.0F : steps / width;
  std::vector<std::uint8_t> codes(data.size() / network::size_of(spec.type));
  for_each_block(spec, data, [&](std::size_t begin, std::span<const float> values) {
    quantise_block(values, grid.low, inverse_step, steps, codes.data() + begin);
  });
  return codes;
}

// Kernels may round a fake-quantised value's last bits differently; a value further off than that is from no such grid.
bool lies_on_grid(const TensorSpec& spec, std::span<const std::byte> data, const Quantization& grid,
                  std::span<const std::uint8_t> codes) {
  const float rounding =
      4 * std::numeric_limits<float>::epsilon() * std::max(std::fabs(grid.low), std::fabs(grid.high));
  const float tolerance = std::max(1e-3F * grid.scale(), rounding);
  const Values decoded = values_of(grid);
  std::size_t outside = 0;
  for_each_block(spec, data, [&](std::size_t begin, std::span<const float> values) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      const bool inside = std::fabs(decoded[codes[begin + i]] - values[i]) <= tolerance;  // false for a NaN
      outside += inside ? 0 : 1;
    }
  });
  return outside == 0;
}

std::vector<std::byte> pack(const TensorSpec& spec, std::span<const std::byte> parameters,
                            std::span<const std::byte> content) {
  std::vector<std::byte> coded = container_head(kLinear8, spec, parameters, 0);
  const std::size_t head_bytes = coded.size();
  compress(content, coded);
  const std::uint64_t payload_bytes = coded.size() - head_bytes;
  std::memcpy(coded.data() + head_bytes - sizeof payload_bytes, &payload_bytes, sizeof payload_bytes);
  return coded;
}

std::vector<std::byte> pack_codes(const TensorSpec& spec, const Quantization& grid,
                                  std::span<const std::uint8_t> codes) {
  std::vector<std::byte> parameters;
  append(parameters, Mapping::codes);
  append(parameters, grid.low);
  append(parameters, grid.high);
  append(parameters, static_cast<std::uint16_t>(grid.levels));
  return pack(spec, parameters, std::as_bytes(codes));
}

Status dequantise(const Container& container, const Quantization& grid, std::span<std::byte> out) {
  const std::size_t width = network::size_of(container.spec.type);
  std::vector<std::uint8_t> codes(out.size() / width);
  if (Status status = decompress(container.payload, std::as_writable_bytes(std::span(codes))); !status) return status;
  const Values values = values_of(grid);
  std::array<float, kBlock> block;
  for (std::size_t begin = 0; begin < codes.size(); begin += kBlock) {
    const std::size_t count = std::min(kBlock, codes.size() - begin);
    for (std::size_t i = 0; i < count; ++i) block[i] = values[codes[begin + i]];
    narrow(container.spec.type, std::span(block).first(count), out.subspan(begin * width, count * width));
  }
  return {};
}

}  // namespace

std::vector<std::byte> encode_linear8(const TensorSpec& spec, std::span<const std::byte> data,
                                      const std::optional<Quantization>& grid) {
  if (is_float(spec.type)) {
    if (grid && is_usable(*grid)) {
      const auto codes = quantise(spec, data, *grid);
      if (lies_on_grid(spec, data, *grid, codes)) return pack_codes(spec, *grid, codes);
    }
    if (const auto own_grid = min_max_grid(spec, data)) {
      return pack_codes(spec, *own_grid, quantise(spec, data, *own_grid));
    }
  }
  const std::array parameters{static_cast<std::byte>(Mapping::own_bytes)};
  return pack(spec, parameters, data);
}

Status decode_linear8(const Container& container, std::span<std::byte> out) {
  ByteReader reader(container.parameters);
  const auto mapping = reader.read<std::uint8_t>();
  if (mapping == static_cast<std::uint8_t>(Mapping::own_bytes) && reader.rest().empty()) {
    return decompress(container.payload, out);
  }
  const auto low = reader.read<float>();
  const auto high = reader.read<float>();
  const auto levels = reader.read<std::uint16_t>();
  if (mapping != static_cast<std::uint8_t>(Mapping::codes) || !levels || !reader.rest().empty() ||
      !is_float(container.spec.type)) {
    return fail(Errc::data_loss, "the coded tensor's parameters are not of linear8");
  }
  const Quantization grid{.low = *low, .high = *high, .levels = *levels};
  if (!is_usable(grid)) return fail(Errc::data_loss, "the coded tensor's quantisation range is not one");
  return dequantise(container, grid, out);
}

}  // namespace tandem::codec
