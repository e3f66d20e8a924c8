#include "channel_grids.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cmath>

#include "bits.hpp"
#include "quantise.hpp"
#include "scalar.hpp"

namespace tandem::codec {
namespace {

using network::ElementType;
using network::Quantization;

constexpr unsigned kLowBits = 2;
constexpr unsigned kFloatBits = 32;
constexpr unsigned kHalfBits = 16;
constexpr unsigned kWidthBits = 16;
constexpr unsigned kWidthShift = 15;
constexpr std::uint32_t kLowerHalf = 0xffffU;
constexpr std::size_t kLeastBits = kLowBits + 1;  // of a channel

enum class Low : std::uint8_t { zero = 0, half = 1, whole = 2 };

std::uint32_t bits_of(float value) {
  return std::bit_cast<std::uint32_t>(value);
}

Low kind_of(float low) {
  if (low == 0) return Low::zero;
  return (bits_of(low) & kLowerHalf) == 0 ? Low::half : Low::whole;
}

// The greatest number not above `value` that the upper half of a float32 can say; -infinity where there is none.
float down_to_half(float value) {
  const std::uint32_t cut = bits_of(value) & ~kLowerHalf;
  const bool too_high = value < 0 && cut != bits_of(value);
  return std::bit_cast<float>(too_high ? cut + kLowerHalf + 1 : cut);
}

// The least width not below `width` that can be sent.
float up_to_width(float width) {
  constexpr std::uint32_t kBelow = (1U << kWidthShift) - 1;
  return std::bit_cast<float>((bits_of(width) + kBelow) & ~kBelow);
}

// What is sent for the range: nothing where that is no grid any more.
std::optional<ChannelGrid> sendable(const Quantization& range) {
  if (range.low == range.high) return ChannelGrid{.low = range.low};
  // A low end of half the bits costs little precision where zero is not far from the range.
  constexpr float kLittle = 1.0F / 64;
  const float half = down_to_half(range.low);
  ChannelGrid channel;
  channel.low = range.low - half <= (range.high - range.low) * kLittle ? half : range.low;
  channel.width = up_to_width(range.high - channel.low);
  // Sums round, too: the greatest value must not lie beyond the grid.
  while (channel.low + channel.width < range.high) {
    channel.width = std::bit_cast<float>(bits_of(channel.width) + (1U << kWidthShift));
  }
  return is_usable(channel.grid(range.levels)) ? std::optional(channel) : std::nullopt;
}

std::optional<ChannelGrid> fit(ElementType type, std::span<const std::byte> data, int levels, double kept) {
  auto range = min_max_grid(type, data, levels);
  if (range && kept < 1.0) {
    const bool rectified = range->low == 0;
    range = clipped_grid(type, data, levels, kept);
    if (rectified && range) range->low = 0;
  }
  return range ? sendable(*range) : std::nullopt;
}

void fill(float value, ElementType type, std::span<std::byte> out) {
  std::array<std::byte, sizeof(float)> one{};
  const std::size_t width = network::size_of(type);
  narrow(type, std::span(&value, 1), std::span(one).first(width));
  for (; !out.empty(); out = out.subspan(width)) std::copy_n(one.begin(), width, out.begin());
}

}  // namespace

std::size_t ChannelGrids::varying() const {
  return static_cast<std::size_t>(std::ranges::count_if(channels, &ChannelGrid::varies));
}

std::optional<ChannelGrids> channel_grids(ElementType type, std::span<const std::byte> data, std::size_t plane,
                                          int levels, double kept) {
  ChannelGrids grids{.channels = {}, .plane = plane, .levels = levels};
  const std::size_t plane_bytes = plane * network::size_of(type);
  for (; !data.empty(); data = data.subspan(plane_bytes)) {
    const auto channel = fit(type, data.first(plane_bytes), levels, kept);
    if (!channel) return std::nullopt;
    grids.channels.push_back(*channel);
  }
  return grids;
}

void append_channel_grids(const ChannelGrids& grids, std::vector<std::byte>& out) {
  BitWriter bits(out);
  for (const ChannelGrid& channel : grids.channels) {
    const Low kind = kind_of(channel.low);
    bits.write(static_cast<std::uint32_t>(kind), kLowBits);
    if (kind == Low::half) bits.write(bits_of(channel.low) >> kHalfBits, kHalfBits);
    if (kind == Low::whole) bits.write(bits_of(channel.low), kFloatBits);
    bits.write(channel.varies() ? 1 : 0, 1);
    if (channel.varies()) bits.write(bits_of(channel.width) >> kWidthShift, kWidthBits);
  }
  bits.flush();
}

Result<std::vector<ChannelGrid>> read_channel_grids(std::span<const std::byte> bytes, std::size_t channels) {
  const auto damaged = [] { return fail(Errc::data_loss, "the coded tensor's ranges of channels are damaged"); };
  if (channels > bytes.size() * 8 / kLeastBits) return damaged();
  BitReader bits(bytes);
  std::vector<ChannelGrid> grids(channels);
  for (ChannelGrid& channel : grids) {
    switch (static_cast<Low>(bits.read(kLowBits))) {
      case Low::zero: break;
      case Low::half: channel.low = std::bit_cast<float>(bits.read(kHalfBits) << kHalfBits); break;
      case Low::whole: channel.low = std::bit_cast<float>(bits.read(kFloatBits)); break;
      default: return damaged();
    }
    const bool varies = bits.read(1) != 0;
    if (varies) channel.width = std::bit_cast<float>(bits.read(kWidthBits) << kWidthShift);
    if (varies != channel.varies() || !is_usable(channel.grid(2))) return damaged();
  }
  if (bits.overrun() || !bits.rest().empty()) return damaged();
  return grids;
}

template <class Code>
void quantise(ElementType type, std::span<const std::byte> data, const ChannelGrids& grids, std::span<Code> codes) {
  assert(codes.size() == grids.varying() * grids.plane);
  const std::size_t plane_bytes = grids.plane * network::size_of(type);
  for (const ChannelGrid& channel : grids.channels) {
    if (channel.varies()) {
      quantise(type, data.first(plane_bytes), channel.grid(grids.levels), codes.first(grids.plane));
      codes = codes.subspan(grids.plane);
    }
    data = data.subspan(plane_bytes);
  }
}

template <class Code>
void dequantise(std::span<const Code> codes, const ChannelGrids& grids, ElementType type, std::span<std::byte> out) {
  assert(codes.size() == grids.varying() * grids.plane);
  const std::size_t plane_bytes = grids.plane * network::size_of(type);
  for (const ChannelGrid& channel : grids.channels) {
    const auto values = out.first(plane_bytes);
    out = out.subspan(plane_bytes);
    if (!channel.varies()) {
      fill(channel.low, type, values);
      continue;
    }
    dequantise(codes.first(grids.plane), channel.grid(grids.levels), type, values);
    codes = codes.subspan(grids.plane);
  }
}

template void quantise(ElementType, std::span<const std::byte>, const ChannelGrids&, std::span<std::uint8_t>);
template void quantise(ElementType, std::span<const std::byte>, const ChannelGrids&, std::span<std::uint16_t>);
template void dequantise(std::span<const std::uint8_t>, const ChannelGrids&, ElementType, std::span<std::byte>);
template void dequantise(std::span<const std::uint16_t>, const ChannelGrids&, ElementType, std::span<std::byte>);

}  // namespace tandem::codec
