#include "tandem/codec/codec.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "container.hpp"
#include "linear8.hpp"

namespace tandem::codec {

std::vector<std::string_view> names() {
  return {kRaw, kLinear8, kJpeg};
}

Result<std::vector<std::byte>> encode(std::string_view codec, const network::TensorSpec& spec,
                                      std::span<const std::byte> data,
                                      const std::optional<network::Quantization>& quantization) {
  if (const auto bytes = checked_bytes(spec.type, spec.shape); !bytes) return forward_error(bytes);
  assert(data.size() == spec.bytes());
  if (codec == kLinear8) return encode_linear8(spec, data, quantization);
  if (codec == kRaw) {
    std::vector<std::byte> coded = container_head(kRaw, spec, {}, data.size());
    coded.insert(coded.end(), data.begin(), data.end());
    return coded;
  }
  if (codec == kJpeg) {
    return fail(Errc::invalid_argument,
                "codec 'jpeg' codes an image, not a tensor: only the network's input can use it");
  }
  return fail(Errc::invalid_argument, fmt::format("unknown codec '{}'; there are raw, linear8 and jpeg", codec));
}

Result<Header> read_header(std::span<const std::byte> coded) {
  return read_container(coded).map([](Container container) {
    return Header{.codec = std::string(container.codec), .spec = std::move(container.spec)};
  });
}

Status decode(std::span<const std::byte> coded, const network::TensorSpec& spec, std::span<std::byte> out) {
  const Result<Container> container = read_container(coded);
  if (!container) return forward_error(container);
  if (container->spec.type != spec.type || container->spec.shape != spec.shape) {
    return fail(Errc::invalid_argument,
                fmt::format("the coded tensor is {}, {} is due", to_string(container->spec), to_string(spec)));
  }
  if (out.size() != spec.bytes()) {
    return fail(Errc::invalid_argument, fmt::format("room for {} bytes, the tensor has {}", out.size(), spec.bytes()));
  }
  if (container->codec == kLinear8) return decode_linear8(*container, out);
  if (!container->parameters.empty() || container->payload.size() != out.size()) {
    return fail(Errc::data_loss,
                fmt::format("the coded tensor holds {} bytes, {} are due", container->payload.size(), out.size()));
  }
  std::ranges::copy(container->payload, out.begin());
  return {};
}

}  // namespace tandem::codec
