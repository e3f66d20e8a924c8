#include "tandem/codec/shape.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tandem::codec {

Result<std::size_t> checked_bytes(network::ElementType type, std::span<const std::int64_t> shape) {
  if (shape.size() > kMaxRank) {
    return fail(Errc::invalid_argument, fmt::format("{} dimensions, at most {} are supported", shape.size(), kMaxRank));
  }
  for (const std::int64_t size : shape) {
    if (size < 0) return fail(Errc::invalid_argument, fmt::format("a dimension of {}, it must not be negative", size));
  }
  // A zero anywhere makes the tensor empty, however large the other dimensions claim to be.
  if (std::ranges::find(shape, 0) != shape.end()) return 0;
  std::size_t bytes = network::size_of(type);
  for (const std::int64_t size : shape) {
    if (static_cast<std::uint64_t>(size) > kMaxTensorBytes / bytes) {
      return fail(Errc::invalid_argument, fmt::format("a tensor over {} bytes is not supported", kMaxTensorBytes));
    }
    bytes *= static_cast<std::size_t>(size);
  }
  return bytes;
}

}  // namespace tandem::codec
