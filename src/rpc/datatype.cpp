#include "datatype.hpp"

#include <algorithm>
#include <array>

namespace tandem::rpc {
namespace {

using network::ElementType;

struct Row {
  ElementType type;
  std::string_view datatype;
};

constexpr std::array kTable{
    Row{ElementType::f32, "FP32"},     Row{ElementType::f16, "FP16"},   Row{ElementType::bf16, "BF16"},
    Row{ElementType::f64, "FP64"},     Row{ElementType::i8, "INT8"},    Row{ElementType::u8, "UINT8"},
    Row{ElementType::i16, "INT16"},    Row{ElementType::u16, "UINT16"}, Row{ElementType::i32, "INT32"},
    Row{ElementType::u32, "UINT32"},   Row{ElementType::i64, "INT64"},  Row{ElementType::u64, "UINT64"},
    Row{ElementType::boolean, "BOOL"},
};

}  // namespace

std::string_view datatype_of(ElementType type) {
  return std::ranges::find(kTable, type, &Row::type)->datatype;
}

std::optional<ElementType> type_of_datatype(std::string_view datatype) {
  const auto* row = std::ranges::find(kTable, datatype, &Row::datatype);
  return row == kTable.end() ? std::nullopt : std::optional(row->type);
}

}  // namespace tandem::rpc
