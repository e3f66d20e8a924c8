#include "scalar.hpp"

#include <bit>
#include <cassert>
#include <cstdint>
#include <cstring>

namespace tandem::codec {
namespace {

using network::ElementType;

float from_bf16(std::uint16_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16U);
}

std::uint16_t to_bf16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const bool is_nan = (bits & 0x7fffffffU) > 0x7f800000U;
  const std::uint32_t rounded = bits + 0x7fffU + ((bits >> 16U) & 1U);
  return static_cast<std::uint16_t>((is_nan ? bits | 0x400000U : rounded) >> 16U);
}

// Half precision differs from single in the exponent's bias (15 against 127), which a product with a power of two
// moves exactly, subnormals included.
constexpr float kHalfToFloatBias = 0x1.0p112F;

float from_f16(std::uint16_t bits) {
  const std::uint32_t sign = static_cast<std::uint32_t>(bits & 0x8000U) << 16U;
  const std::uint32_t magnitude = static_cast<std::uint32_t>(bits & 0x7fffU) << 13U;
  const bool is_special = (bits & 0x7c00U) == 0x7c00U;  // infinity or NaN keeps an exponent of ones
  const float scaled = std::bit_cast<float>(magnitude) * kHalfToFloatBias;
  const std::uint32_t finite = std::bit_cast<std::uint32_t>(scaled);
  return std::bit_cast<float>(sign | (is_special ? magnitude | 0x7f800000U : finite));
}

std::uint16_t to_f16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t sign = (bits >> 16U) & 0x8000U;
  const std::uint32_t magnitude = bits & 0x7fffffffU;
  if (magnitude > 0x7f800000U) return static_cast<std::uint16_t>(sign | 0x7e00U);
  if (magnitude >= 0x477ff000U) return static_cast<std::uint16_t>(sign | 0x7c00U);  // 65520 and above round to infinity
  if (magnitude < 0x38800000U) {
    // Subnormal half: adding 0.5 puts the 2^-24 steps of half precision at the end of the float's mantissa, so the
    // addition itself rounds.
    const float shifted = std::bit_cast<float>(magnitude) + 0.5F;
    return static_cast<std::uint16_t>(sign | (std::bit_cast<std::uint32_t>(shifted) - 0x3f000000U));
  }
  const std::uint32_t rounded = magnitude - 0x38000000U + 0xfffU + ((magnitude >> 13U) & 1U);
  return static_cast<std::uint16_t>(sign | (rounded >> 13U));
}

template <float (*convert)(std::uint16_t)>
void widen16(const std::byte* bytes, std::span<float> values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    std::uint16_t bits = 0;
    std::memcpy(&bits, bytes + 2 * i, sizeof bits);
    values[i] = convert(bits);
  }
}

template <std::uint16_t (*convert)(float)>
void narrow16(std::span<const float> values, std::byte* bytes) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::uint16_t bits = convert(values[i]);
    std::memcpy(bytes + 2 * i, &bits, sizeof bits);
  }
}

}  // namespace

bool is_float(ElementType type) {
  return type == ElementType::f32 || type == ElementType::f16 || type == ElementType::bf16;
}

void widen(ElementType type, std::span<const std::byte> bytes, std::span<float> values) {
  assert(is_float(type) && bytes.size() == values.size() * network::size_of(type));
  if (values.empty()) return;
  if (type == ElementType::f16) return widen16<from_f16>(bytes.data(), values);
  if (type == ElementType::bf16) return widen16<from_bf16>(bytes.data(), values);
  std::memcpy(values.data(), bytes.data(), bytes.size());
}

void narrow(ElementType type, std::span<const float> values, std::span<std::byte> bytes) {
  assert(is_float(type) && bytes.size() == values.size() * network::size_of(type));
  if (values.empty()) return;
  if (type == ElementType::f16) return narrow16<to_f16>(values, bytes.data());
  if (type == ElementType::bf16) return narrow16<to_bf16>(values, bytes.data());
  std::memcpy(bytes.data(), values.data(), bytes.size());
}

}  // namespace tandem::codec
