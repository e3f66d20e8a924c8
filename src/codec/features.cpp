#include "features.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

#include "channel_grids.hpp"
#include "little_endian.hpp"
#include "modes.hpp"
#include "planes.hpp"
#include "quantise.hpp"
#include "scalar.hpp"
#include "tandem/codec/codec.hpp"

namespace tandem::codec {
namespace {

using network::ElementType;
using network::Quantization;
using network::TensorSpec;

enum class Mapping : std::uint8_t {
  own_bytes = 0,
  codes8 = 1,
  codes16 = 2,
  f16 = 3,
  bf16 = 4,
  channels8 = 5,
  channels16 = 6
};

// Byte k of every element, one plane behind the other: bytes of the same weight are alike, neighbours are not.
std::vector<std::uint8_t> split_bytes(std::span<const std::byte> data, std::size_t width) {
  std::vector<std::uint8_t> planes(data.size());
  const std::size_t count = data.size() / width;
  for (std::size_t k = 0; k < width; ++k) {
    for (std::size_t i = 0; i < count; ++i) planes[k * count + i] = std::to_integer<std::uint8_t>(data[i * width + k]);
  }
  return planes;
}

void join_bytes(std::span<const std::uint8_t> planes, std::size_t width, std::span<std::byte> data) {
  const std::size_t count = data.size() / width;
  for (std::size_t k = 0; k < width; ++k) {
    for (std::size_t i = 0; i < count; ++i) data[i * width + k] = static_cast<std::byte>(planes[k * count + i]);
  }
}

PlaneShape shape_of(const TensorSpec& spec, std::size_t bytes_per_element) {
  PlaneShape shape = plane_shape(spec.shape);
  shape.channels *= bytes_per_element;
  return shape;
}

bool is_wide(int levels) {
  return levels > static_cast<int>(kByteLevels);
}

// Codes of one byte, or two planes of each channel. `grid`: one for all, or one for each channel; `shape`: of the
// codes.
template <class Grid>
Codes codes_on(const Grid& grid, PlaneShape shape, ElementType type, std::span<const std::byte> data) {
  Codes result{.planes = {}, .shape = shape};
  if (is_wide(grid.levels)) {
    std::vector<std::uint16_t> codes(shape.size());
    quantise(type, data, grid, std::span(codes));
    result.planes = split_bytes(std::as_bytes(std::span(codes)), 2);
    result.shape.channels *= 2;
    return result;
  }
  result.planes.resize(shape.size());
  quantise(type, data, grid, std::span(result.planes));
  result.levels = static_cast<unsigned>(grid.levels);
  return result;
}

Quantised on_grid(const TensorSpec& spec, std::span<const std::byte> data, const Quantization& grid) {
  Quantised result{.codes = codes_on(grid, plane_shape(spec.shape), spec.type, data), .parameters = {}};
  append(result.parameters, is_wide(grid.levels) ? Mapping::codes16 : Mapping::codes8);
  append(result.parameters, grid.low);
  append(result.parameters, grid.high);
  append(result.parameters, static_cast<std::uint16_t>(grid.levels - 1));
  return result;
}

// The channels of the tensor that vary: what is coded of one with a grid for each.
PlaneShape shape_of(const TensorSpec& spec, const ChannelGrids& grids) {
  PlaneShape shape = plane_shape(spec.shape);
  shape.channels = grids.varying();
  return shape;
}

// Nothing where a tensor is one channel, where its channels are one value each, or where one has no grid of its own.
std::optional<Quantised> on_channel_grids(const FeatureCodec& codec, const TensorSpec& spec,
                                          std::span<const std::byte> data) {
  const PlaneShape shape = plane_shape(spec.shape);
  if (data.empty() || shape.channels < 2 || shape.plane() < 2) return std::nullopt;
  const auto grids = channel_grids(spec.type, data, shape.plane(), codec.levels, codec.kept);
  if (!grids) return std::nullopt;
  Quantised result{.codes = codes_on(*grids, shape_of(spec, *grids), spec.type, data), .parameters = {}};
  append(result.parameters, is_wide(codec.levels) ? Mapping::channels16 : Mapping::channels8);
  append(result.parameters, static_cast<std::uint16_t>(codec.levels - 1));
  append_channel_grids(*grids, result.parameters);
  return result;
}

Quantised narrowed(const TensorSpec& spec, std::span<const std::byte> data, ElementType type) {
  Quantised result{.codes = {.planes = {}, .shape = shape_of(spec, 2)}, .parameters = {}};
  std::vector<float> values(spec.elements());
  widen(spec.type, data, values);
  std::vector<std::byte> halves(2 * values.size());
  narrow(type, values, halves);
  result.codes.planes = split_bytes(halves, 2);
  append(result.parameters, type == ElementType::f16 ? Mapping::f16 : Mapping::bf16);
  return result;
}

tl::unexpected<Error> bad_parameters(const Container& container) {
  return fail(Errc::data_loss, fmt::format("the coded tensor's parameters are not of {}", container.codec));
}

// As codes_on() made them. `wide`: two planes of each channel, which need not be for the number of levels.
template <class Grid>
Status decode_codes(const Container& container, const Grid& grid, bool wide, PlaneShape shape, const Priors* priors,
                    std::span<std::byte> out) {
  const std::size_t count = shape.size();
  if (wide) shape.channels *= 2;
  const auto planes =
      read_planes(container.payload, shape, wide ? kByteLevels : static_cast<unsigned>(grid.levels), priors);
  if (!planes) return forward_error(planes);
  if (!wide) {
    dequantise(std::span<const std::uint8_t>(*planes), grid, container.spec.type, out);
    return {};
  }
  std::vector<std::uint16_t> codes(count);
  join_bytes(*planes, 2, std::as_writable_bytes(std::span(codes)));
  dequantise(std::span<const std::uint16_t>(codes), grid, container.spec.type, out);
  return {};
}

Status decode_grid(const Container& container, bool wide, ByteReader reader, const Priors* priors,
                   std::span<std::byte> out) {
  const auto low = reader.read<float>();
  const auto high = reader.read<float>();
  const auto last_level = reader.read<std::uint16_t>();
  if (!last_level || !reader.rest().empty() || !is_float(container.spec.type)) return bad_parameters(container);
  const Quantization grid{.low = *low, .high = *high, .levels = *last_level + 1};
  if (!is_usable(grid) || (!wide && is_wide(grid.levels))) {
    return fail(Errc::data_loss, "the coded tensor's quantisation range is not one");
  }
  return decode_codes(container, grid, wide, plane_shape(container.spec.shape), priors, out);
}

Status decode_channel_grids(const Container& container, bool wide, ByteReader reader, const Priors* priors,
                            std::span<std::byte> out) {
  const auto last_level = reader.read<std::uint16_t>();
  if (!last_level || !is_float(container.spec.type) || out.empty()) return bad_parameters(container);
  const int levels = *last_level + 1;
  if (levels < 2 || (!wide && is_wide(levels))) return bad_parameters(container);
  const PlaneShape shape = plane_shape(container.spec.shape);
  auto channels = read_channel_grids(reader.rest(), shape.channels);
  if (!channels) return forward_error(channels);
  const ChannelGrids grids{.channels = std::move(*channels), .plane = shape.plane(), .levels = levels};
  return decode_codes(container, grids, wide, shape_of(container.spec, grids), priors, out);
}

Status decode_narrowed(const Container& container, ElementType type, std::span<std::byte> out) {
  if (!is_float(container.spec.type)) return bad_parameters(container);
  const auto planes = read_planes(container.payload, shape_of(container.spec, 2), kByteLevels, nullptr);
  if (!planes) return forward_error(planes);
  std::vector<std::byte> halves(planes->size());
  join_bytes(*planes, 2, halves);
  std::vector<float> values(container.spec.elements());
  widen(type, halves, values);
  narrow(container.spec.type, values, out);
  return {};
}

}  // namespace

Quantised quantised(const FeatureCodec& codec, const TensorSpec& spec, std::span<const std::byte> data,
                    const std::optional<Quantization>& grid) {
  if (is_float(spec.type)) {
    if (grid && is_usable(*grid) && grid->levels <= std::min(codec.levels, static_cast<int>(kByteLevels))) {
      Quantised result = on_grid(spec, data, *grid);
      if (lies_on_grid(spec.type, data, *grid, result.codes.planes)) return result;
    }
    if (codec.narrowed && *codec.narrowed != spec.type) return narrowed(spec, data, *codec.narrowed);
    if (codec.by_channel) {
      if (auto result = on_channel_grids(codec, spec, data)) return std::move(*result);
    }
    const auto own_grid = codec.narrowed     ? std::nullopt
                          : codec.kept < 1.0 ? clipped_grid(spec.type, data, codec.levels, codec.kept)
                                             : min_max_grid(spec.type, data, codec.levels);
    if (own_grid) return on_grid(spec, data, *own_grid);
  }
  const std::size_t width = network::size_of(spec.type);
  Quantised result{.codes = {.planes = split_bytes(data, width), .shape = shape_of(spec, width)}, .parameters = {}};
  append(result.parameters, Mapping::own_bytes);
  return result;
}

Result<std::optional<FeatureCodec>> feature_codec(std::string_view name) {
  constexpr std::array kFeatureCodecs{kTfcFast, kTfc, kJointDnn, kButterfly, kBottleNet};
  constexpr int kMostBits = 8;
  const std::string_view base = name.substr(0, name.find(':'));
  const auto known = std::ranges::find(kFeatureCodecs, base);
  if (known == kFeatureCodecs.end()) return std::nullopt;
  FeatureCodec codec{.base = *known};
  if (base.size() == name.size()) return codec;
  if (base == kBottleNet) {
    return fail(Errc::invalid_argument, fmt::format("codec '{}': {} has 8 bits and nothing else", name, kBottleNet));
  }
  const std::string_view precision = name.substr(base.size() + 1);
  if (precision == "f16") codec.narrowed = ElementType::f16;
  if (precision == "bf16") codec.narrowed = ElementType::bf16;
  if (codec.narrowed) return codec;
  const auto wrong = [name] {
    return fail(Errc::invalid_argument,
                fmt::format("codec '{}': after the colon stand 2 to 8 or 16 bits, f16 or bf16; after bits may stand c "
                            "(of {} and {}: a range for each channel), and @ and the percentage of values kept, 50 to "
                            "100",
                            name, kTfc, kTfcFast));
  };
  const char* const first = precision.data();
  const char* const last = first + precision.size();
  int bits = 0;
  auto [end, error] = std::from_chars(first, last, bits);
  if (error != std::errc() || ((bits < 2 || bits > kMostBits) && bits != 2 * kMostBits)) return wrong();
  codec.levels = 1 << bits;
  codec.by_channel = end != last && *end == 'c';
  if (codec.by_channel && base != kTfc && base != kTfcFast) return wrong();
  if (codec.by_channel) ++end;
  if (end == last) return codec;
  double percentage = 0;
  if (*end != '@' || std::from_chars(end + 1, last, percentage).ptr != last) return wrong();
  if (!(percentage >= 50 && percentage <= 100)) return wrong();
  codec.kept = percentage / 100;
  return codec;
}

std::vector<std::byte> encode_features(const FeatureCodec& codec, const TensorSpec& spec,
                                       std::span<const std::byte> data, const std::optional<Quantization>& grid,
                                       const Priors* priors) {
  // What is lost of codes is less where they fill the bytes, and what are no numbers is lost with nothing.
  const bool lossy = codec.base == kBottleNet;
  const bool fills_bytes = grid && grid->levels == static_cast<int>(kByteLevels);
  const Quantised tensor = quantised(codec, spec, data, lossy && !fills_bytes ? std::nullopt : grid);
  const bool may_lose = lossy && is_float(spec.type) && tensor.parameters.size() > 1;
  std::vector<std::byte> coded = container_head(codec.base, spec, tensor.parameters);
  append_planes(lossy && !may_lose ? kButterfly : codec.base, tensor.codes, priors, coded);
  seal(coded);
  return coded;
}

Status decode_features(const Container& container, std::span<std::byte> out, const Priors* priors) {
  ByteReader reader(container.parameters);
  const auto number = reader.read<std::uint8_t>();
  if (!number) return bad_parameters(container);
  const auto mapping = static_cast<Mapping>(*number);
  if (mapping == Mapping::codes8 || mapping == Mapping::codes16)
    return decode_grid(container, mapping == Mapping::codes16, reader, priors, out);
  if (mapping == Mapping::channels8 || mapping == Mapping::channels16)
    return decode_channel_grids(container, mapping == Mapping::channels16, reader, priors, out);
  if (!reader.rest().empty()) return bad_parameters(container);
  if (mapping == Mapping::f16) return decode_narrowed(container, ElementType::f16, out);
  if (mapping == Mapping::bf16) return decode_narrowed(container, ElementType::bf16, out);
  if (mapping != Mapping::own_bytes) return bad_parameters(container);
  const std::size_t width = network::size_of(container.spec.type);
  const auto planes = read_planes(container.payload, shape_of(container.spec, width), kByteLevels, priors);
  if (!planes) return forward_error(planes);
  join_bytes(*planes, width, out);
  return {};
}

}  // namespace tandem::codec
