// Tensors as plain values: what crosses boundaries, goes over the link and into an engine.
//
//   TensorSpec spec{.name = "input", .type = ElementType::f32, .shape = {1, 3, 224, 224}};
//   Tensor tensor(spec);                       // zeros; spec.bytes() of them
//   std::span<float> values = tensor.as<float>();
//
// Data are dense, row-major, little-endian. Thread rule: values, no shared state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tandem::network {

enum class ElementType : std::uint8_t { f32, f16, bf16, f64, i8, u8, i16, u16, i32, u32, i64, u64, boolean };

// "f32", "u8", …
std::string_view name_of(ElementType type);
std::optional<ElementType> element_type_of(std::string_view name);
// Bytes of one element.
std::size_t size_of(ElementType type);

// A uniform affine quantiser as a fake-quantise node states it: code c of `levels` stands for
// c / (levels - 1) * (high - low) + low, evaluated in float32 in this order, so that it is bit-exact.
struct Quantization {
  float low = 0.0F;
  float high = 1.0F;
  int levels = 256;

  [[nodiscard]] float scale() const { return (high - low) / static_cast<float>(levels - 1); }
  bool operator==(const Quantization&) const = default;
};

struct TensorSpec {
  std::string name;
  ElementType type = ElementType::f32;
  std::vector<std::int64_t> shape;  // empty: a scalar

  [[nodiscard]] std::size_t elements() const;
  [[nodiscard]] std::size_t bytes() const { return elements() * size_of(type); }
  bool operator==(const TensorSpec&) const = default;
};

// "f32[1,3,224,224]"
std::string to_string(const TensorSpec& spec);

struct Tensor {
  TensorSpec spec;
  std::vector<std::byte> data;

  Tensor() = default;
  explicit Tensor(TensorSpec s) : spec(std::move(s)), data(spec.bytes()) {}

  // Precondition: T has the size of one element.
  template <class T>
  std::span<T> as() {
    return {reinterpret_cast<T*>(data.data()), data.size() / sizeof(T)};
  }
  template <class T>
  [[nodiscard]] std::span<const T> as() const {
    return {reinterpret_cast<const T*>(data.data()), data.size() / sizeof(T)};
  }
};

}  // namespace tandem::network
