#include "openvino.hpp"

#include <fmt/format.h>

#include <array>
#include <sstream>
#include <string_view>
#include <utility>

#include "names.hpp"

namespace tandem::network {
namespace {

const auto& element_types() {
  static const std::array<std::pair<ElementType, ov::element::Type>, 13> types{{
      {ElementType::f32, ov::element::f32},
      {ElementType::f16, ov::element::f16},
      {ElementType::bf16, ov::element::bf16},
      {ElementType::f64, ov::element::f64},
      {ElementType::i8, ov::element::i8},
      {ElementType::u8, ov::element::u8},
      {ElementType::i16, ov::element::i16},
      {ElementType::u16, ov::element::u16},
      {ElementType::i32, ov::element::i32},
      {ElementType::u32, ov::element::u32},
      {ElementType::i64, ov::element::i64},
      {ElementType::u64, ov::element::u64},
      {ElementType::boolean, ov::element::boolean},
  }};
  return types;
}

bool says_where_not_why(std::string_view line) {
  for (const std::string_view prefix :
       {"Exception from ", "Check '", "While validating ", "FrontEnd API failed", "Model wasn't fully", "-- "}) {
    if (line.substr(0, prefix.size()) == prefix) return true;
  }
  return line.find_first_not_of(" \t\r-") == std::string_view::npos;
}

std::string trimmed(std::string_view line) {
  const auto begin = line.find_first_not_of(" \t\r");
  const auto end = line.find_last_not_of(" \t\r.:");
  if (begin == std::string_view::npos || end == std::string_view::npos || end < begin) return {};
  return printable(line.substr(begin, end - begin + 1));
}

}  // namespace

ov::Core& core() {
  static ov::Core instance;
  return instance;
}

std::optional<ElementType> from_openvino(ov::element::Type type) {
  for (const auto& [ours, theirs] : element_types()) {
    if (theirs == type) return ours;
  }
  return std::nullopt;
}

Result<TensorSpec> spec_of(const Output& output, const std::string& name) {
  const auto type = from_openvino(output.get_element_type());
  if (!type) {
    return fail(Errc::unimplemented,
                fmt::format("tensor '{}' holds elements of type {}, which cannot be sent or measured", name,
                            output.get_element_type().get_type_name()));
  }
  TensorSpec spec{.name = name, .type = *type, .shape = {}};
  for (const std::size_t extent : output.get_shape()) spec.shape.push_back(static_cast<std::int64_t>(extent));
  return spec;
}

std::string first_cause(const std::exception& error) {
  const std::string message = error.what();
  constexpr std::string_view kUnknown = "No conversion rule found for operations: ";
  if (const auto found = message.find(kUnknown); found != std::string::npos) {
    const auto types = std::string_view(message).substr(found + kUnknown.size());
    return fmt::format("OpenVINO does not know its operators {}", trimmed(types.substr(0, types.find('\n'))));
  }
  std::istringstream lines(message);
  for (std::string line; std::getline(lines, line);) {
    if (says_where_not_why(line)) continue;
    if (std::string cause = trimmed(line); !cause.empty()) return cause;
  }
  return trimmed(message.substr(0, message.find('\n')));
}

}  // namespace tandem::network
