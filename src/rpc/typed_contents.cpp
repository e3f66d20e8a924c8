#include "typed_contents.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

#include "datatype.hpp"

namespace tandem::rpc {
namespace {

using network::ElementType;

template <class T, class Wire>
bool fits(Wire value) {
  if constexpr (std::is_same_v<T, Wire>)
    return true;
  else
    return std::in_range<T>(value);
}

template <class T, class Values>
Result<std::vector<std::byte>> pack(const Values& values, const network::TensorSpec& spec) {
  const auto elements = static_cast<std::size_t>(values.size());
  if (elements != spec.elements()) {
    return fail(Errc::invalid_argument, fmt::format("'{}': {} elements of {} where the shape has {}", spec.name,
                                                    elements, datatype_of(spec.type), spec.elements()));
  }
  std::vector<std::byte> bytes(elements * sizeof(T));
  std::byte* out = bytes.data();
  for (const auto value : values) {
    if (!fits<T>(value)) {
      return fail(Errc::invalid_argument,
                  fmt::format("'{}': the element {} is outside {}", spec.name, value, datatype_of(spec.type)));
    }
    const T element = static_cast<T>(value);
    std::memcpy(out, &element, sizeof element);
    out += sizeof element;
  }
  return bytes;
}

}  // namespace

Result<std::vector<std::byte>> bytes_of_contents(const inference::InferTensorContents& contents,
                                                 const network::TensorSpec& spec) {
  switch (spec.type) {
    case ElementType::boolean: return pack<bool>(contents.bool_contents(), spec);
    case ElementType::i8: return pack<std::int8_t>(contents.int_contents(), spec);
    case ElementType::i16: return pack<std::int16_t>(contents.int_contents(), spec);
    case ElementType::i32: return pack<std::int32_t>(contents.int_contents(), spec);
    case ElementType::i64: return pack<std::int64_t>(contents.int64_contents(), spec);
    case ElementType::u8: return pack<std::uint8_t>(contents.uint_contents(), spec);
    case ElementType::u16: return pack<std::uint16_t>(contents.uint_contents(), spec);
    case ElementType::u32: return pack<std::uint32_t>(contents.uint_contents(), spec);
    case ElementType::u64: return pack<std::uint64_t>(contents.uint64_contents(), spec);
    case ElementType::f32: return pack<float>(contents.fp32_contents(), spec);
    case ElementType::f64: return pack<double>(contents.fp64_contents(), spec);
    case ElementType::f16:
    case ElementType::bf16: break;
  }
  return fail(Errc::invalid_argument,
              fmt::format("'{}': {} must be sent as raw contents", spec.name, datatype_of(spec.type)));
}

}  // namespace tandem::rpc
