// Comma-separated values as RFC 4180 has them, so that spreadsheets and data frames read what commands found.
//
//   Csv csv({"up_mbps", "latency_ms", "schedule"});
//   csv.row({1.1, 85.2, "device 1-4, cloud 5-21"});
//   write_file("sweep.csv", csv.text());
//
// Thread rule: one thread.
#pragma once

#include <string>
#include <variant>
#include <vector>

namespace tandem::cli {

class Csv {
 public:
  // A number is written with all the digits it needs to be read back the same; one that is not finite is left empty.
  using Cell = std::variant<double, std::string>;

  explicit Csv(const std::vector<std::string>& columns);
  // Precondition: as many cells as columns.
  void row(const std::vector<Cell>& cells);
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::size_t columns_;
  std::string text_;
};

}  // namespace tandem::cli
