// Numbers that people and files write as text.
//
//   const auto layers = parse_number<int>("21");  // nothing for "21x", " 21", "" and what int cannot hold
//
// Thread rule: a free function.
#pragma once

#include <charconv>
#include <cmath>
#include <concepts>
#include <optional>
#include <string_view>

namespace tandem {

// The number that is the whole of `text`, whatever the locale; floating-point ones only if finite.
template <class Number>
  requires std::integral<Number> || std::floating_point<Number>
std::optional<Number> parse_number(std::string_view text) {
  Number value{};
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  const auto [stopped, error] = std::from_chars(begin, end, value);
  if (error != std::errc() || stopped != end) return std::nullopt;
  if constexpr (std::floating_point<Number>) {
    if (!std::isfinite(value)) return std::nullopt;
  }
  return value;
}

}  // namespace tandem
