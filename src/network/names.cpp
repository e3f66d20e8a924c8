#include "names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <openvino/opsets/opset.hpp>

namespace tandem::network {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// What ONNX exporters and OpenVINO's front ends put behind a name.
constexpr std::array<std::string_view, 5> kSuffixes{"/WithoutBiases", "_prequant", "/fq_input_0", "/sink_port_0",
                                                    "/fq_weights_1"};

std::string_view without_number_after(std::string_view name, std::string_view mark) {
  std::size_t end = name.size();
  while (end > 0 && is_digit(name[end - 1])) --end;
  const bool found = end < name.size() && end > mark.size() && name.substr(end - mark.size(), mark.size()) == mark;
  return found ? name.substr(0, end - mark.size()) : name;
}

std::string_view without_suffix(std::string_view name) {
  for (const std::string_view suffix : kSuffixes) {
    if (name.size() > suffix.size() && name.ends_with(suffix)) return name.substr(0, name.size() - suffix.size());
  }
  name = without_number_after(name, "__");
  return without_number_after(name, ":");
}

// Bytes of the UTF-8 character that `text` begins with; 0 where it begins with none (RFC 3629: no overlong forms, no
// surrogates).
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (byte(0) < 0x80) return 1;
  std::size_t length = 2;
  std::uint32_t code = byte(0) & 0x1fU;
  std::uint32_t least = 0x80;
  if ((byte(0) & 0xf0U) == 0xe0) {
    length = 3;
    code = byte(0) & 0x0fU;
    least = 0x800;
  } else if ((byte(0) & 0xf8U) == 0xf0) {
    length = 4;
    code = byte(0) & 0x07U;
    least = 0x10000;
  } else if ((byte(0) & 0xe0U) != 0xc0) {
    return 0;
  }
  if (length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0U) != 0x80) return 0;
    code = (code << 6U) | (byte(i) & 0x3fU);
  }
  const bool surrogate = code >= 0xd800 && code <= 0xdfff;
  return code < least || code > 0x10ffff || surrogate ? 0 : length;
}

const std::set<std::string>& operation_types() {
  static const std::set<std::string> types = [] {
    std::set<std::string> all;
    for (const auto& [name, make] : ov::get_available_opsets()) {
      for (const auto& type : make().get_types_info()) all.insert(type.name);
    }
    return all;
  }();
  return types;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const bool shown = length > 1 || (length == 1 && std::iscntrl(static_cast<unsigned char>(text.front())) == 0);
    if (shown) {
      out += text.substr(0, length);
    } else {
      out += '_';
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return out;
}

std::string cleaned(std::string_view name) {
  name = name.substr(0, name.find(';'));
  for (std::string_view before; before != name;) {
    before = name;
    name = without_suffix(name);
  }
  return printable(name);
}

bool is_generated(std::string_view name) {
  const std::string_view type = without_number_after(name, "_");
  if (type.size() < name.size() && operation_types().contains(std::string(type))) return true;
  return std::ranges::all_of(name, is_digit);
}

std::optional<std::string> own_name(const ov::Node& op) {
  const auto usable = [](const std::string& name) -> std::optional<std::string> {
    std::string clean = cleaned(name);
    if (is_generated(name) || is_generated(clean)) return std::nullopt;
    return clean;
  };
  if (op.get_friendly_name() != op.get_name()) {
    if (auto name = usable(op.get_friendly_name())) return name;
  }
  for (const auto& output : op.outputs()) {
    const auto& names = output.get_names();
    for (const std::string& name : std::set<std::string>(names.begin(), names.end())) {
      if (auto own = usable(name)) return own;
    }
  }
  return std::nullopt;
}

std::string snake_case(std::string_view type) {
  std::string snake;
  for (std::size_t i = 0; i < type.size(); ++i) {
    const auto c = static_cast<unsigned char>(type[i]);
    const bool upper = std::isupper(c) != 0;
    const bool after_lower = i > 0 && std::isupper(static_cast<unsigned char>(type[i - 1])) == 0;
    const bool before_lower =
        i > 0 && i + 1 < type.size() && std::islower(static_cast<unsigned char>(type[i + 1])) != 0;
    if (upper && (after_lower || before_lower)) snake += '_';
    snake += static_cast<char>(std::tolower(c));
  }
  return snake;
}

std::string UniqueNames::claim(const std::string& wish) {
  if (taken_.insert(wish).second) return wish;
  for (int copy = 2;; ++copy) {
    std::string name = fmt::format("{}_{}", wish, copy);
    if (taken_.insert(name).second) return name;
  }
}

}  // namespace tandem::network
