#include "csv.hpp"

#include <fmt/format.h>

#include <cassert>
#include <cmath>

namespace tandem::cli {
namespace {

std::string quoted(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"') result += '"';
    result += c;
  }
  return result + '"';
}

std::string field(const Csv::Cell& cell) {
  if (const auto* text = std::get_if<std::string>(&cell)) return quoted(*text);
  const double number = std::get<double>(cell);
  return std::isfinite(number) ? fmt::format("{}", number) : std::string();
}

}  // namespace

Csv::Csv(const std::vector<std::string>& columns) : columns_(columns.size()) {
  row({columns.begin(), columns.end()});
}

void Csv::row(const std::vector<Cell>& cells) {
  assert(cells.size() == columns_);
  for (std::size_t i = 0; i < columns_; ++i) {
    if (i > 0) text_ += ',';
    text_ += field(cells[i]);
  }
  text_ += "\r\n";
}

}  // namespace tandem::cli
