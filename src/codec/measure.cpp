#include "tandem/codec/measure.hpp"

#include <fmt/format.h>
#include <zstd.h>

#include <algorithm>
#include <functional>

#include "features.hpp"
#include "jxl.hpp"
#include "scalar.hpp"
#include "tandem/base/clock.hpp"
#include "tandem/codec/codec.hpp"
#include "tiles.hpp"
#include "webp.hpp"

namespace tandem::codec {
namespace {

using Bytes = std::vector<std::byte>;
using Planes = std::vector<std::uint8_t>;

struct Coder {
  std::function<Result<Bytes>()> encode;
  std::function<Result<Planes>(const Bytes&)> decode;
  bool fast = true;
};

Coder ours(std::string_view base, const Codes& codes, const Priors* priors) {
  return {.encode = [=, &codes]() -> Result<Bytes> {
            Bytes out;
            append_planes(base, codes, priors, out);
            return out;
          },
          .decode = [=, &codes](const Bytes& coded) { return read_planes(coded, codes.shape, codes.levels, priors); }};
}

// A coder of images without loss. The baseline is spared the way back to planes.
template <class Encode, class Decode>
Coder tiled(const Codes& codes, const Encode& encode, const Decode& decode) {
  return {.encode = [=, &codes] { return encode(tile(codes.planes, codes.shape)); },
          .decode = [=, &codes](const Bytes& coded) -> Result<Planes> {
            const GreyImage whole = tile(codes.planes, codes.shape);
            auto pixels = decode(coded, whole);
            if (!pixels) return forward_error(pixels);
            return *pixels == whole.pixels ? codes.planes : Planes();
          },
          .fast = false};
}

Coder jxl(const Codes& codes, int effort) {
  return tiled(
      codes, [effort](const GreyImage& image) { return encode_jxl(image, effort); },
      [](const Bytes& coded, const GreyImage& whole) { return decode_jxl(coded, whole.pixels.size()); });
}

Coder webp(const Codes& codes) {
  return tiled(codes, encode_webp, [](const Bytes& coded, const GreyImage& whole) {
    return decode_webp(coded, whole.width, whole.height);
  });
}

Coder zstd(const Codes& codes, int level) {
  return {.encode = [=, &codes]() -> Result<Bytes> {
            Bytes out(ZSTD_compressBound(codes.planes.size()));
            const std::size_t size =
                ZSTD_compress(out.data(), out.size(), codes.planes.data(), codes.planes.size(), level);
            if (ZSTD_isError(size) != 0U) return fail(Errc::internal, ZSTD_getErrorName(size));
            out.resize(size);
            return out;
          },
          .decode = [&codes](const Bytes& coded) -> Result<Planes> {
            Planes out(codes.planes.size());
            const std::size_t size = ZSTD_decompress(out.data(), out.size(), coded.data(), coded.size());
            if (size != out.size()) return fail(Errc::internal, "zstd lost something");
            return out;
          }};
}

// Behind the name of one of our coders: on codes of a grid for each channel, which differ from those of the others.
constexpr std::string_view kByChannel = "-by-channel";

Result<Coder> coder_of(const std::string& name, const Codes& codes, const Priors* priors) {
  if (name == "tfc-prior") return ours(kTfc, codes, priors);
  if (name == kTfc) return ours(kTfc, codes, nullptr);
  if (name == kTfcFast) return ours(kTfcFast, codes, nullptr);
  if (name == fmt::format("{}{}", kTfc, kByChannel)) return ours(kTfc, codes, nullptr);
  if (name == fmt::format("{}{}", kTfcFast, kByChannel)) return ours(kTfcFast, codes, nullptr);
  if (name == "png") return ours(kJointDnn, codes, nullptr);
  if (name == "zstd-3") return zstd(codes, 3);
  if (name == "jxl-3") return jxl(codes, 3);
  if (name == "jxl-7") return jxl(codes, 7);
  if (name == "webp") return webp(codes);
  return fail(Errc::invalid_argument, fmt::format("unknown coder '{}'", name));
}

}  // namespace

Result<std::vector<CoderFigures>> measure_coders(const std::vector<std::string>& coders, const CoderTask& task) {
  if (!is_float(task.spec.type)) {
    return fail(Errc::invalid_argument, fmt::format("{} is not quantised", to_string(task.spec)));
  }
  const Clock& clock = steady_clock();
  const auto quantised_by = [&task](bool by_channel) {
    return quantised({.base = kTfc, .levels = 1 << task.bits, .by_channel = by_channel}, task.spec, task.data,
                     task.grid);
  };
  const auto wants_channels = [](const std::string& name) { return name.ends_with(kByChannel); };
  const Quantised by_tensor = quantised_by(false);
  const Quantised by_channel = std::ranges::any_of(coders, wants_channels) ? quantised_by(true) : Quantised();
  std::vector<CoderFigures> figures;
  for (const std::string& name : coders) {
    const Quantised& tensor = wants_channels(name) ? by_channel : by_tensor;
    Bytes empty = container_head(kTfc, task.spec, tensor.parameters);
    seal(empty);
    const auto coder = coder_of(name, tensor.codes, task.priors);
    if (!coder) return forward_error(coder);
    CoderFigures one{.coder = name, .encode = Milliseconds::max(), .decode = Milliseconds::max()};
    for (int i = 0; i < (coder->fast ? task.repetitions : 1); ++i) {
      const Instant start = clock.now();
      const auto coded = coder->encode();
      const Instant between = clock.now();
      if (!coded) return forward_error(coded, name);
      const auto decoded = coder->decode(*coded);
      const Instant end = clock.now();
      if (!decoded) return forward_error(decoded, name);
      if (*decoded != tensor.codes.planes) return fail(Errc::internal, name + " did not give back what it was given");
      one.encode = std::min<Milliseconds>(one.encode, between - start);
      one.decode = std::min<Milliseconds>(one.decode, end - between);
      one.bytes = static_cast<double>(coded->size() + empty.size());
    }
    figures.push_back(std::move(one));
  }
  return figures;
}

}  // namespace tandem::codec
