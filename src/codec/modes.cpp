#include "modes.hpp"

#include <fmt/format.h>

#include <bit>
#include <optional>

#include "bits.hpp"
#include "clusters.hpp"
#include "fast.hpp"
#include "fitted.hpp"
#include "little_endian.hpp"
#include "predicted.hpp"
#include "prior_data.hpp"
#include "tandem/codec/codec.hpp"
#include "tiles.hpp"

namespace tandem::codec {
namespace {

enum class Mode : std::uint8_t { packed = 0, fast = 1, fitted = 2, prior = 3, png = 4, jpeg = 5 };

// A symbol costs at least log2(4096 / 4095) bits and stands for two codes at most, so a byte holds less than this many:
// what claims more is damaged, and refused before anything is allocated for it.
constexpr std::size_t kMostCodesPerByte = 46'000;
// Codes in a channel below which nothing told of it pays.
constexpr std::size_t kTinyPlane = 40;

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
    const Slots slots = find_slots(codes.planes, codes.shape, codes.levels, prior.model);
    append_stream(slots, codes.planes, codes.shape, *prior.encoder, coded.bytes);
    // Mostly nothing else is tried, which would take three times as long again.
    const double doubtful = prior.doubtful / 8000.0 * static_cast<double>(codes.planes.size());
    if (static_cast<double>(coded.bytes.size()) > doubtful) {
      Bytes fitted = encode_fitted(codes.planes, codes.shape, codes.levels);
      if (fitted.size() < coded.bytes.size()) coded = {.mode = Mode::fitted, .bytes = std::move(fitted)};
    }
    return coded;
  }
  return std::nullopt;
}

// Whether static tables could take fewer bytes: where groups of channels tell that much, clusters may do a bit better.
bool static_could_win(const Codes& codes, std::size_t bytes) {
  constexpr double kBetter = 0.93;
  const std::size_t plane = codes.shape.plane();
  std::vector<SparseCounts> counts;
  counts.reserve(codes.shape.channels);
  for (std::size_t c = 0; c < codes.shape.channels; ++c) {
    counts.push_back(count_symbols(std::span(codes.planes).subspan(c * plane, plane)));
  }
  return kBetter * static_cast<double>(entropy_in_groups(counts)) / 256 / 8 < static_cast<double>(bytes);
}

Coded smallest(std::string_view base, const Codes& codes, const Priors* priors) {
  if (codes.planes.empty()) return {};
  const std::size_t packed = packed_bytes(codes.planes.size(), codes.levels);
  if (base == kButterfly) return {};
  if (base == kJointDnn) return {.mode = Mode::png, .bytes = encode_tiles(codes.planes, codes.shape)};
  if (base == kBottleNet) {
    auto file = encode_lossy_tiles(codes.planes, codes.shape);
    // An image too large for JPEG is sent as it is.
    return file && file->size() < packed ? Coded{.mode = Mode::jpeg, .bytes = std::move(*file)} : Coded{};
  }
  auto coded = base == kTfc ? with_prior(codes, priors) : std::nullopt;
  if (base == kTfcFast || (!coded && codes.shape.plane() < kTinyPlane)) {
    coded = {.mode = Mode::fast, .bytes = encode_fast(codes.planes, codes.shape, codes.levels)};
  } else if (!coded) {
    coded = {.mode = Mode::fitted, .bytes = encode_fitted(codes.planes, codes.shape, codes.levels)};
    if (static_could_win(codes, coded->bytes.size())) {
      Bytes fast = encode_fast(codes.planes, codes.shape, codes.levels);
      if (fast.size() < coded->bytes.size()) coded = {.mode = Mode::fast, .bytes = std::move(fast)};
    }
  }
  return coded->bytes.size() < packed ? std::move(*coded) : Coded{};
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

}  // namespace

void append_planes(std::string_view base, const Codes& codes, const Priors* priors, Bytes& out) {
  const Coded coded = smallest(base, codes, priors);
  out.push_back(static_cast<std::byte>(coded.mode));
  if (coded.mode == Mode::packed) return append_packed(codes, out);
  out.insert(out.end(), coded.bytes.begin(), coded.bytes.end());
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
    case Mode::png: done = decode_tiles(reader.rest(), shape, levels, codes); break;
    case Mode::jpeg: done = decode_lossy_tiles(reader.rest(), shape, levels, codes); break;
    default: done = fail(Errc::data_loss, fmt::format("the coded tensor's mode {} is unknown", *mode));
  }
  if (!done) return forward_error(done);
  return codes;
}

}  // namespace tandem::codec
