#include "tandem/network/tensor.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>

namespace tandem::network {
namespace {

struct TypeRow {
  ElementType type;
  std::string_view name;
  std::size_t bytes;
};

constexpr std::array kTypes{TypeRow{ElementType::f32, "f32", 4},        TypeRow{ElementType::f16, "f16", 2},
                            TypeRow{ElementType::bf16, "bf16", 2},      TypeRow{ElementType::f64, "f64", 8},
                            TypeRow{ElementType::i8, "i8", 1},          TypeRow{ElementType::u8, "u8", 1},
                            TypeRow{ElementType::i16, "i16", 2},        TypeRow{ElementType::u16, "u16", 2},
                            TypeRow{ElementType::i32, "i32", 4},        TypeRow{ElementType::u32, "u32", 4},
                            TypeRow{ElementType::i64, "i64", 8},        TypeRow{ElementType::u64, "u64", 8},
                            TypeRow{ElementType::boolean, "boolean", 1}};

// The table is in the order of the enumeration.
constexpr const TypeRow& row_of(ElementType type) {
  return kTypes[static_cast<std::size_t>(type)];
}

}  // namespace

std::string_view name_of(ElementType type) {
  return row_of(type).name;
}

std::size_t size_of(ElementType type) {
  return row_of(type).bytes;
}

std::optional<ElementType> element_type_of(std::string_view name) {
  for (const TypeRow& row : kTypes) {
    if (row.name == name) return row.type;
  }
  return std::nullopt;
}

std::size_t TensorSpec::elements() const {
  std::size_t count = 1;
  for (const std::int64_t extent : shape) count *= static_cast<std::size_t>(extent);
  return count;
}

std::string to_string(const TensorSpec& spec) {
  return fmt::format("{}[{}]", name_of(spec.type), fmt::join(spec.shape, ","));
}

}  // namespace tandem::network
