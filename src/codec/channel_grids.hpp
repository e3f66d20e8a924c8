// A grid for each channel of a tensor of floats, from its own least to its own greatest value, and what it takes to
// send them. A channel of one value only is no codes at all: its grid says everything.
//
// Bits of each channel in turn (bits.hpp):
//   bits  what
//   2     low: 0 it is 0; 1 the upper half of a float32 follows; 2 a float32 follows
//   0-32  that
//   1     whether the channel varies
//   0-16  if so, the width: bits 15 to 30 of a float32 (those below and the sign are 0)
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "tandem/base/result.hpp"
#include "tandem/network/tensor.hpp"

namespace tandem::codec {

struct ChannelGrid {
  float low = 0;
  float width = 0;  // 0 where the channel does not vary

  [[nodiscard]] bool varies() const { return width != 0; }
  [[nodiscard]] network::Quantization grid(int levels) const {
    return {.low = low, .high = low + width, .levels = levels};
  }
  bool operator==(const ChannelGrid&) const = default;
};

// Of a tensor's channels, which follow each other in `data` and have `plane` values each.
struct ChannelGrids {
  std::vector<ChannelGrid> channels;
  std::size_t plane = 1;
  int levels = 256;

  [[nodiscard]] std::size_t varying() const;  // channels
};

// Each leaves out the most extreme values of its channel where kept < 1, but never the zeros of a rectified one. A
// width is rounded up, by less than a fortieth. Nothing where float32 cannot divide the range of a channel, or nothing
// in it is finite. Preconditions: is_float(type), plane > 0, data is some planes of that many values.
std::optional<ChannelGrids> channel_grids(network::ElementType type, std::span<const std::byte> data, std::size_t plane,
                                          int levels, double kept);

void append_channel_grids(const ChannelGrids& grids, std::vector<std::byte>& out);
// Error: data_loss, for one channel too few or too many, too. Allocates in proportion to the bytes at most.
Result<std::vector<ChannelGrid>> read_channel_grids(std::span<const std::byte> bytes, std::size_t channels);

// As those of quantise.hpp, with codes of varying channels only, one behind the other: grids.varying() * grids.plane.
// Code is std::uint8_t or, for more than 256 levels, std::uint16_t.
template <class Code>
void quantise(network::ElementType type, std::span<const std::byte> data, const ChannelGrids& grids,
              std::span<Code> codes);
template <class Code>
void dequantise(std::span<const Code> codes, const ChannelGrids& grids, network::ElementType type,
                std::span<std::byte> out);

}  // namespace tandem::codec
