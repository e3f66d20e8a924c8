#include "tandem/network/tensor.hpp"

#include <gmock/gmock.h>

namespace tandem::network {
namespace {

TEST(Tensor, CountsBytesByTypeAndShape) {
  EXPECT_EQ((TensorSpec{.name = "x", .type = ElementType::f32, .shape = {1, 3, 224, 224}}.bytes()), 602112U);
  EXPECT_EQ((TensorSpec{.name = "x", .type = ElementType::u8, .shape = {2, 5}}.bytes()), 10U);
  EXPECT_EQ((TensorSpec{.name = "scalar", .type = ElementType::f16, .shape = {}}.bytes()), 2U);
  EXPECT_EQ((TensorSpec{.name = "empty", .type = ElementType::f32, .shape = {0, 3}}.bytes()), 0U);
}

TEST(Tensor, ShowsTypeAndShape) {
  EXPECT_EQ(to_string({.name = "x", .type = ElementType::i8, .shape = {1, 2}}), "i8[1,2]");
  EXPECT_EQ(to_string({.name = "x", .type = ElementType::f32, .shape = {}}), "f32[]");
}

TEST(Tensor, NamesOfTypesAreReadBack) {
  for (const auto type : {ElementType::f32, ElementType::f16, ElementType::bf16, ElementType::f64, ElementType::i8,
                          ElementType::u8, ElementType::i16, ElementType::u16, ElementType::i32, ElementType::u32,
                          ElementType::i64, ElementType::u64, ElementType::boolean}) {
    EXPECT_EQ(element_type_of(name_of(type)), type);
  }
  EXPECT_EQ(element_type_of("f8"), std::nullopt);
}

}  // namespace
}  // namespace tandem::network
