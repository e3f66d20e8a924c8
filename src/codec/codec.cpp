#include "tandem/codec/codec.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cassert>

#include "container.hpp"
#include "decode_pieces.hpp"
#include "features.hpp"
#include "linear8.hpp"
#include "tandem/codec/pieces.hpp"

namespace tandem::codec {
namespace {

Result<std::vector<std::byte>> encode_pieces(std::string_view codec, const network::TensorSpec& spec,
                                             std::span<const std::byte> data,
                                             const std::optional<network::Quantization>& quantization) {
  auto encoder = PieceEncoder::start(codec, spec, data, quantization);
  if (!encoder) return forward_error(encoder);
  std::vector<std::byte> coded;
  while (!encoder->done()) {
    const auto piece = encoder->next();
    if (!piece) return forward_error(piece);
    coded.insert(coded.end(), piece->begin(), piece->end());
  }
  return coded;
}

}  // namespace

std::vector<std::string_view> names() {
  return {kRaw, kLinear8, kTfcFast, kTfc, kJointDnn, kButterfly, kBottleNet, kJpeg};
}

Result<std::vector<std::byte>> encode(std::string_view codec, const network::TensorSpec& spec,
                                      std::span<const std::byte> data,
                                      const std::optional<network::Quantization>& quantization, const Priors* priors) {
  if (const auto bytes = checked_bytes(spec.type, spec.shape); !bytes) return forward_error(bytes);
  assert(data.size() == spec.bytes());
  if (codec == kLinear8) return encode_linear8(spec, data, quantization);
  if (codec.find('/') != std::string_view::npos) return encode_pieces(codec, spec, data, quantization);
  if (codec == kRaw) {
    std::vector<std::byte> coded = container_head(kRaw, spec, {});
    coded.insert(coded.end(), data.begin(), data.end());
    seal(coded);
    return coded;
  }
  if (codec == kJpeg) {
    return fail(Errc::invalid_argument,
                "codec 'jpeg' codes an image, not a tensor: only the network's input can use it");
  }
  const auto features = feature_codec(codec);
  if (!features) return forward_error(features);
  if (*features) return encode_features(**features, spec, data, quantization, priors);
  return fail(Errc::invalid_argument, fmt::format("unknown codec '{}'; there are {}", codec, fmt::join(names(), ", ")));
}

std::vector<std::string> for_tensors() {
  // Six pieces: a fourteenth of coding and decoding is left to wait for, and the smallest still code well.
  std::vector<std::string> all{std::string(kLinear8), std::string(kTfcFast), std::string(kTfc)};
  for (const std::string_view codec : {kTfcFast, kTfc}) all.push_back(fmt::format("{}/6", codec));
  return all;
}

bool codes_tensors(std::string_view codec) {
  if (codec == kRaw || codec == kLinear8 || pieced_codec(codec)) return true;
  const auto features = feature_codec(codec);
  return features && features->has_value();
}

std::string_view name_in_header(std::string_view codec) {
  return codec.find('/') != std::string_view::npos ? kPieces : codec.substr(0, codec.find_first_of(":@"));
}

Result<Header> read_header(std::span<const std::byte> coded) {
  return read_container(coded).map([](Container container) {
    return Header{.codec = std::string(container.codec), .spec = std::move(container.spec)};
  });
}

Status decode(std::span<const std::byte> coded, const network::TensorSpec& spec, std::span<std::byte> out,
              const Priors* priors) {
  const Result<Container> container = read_container(coded);
  if (!container) return forward_error(container);
  if (Status due = check_due(*container, spec); !due) return due;
  if (out.size() != spec.bytes()) {
    return fail(Errc::invalid_argument, fmt::format("room for {} bytes, the tensor has {}", out.size(), spec.bytes()));
  }
  if (container->codec == kLinear8) return decode_linear8(*container, out);
  if (container->codec == kPieces) return decode_pieces(*container, out, priors);
  if (container->codec != kRaw) return decode_features(*container, out, priors);
  if (!container->parameters.empty() || container->payload.size() != out.size()) {
    return fail(Errc::data_loss,
                fmt::format("the coded tensor holds {} bytes, {} are due", container->payload.size(), out.size()));
  }
  std::ranges::copy(container->payload, out.begin());
  return {};
}

}  // namespace tandem::codec
