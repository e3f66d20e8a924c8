#include "features.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstdint>

#include "bits.hpp"
#include "clusters.hpp"
#include "fast.hpp"
#include "fitted.hpp"
#include "little_endian.hpp"
#include "planes.hpp"
#include "predicted.hpp"
#include "prior_data.hpp"
#include "quantise.hpp"
#include "scalar.hpp"
#include "train.hpp"
#include "tandem/codec/codec.hpp"

namespace tandem::codec {
namespace {

using network::ElementType;
using network::Quantization;
using network::TensorSpec;

enum class Mapping : std::uint8_t { own_bytes = 0, codes8 = 1, codes16 = 2, f16 = 3, bf16 = 4 };
enum class Mode : std::uint8_t { packed = 0, fast = 1, fitted = 2, prior = 3 };

constexpr unsigned kByteLevels = 256;
// A symbol costs at least log2(4096 / 4095) bits, so a byte holds less than this many: what claims more is damaged, and
// refused before anything is allocated for it.
constexpr std::size_t kMostCodesPerByte = 23'000;
// Bytes over those of the training tensors from which a prior may be wrong for this one.
constexpr double kDisappointment = 1.15;

struct Codes {
  std::vector<std::uint8_t> planes;
  PlaneShape shape;
  unsigned levels = kByteLevels;
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

unsigned bits_for(unsigned levels) {
  return static_cast<unsigned>(std::bit_width(levels - 1));
}

std::size_t packed_bytes(std::size_t codes, unsigned levels) {
  return (codes * bits_for(levels) + 7) / 8;
}

void append_packed(const Codes& codes, std::vector<std::byte>& out) {
  if (codes.levels == kByteLevels) {
    const auto bytes = std::as_bytes(std::span(codes.planes));
    out.insert(out.end(), bytes.begin(), bytes.end());
    return;
  }
  BitWriter bits(out);
  for (const std::uint8_t code : codes.planes) bits.write(code, bits_for(codes.levels));
  bits.flush();
}

Status read_packed(std::span<const std::byte> packed, unsigned levels, std::span<std::uint8_t> codes) {
  if (packed.size() != packed_bytes(codes.size(), levels)) {
    return fail(Errc::data_loss, fmt::format("the coded tensor holds {} bytes of packed codes, {} are due",
                                             packed.size(), packed_bytes(codes.size(), levels)));
  }
  BitReader bits(packed);
  for (std::uint8_t& code : codes) {
    code = static_cast<std::uint8_t>(bits.read(bits_for(levels)));
    if (code >= levels) return fail(Errc::data_loss, "the coded tensor holds a code beyond its levels");
  }
  return {};
}

using Bytes = std::vector<std::byte>;

// A mode and what it made of the codes.
struct Coded {
  Mode mode = Mode::packed;
  Bytes bytes;
};

std::optional<Coded> with_prior(const Codes& codes, const Priors* priors) {
  if (priors == nullptr) return std::nullopt;
  for (const BoundaryPrior& one : priors->all()) {
    const Prior::Data& prior = one.prior.data();
    if (prior.levels != codes.levels || prior.shape != codes.shape) continue;
    Coded coded{.mode = Mode::prior, .bytes = {}};
    coded.bytes.reserve(codes.planes.size());
    append(coded.bytes, prior.hash);
    const Symbols symbols = find_symbols(codes.planes, codes.shape, codes.levels, prior.model);
    append_stream(symbols, codes.planes, codes.shape, codes.levels, *prior.encoder, coded.bytes);
    // As good as on what it was trained on: nothing else is tried, which would take as long again.
    const double expected = prior.expected / 8000.0 * static_cast<double>(codes.planes.size());
    if (static_cast<double>(coded.bytes.size()) > kDisappointment * expected) {
      Bytes fitted = encode_fitted(codes.planes, codes.shape, codes.levels);
      if (fitted.size() < coded.bytes.size()) coded = {.mode = Mode::fitted, .bytes = std::move(fitted)};
    }
    return coded;
  }
  return std::nullopt;
}

// Whether static tables could take fewer bytes, by the entropies of channels, which no tables get below.
bool static_could_win(const Codes& codes, std::size_t bytes) {
  std::int64_t bits = 0;
  const std::size_t plane = codes.shape.plane();
  for (std::size_t c = 0; c < codes.shape.channels; ++c) {
    bits += entropy(count_symbols(std::span(codes.planes).subspan(c * plane, plane)));
  }
  return bits / 256 / 8 < static_cast<std::int64_t>(bytes);
}

Coded smallest(std::string_view base, const Codes& codes, const Priors* priors) {
  if (codes.planes.empty()) return {};
  const std::size_t packed = packed_bytes(codes.planes.size(), codes.levels);
  if (base == kTfcFast) {
    Coded coded{.mode = Mode::fast, .bytes = encode_fast(codes.planes, codes.shape, codes.levels)};
    return coded.bytes.size() < packed ? std::move(coded) : Coded{};
  }
  auto coded = with_prior(codes, priors);
  if (!coded) {
    coded = {.mode = Mode::fitted, .bytes = encode_fitted(codes.planes, codes.shape, codes.levels)};
    if (static_could_win(codes, coded->bytes.size())) {
      Bytes fast = encode_fast(codes.planes, codes.shape, codes.levels);
      if (fast.size() < coded->bytes.size()) coded = {.mode = Mode::fast, .bytes = std::move(fast)};
    }
  }
  return coded->bytes.size() < packed ? std::move(*coded) : Coded{};
}

void append_planes(std::string_view base, const Codes& codes, const Priors* priors, Bytes& out) {
  const Coded coded = smallest(base, codes, priors);
  out.push_back(static_cast<std::byte>(coded.mode));
  if (coded.mode == Mode::packed) return append_packed(codes, out);
  out.insert(out.end(), coded.bytes.begin(), coded.bytes.end());
}

Status decode_with_prior(std::span<const std::byte> coded, const PlaneShape& shape, unsigned levels,
                         const Priors* priors, std::span<std::uint8_t> codes) {
  ByteReader reader(coded);
  const auto hash = reader.read<std::uint32_t>();
  if (!hash) return fail(Errc::data_loss, "the coded tensor is cut off before the hash of its prior");
  const auto prior = priors != nullptr ? priors->find(*hash) : std::nullopt;
  if (!prior) {
    return fail(Errc::failed_precondition,
                fmt::format("the coded tensor needs the prior {:08x}, which is not here: both sides must have the "
                            "network's .priors file",
                            *hash));
  }
  const Prior::Data& data = prior->data();
  if (data.levels != levels || data.shape != shape) {
    return fail(Errc::data_loss, fmt::format("the prior {:08x} is of another shape than the coded tensor", *hash));
  }
  return decode_stream(reader.rest(), shape, levels, *data.decoder, codes);
}

Result<std::vector<std::uint8_t>> read_planes(std::span<const std::byte> payload, const PlaneShape& shape,
                                              unsigned levels, const Priors* priors) {
  ByteReader reader(payload);
  const auto mode = reader.read<std::uint8_t>();
  if (!mode) return fail(Errc::data_loss, "the coded tensor has no payload");
  if (shape.size() / kMostCodesPerByte > payload.size()) {
    return fail(Errc::data_loss,
                fmt::format("the coded tensor's {} bytes cannot hold {} values", payload.size(), shape.size()));
  }
  std::vector<std::uint8_t> codes(shape.size());
  Status done;
  switch (static_cast<Mode>(*mode)) {
    case Mode::packed: done = read_packed(reader.rest(), levels, codes); break;
    case Mode::fast: done = decode_fast(reader.rest(), shape, levels, codes); break;
    case Mode::fitted: done = decode_fitted(reader.rest(), shape, levels, codes); break;
    case Mode::prior: done = decode_with_prior(reader.rest(), shape, levels, priors, codes); break;
    default: done = fail(Errc::data_loss, fmt::format("the coded tensor's mode {} is unknown", *mode));
  }
  if (!done) return forward_error(done);
  return codes;
}

PlaneShape shape_of(const TensorSpec& spec, std::size_t bytes_per_element) {
  PlaneShape shape = plane_shape(spec.shape);
  shape.channels *= bytes_per_element;
  return shape;
}

struct Quantised {
  Codes codes;
  std::vector<std::byte> parameters;
};

void append_grid(std::vector<std::byte>& parameters, Mapping mapping, const Quantization& grid) {
  append(parameters, mapping);
  append(parameters, grid.low);
  append(parameters, grid.high);
  append(parameters, static_cast<std::uint16_t>(grid.levels - 1));
}

std::optional<Quantised> on_grid(const TensorSpec& spec, std::span<const std::byte> data, const Quantization& grid,
                                 bool must_be_exact) {
  Quantised result{.codes = {.planes = std::vector<std::uint8_t>(spec.elements()), .shape = shape_of(spec, 1)},
                   .parameters = {}};
  quantise(spec.type, data, grid, std::span(result.codes.planes));
  if (must_be_exact && !lies_on_grid(spec.type, data, grid, result.codes.planes)) return std::nullopt;
  result.codes.levels = static_cast<unsigned>(grid.levels);
  append_grid(result.parameters, Mapping::codes8, grid);
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

Quantised quantised(const FeatureCodec& codec, const TensorSpec& spec, std::span<const std::byte> data,
                    const std::optional<Quantization>& grid) {
  if (is_float(spec.type)) {
    if (grid && is_usable(*grid) && grid->levels <= std::min(codec.levels, static_cast<int>(kByteLevels))) {
      if (auto result = on_grid(spec, data, *grid, true)) return std::move(*result);
    }
    if (codec.narrowed && *codec.narrowed != spec.type) return narrowed(spec, data, *codec.narrowed);
    const auto own_grid = codec.narrowed ? std::nullopt : min_max_grid(spec.type, data, codec.levels);
    if (own_grid && own_grid->levels <= static_cast<int>(kByteLevels)) return *on_grid(spec, data, *own_grid, false);
    if (own_grid) {
      Quantised result{.codes = {.planes = {}, .shape = shape_of(spec, 2)}, .parameters = {}};
      std::vector<std::uint16_t> codes(spec.elements());
      quantise(spec.type, data, *own_grid, std::span(codes));
      result.codes.planes = split_bytes(std::as_bytes(std::span(codes)), 2);
      append_grid(result.parameters, Mapping::codes16, *own_grid);
      return result;
    }
  }
  const std::size_t width = network::size_of(spec.type);
  Quantised result{.codes = {.planes = split_bytes(data, width), .shape = shape_of(spec, width)}, .parameters = {}};
  append(result.parameters, Mapping::own_bytes);
  return result;
}

tl::unexpected<Error> bad_parameters(const Container& container) {
  return fail(Errc::data_loss, fmt::format("the coded tensor's parameters are not of {}", container.codec));
}

Status decode_grid(const Container& container, Mapping mapping, ByteReader reader, const Priors* priors,
                   std::span<std::byte> out) {
  const auto low = reader.read<float>();
  const auto high = reader.read<float>();
  const auto last_level = reader.read<std::uint16_t>();
  if (!last_level || !reader.rest().empty() || !is_float(container.spec.type)) return bad_parameters(container);
  const Quantization grid{.low = *low, .high = *high, .levels = *last_level + 1};
  const bool wide = mapping == Mapping::codes16;
  if (!is_usable(grid) || (!wide && grid.levels > static_cast<int>(kByteLevels))) {
    return fail(Errc::data_loss, "the coded tensor's quantisation range is not one");
  }
  const auto planes = read_planes(container.payload, shape_of(container.spec, wide ? 2 : 1),
                                  wide ? kByteLevels : static_cast<unsigned>(grid.levels), priors);
  if (!planes) return forward_error(planes);
  if (!wide) {
    dequantise(*planes, grid, container.spec.type, out);
    return {};
  }
  std::vector<std::uint16_t> codes(container.spec.elements());
  join_bytes(*planes, 2, std::as_writable_bytes(std::span(codes)));
  dequantise(codes, grid, container.spec.type, out);
  return {};
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

Result<std::optional<FeatureCodec>> feature_codec(std::string_view name) {
  constexpr int kMostBits = 8;
  const std::string_view base = name.substr(0, name.find(':'));
  if (base != kTfcFast && base != kTfc) return std::nullopt;
  FeatureCodec codec{.base = base == kTfc ? kTfc : kTfcFast};
  if (base.size() == name.size()) return codec;
  const std::string_view precision = name.substr(base.size() + 1);
  if (precision == "f16") codec.narrowed = ElementType::f16;
  if (precision == "bf16") codec.narrowed = ElementType::bf16;
  if (codec.narrowed) return codec;
  int bits = 0;
  const auto [end, error] = std::from_chars(precision.data(), precision.data() + precision.size(), bits);
  const bool whole = error == std::errc() && end == precision.data() + precision.size();
  if (!whole || ((bits < 2 || bits > kMostBits) && bits != 2 * kMostBits)) {
    return fail(Errc::invalid_argument,
                fmt::format("codec '{}': after the colon stand 2 to 8 or 16 bits, f16 or bf16", name));
  }
  codec.levels = 1 << bits;
  return codec;
}

Result<Prior> train_prior(const TensorSpec& spec, std::span<const network::Tensor> tensors, int bits,
                          const std::optional<Quantization>& grid) {
  if (tensors.empty()) return fail(Errc::invalid_argument, "a prior needs tensors to be trained on");
  if (bits < 2 || bits > 8) return fail(Errc::invalid_argument, fmt::format("{} bits; a prior has 2 to 8", bits));
  if (!is_float(spec.type)) {
    return fail(Errc::invalid_argument, fmt::format("{} is not quantised: priors are for floats", to_string(spec)));
  }
  const FeatureCodec codec{.base = kTfc, .levels = 1 << bits};
  std::vector<std::vector<std::uint8_t>> examples;
  unsigned levels = 0;
  for (const network::Tensor& tensor : tensors) {
    if (tensor.spec.type != spec.type || tensor.spec.shape != spec.shape) {
      return fail(Errc::invalid_argument, fmt::format("a tensor is {}, {} is due", to_string(tensor.spec), to_string(spec)));
    }
    Quantised one = quantised(codec, spec, tensor.data, grid);
    // A tensor without a range has codes of another kind; one that is not on the grid would have other levels.
    if (one.codes.shape != shape_of(spec, 1) || (levels != 0 && one.codes.levels != levels)) continue;
    levels = one.codes.levels;
    examples.push_back(std::move(one.codes.planes));
  }
  if (examples.empty()) return fail(Errc::invalid_argument, "none of the tensors can be quantised");
  const PlaneShape shape = shape_of(spec, 1);
  constexpr std::size_t kMostExtent = 65535;
  if (std::max({shape.channels, shape.height, shape.width}) > kMostExtent) {
    return fail(Errc::invalid_argument, fmt::format("{} is too large for a prior", to_string(spec)));
  }
  // What tables take, and then each channel and each of its references.
  constexpr std::size_t kForTables = 12 * 1024;
  constexpr std::size_t kChannelBytes = 17;
  constexpr std::size_t kReferenceBytes = 12;
  const std::size_t for_channel = (kMostPriorBytes - kForTables) / shape.channels;
  if (for_channel < kChannelBytes) return fail(Errc::invalid_argument, fmt::format("{} has too many channels for a prior", to_string(spec)));
  const std::size_t references = std::min(kMostReferences, (for_channel - kChannelBytes) / kReferenceBytes);
  const Model model = train(examples, shape, levels, {.references = references});
  std::size_t bytes = 0;
  const ReadyEncoder ready(model);
  for (const auto& codes : examples) {
    std::vector<std::byte> coded;
    append_stream(find_symbols(codes, shape, levels, model), codes, shape, levels, ready, coded);
    bytes += coded.size();
  }
  const auto expected = static_cast<std::uint32_t>(8000 * bytes / (examples.size() * shape.size()));
  return Prior::parse(write_prior(shape, levels, expected, model));
}

std::vector<std::byte> encode_features(const FeatureCodec& codec, const TensorSpec& spec,
                                       std::span<const std::byte> data, const std::optional<Quantization>& grid,
                                       const Priors* priors) {
  const Quantised tensor = quantised(codec, spec, data, grid);
  std::vector<std::byte> coded = container_head(codec.base, spec, tensor.parameters);
  append_planes(codec.base, tensor.codes, priors, coded);
  seal(coded);
  return coded;
}

Status decode_features(const Container& container, std::span<std::byte> out, const Priors* priors) {
  ByteReader reader(container.parameters);
  const auto number = reader.read<std::uint8_t>();
  if (!number) return bad_parameters(container);
  const auto mapping = static_cast<Mapping>(*number);
  if (mapping == Mapping::codes8 || mapping == Mapping::codes16) return decode_grid(container, mapping, reader, priors, out);
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
