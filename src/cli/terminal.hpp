// What the person sees: the terminal's width and colours, tables, and a progress bar with the time left.
// Plain where standard output is no terminal or NO_COLOR is set.
#pragma once

#include <string>
#include <vector>

#include "tandem/base/clock.hpp"

namespace tandem::cli {

struct Terminal {
  int width = 80;
  bool colour = false;
};
// Of standard output.
Terminal terminal();

// Columns sized to content; numbers to the right. Cells that do not fit the width are cut with "…".
class Table {
 public:
  enum class Align { left, right };
  struct Column {
    std::string title;
    Align align = Align::right;
  };
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  void row(std::vector<std::string> cells);
  [[nodiscard]] std::string text(int width) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

// "1.2 MB", "640 B"; "12.3 ms", "1.25 s"; "4.1 G".
std::string human_bytes(double bytes);
std::string human_time(Milliseconds time);
std::string human_count(double count);

// On standard error; nothing is shown for work that ends within two seconds, or where it is no terminal (then a line
// about every ten seconds).
class Progress {
 public:
  Progress(std::string what, bool quiet);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  // `fraction` in 0..1 of the whole work.
  void update(double fraction, const std::string& detail = {});
  void finish();

 private:
  std::string what_;
  bool quiet_;
  bool is_terminal_;
  bool shown_ = false;
  Instant start_;
  Instant last_{};
};

}  // namespace tandem::cli
