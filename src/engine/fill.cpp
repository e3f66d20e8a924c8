#include "fill.hpp"

#include <cstdint>
#include <cstring>

namespace tandem::engine {
namespace {

using network::ElementType;

template <class T, class Draw>
void fill(std::span<std::byte> data, const Draw& draw) {
  for (std::size_t i = 0; i + sizeof(T) <= data.size(); i += sizeof(T)) {
    const T value = draw();
    std::memcpy(data.data() + i, &value, sizeof(T));
  }
}

template <class T>
void fill_with(std::span<std::byte> data, T zero, T one, Random& random) {
  fill<T>(data, [&] { return random.below(2) == 0 ? zero : one; });
}

}  // namespace

void fill_plausibly(ElementType type, std::span<std::byte> data, Random& random) {
  constexpr std::uint16_t kOneInF16 = 0x3c00;
  constexpr std::uint16_t kOneInBf16 = 0x3f80;
  switch (type) {
    case ElementType::f32: return fill<float>(data, [&] { return static_cast<float>(random.uniform(-1.0, 1.0)); });
    case ElementType::f64: return fill<double>(data, [&] { return random.uniform(-1.0, 1.0); });
    case ElementType::f16: return fill_with<std::uint16_t>(data, 0, kOneInF16, random);
    case ElementType::bf16: return fill_with<std::uint16_t>(data, 0, kOneInBf16, random);
    case ElementType::i8:
    case ElementType::u8:
    case ElementType::boolean: return fill_with<std::uint8_t>(data, 0, 1, random);
    case ElementType::i16:
    case ElementType::u16: return fill_with<std::uint16_t>(data, 0, 1, random);
    case ElementType::i32:
    case ElementType::u32: return fill_with<std::uint32_t>(data, 0, 1, random);
    case ElementType::i64:
    case ElementType::u64: return fill_with<std::uint64_t>(data, 0, 1, random);
  }
}

}  // namespace tandem::engine
