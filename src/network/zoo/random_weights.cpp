#include "zoo/random_weights.hpp"

#include <openvino/runtime/tensor.hpp>

#include "tandem/base/random.hpp"

namespace tandem::network::zoo {
namespace {

// FNV-1a.
std::uint64_t hash(std::string_view text) {
  std::uint64_t h = 0xcbf29ce484222325ULL;
  for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return h;
}

// The finaliser of MurmurHash3: every bit of a counter changes every bit of the result. In 32 bits, so that a compiler
// makes it vector instructions.
std::uint32_t mixed(std::uint32_t x) {
  x = (x ^ (x >> 16U)) * 0x85ebca6bU;
  x = (x ^ (x >> 13U)) * 0xc2b2ae35U;
  return x ^ (x >> 16U);
}

}  // namespace

std::shared_ptr<ov::op::v0::Constant> random_weights(const ov::Shape& shape, double bound, std::uint64_t seed,
                                                     std::string_view name) {
  ov::Tensor tensor(ov::element::f32, shape);
  auto* values = static_cast<float*>(tensor.data());
  const auto count = static_cast<std::uint32_t>(tensor.get_size());
  const auto key = static_cast<std::uint32_t>(Random(seed ^ hash(name)).next());
  const float step = static_cast<float>(bound) * 0x1.0p-31F;
  for (std::uint32_t i = 0; i < count; ++i) {
    values[i] = static_cast<float>(static_cast<std::int32_t>(mixed(i * 0x9e3779b9U + key))) * step;
  }
  return std::make_shared<ov::op::v0::Constant>(tensor);
}

}  // namespace tandem::network::zoo
