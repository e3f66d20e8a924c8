#include "linear8.hpp"

#include <array>
#include <cstdint>

#include "compress.hpp"
#include "little_endian.hpp"
#include "quantise.hpp"
#include "scalar.hpp"
#include "tandem/codec/codec.hpp"

namespace tandem::codec {
namespace {

using network::Quantization;
using network::TensorSpec;

enum class Mapping : std::uint8_t { own_bytes = 0, codes = 1 };

constexpr int kMostLevels = 256;

std::vector<std::byte> pack(const TensorSpec& spec, std::span<const std::byte> parameters,
                            std::span<const std::byte> content) {
  std::vector<std::byte> coded = container_head(kLinear8, spec, parameters);
  compress(content, coded);
  seal(coded);
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

}  // namespace

std::vector<std::byte> encode_linear8(const TensorSpec& spec, std::span<const std::byte> data,
                                      const std::optional<Quantization>& grid) {
  if (is_float(spec.type)) {
    std::vector<std::uint8_t> codes(spec.elements());
    if (grid && is_usable(*grid) && grid->levels <= kMostLevels) {
      quantise(spec.type, data, *grid, std::span(codes));
      if (lies_on_grid(spec.type, data, *grid, codes)) return pack_codes(spec, *grid, codes);
    }
    if (const auto own_grid = min_max_grid(spec.type, data, kMostLevels)) {
      quantise(spec.type, data, *own_grid, std::span(codes));
      return pack_codes(spec, *own_grid, codes);
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
  if (!is_usable(grid) || grid.levels > kMostLevels) {
    return fail(Errc::data_loss, "the coded tensor's quantisation range is not one");
  }
  std::vector<std::uint8_t> codes(container.spec.elements());
  if (Status status = decompress(container.payload, std::as_writable_bytes(std::span(codes))); !status) return status;
  dequantise(codes, grid, container.spec.type, out);
  return {};
}

}  // namespace tandem::codec
