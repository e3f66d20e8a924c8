#include "terminal.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace tandem::cli {
namespace {

constexpr int kDefaultWidth = 100;
constexpr int kColumnGap = 2;

int width_of(int file) {
  winsize size{};
  if (::ioctl(file, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return kDefaultWidth;
}

// Columns on screen: every byte but the continuation bytes of UTF-8.
int display_width(const std::string& text) {
  return static_cast<int>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string cut_to(const std::string& text, int width) {
  if (display_width(text) <= width) return text;
  std::string cut;
  int columns = 0;
  for (const char c : text) {
    const bool starts = (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    if (starts && columns == width - 1) break;
    columns += starts ? 1 : 0;
    cut += c;
  }
  return cut + "…";
}

std::string padded(const std::string& text, int width, Table::Align align) {
  const std::string space(static_cast<std::size_t>(std::max(0, width - display_width(text))), ' ');
  return align == Table::Align::left ? text + space : space + text;
}

}  // namespace

Terminal terminal() {
  const bool is_terminal = ::isatty(STDOUT_FILENO) == 1;
  return {.width = width_of(STDOUT_FILENO), .colour = is_terminal && std::getenv("NO_COLOR") == nullptr};
}

void Table::row(std::vector<std::string> cells) {
  cells.resize(columns_.size());
  rows_.push_back(std::move(cells));
}

std::string Table::text(int width) const {
  std::vector<int> widths;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    int widest = display_width(columns_[i].title);
    for (const auto& row : rows_) widest = std::max(widest, display_width(row[i]));
    widths.push_back(widest);
  }
  int total = kColumnGap * (static_cast<int>(widths.size()) - 1);
  for (const int w : widths) total += w;
  // What does not fit is taken from the widest column of text: names can lose their end, numbers cannot.
  while (total > width) {
    std::size_t widest = columns_.size();
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (columns_[i].align == Align::left && (widest == columns_.size() || widths[i] > widths[widest])) widest = i;
    }
    if (widest == columns_.size() || widths[widest] <= 8) break;
    --widths[widest];
    --total;
  }
  std::string text;
  const auto line = [&](const auto& cell) {
    std::string current;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (i > 0) current.append(kColumnGap, ' ');
      current += padded(cut_to(cell(i), widths[i]), widths[i], columns_[i].align);
    }
    current.erase(current.find_last_not_of(' ') + 1);
    text += current + '\n';
  };
  line([&](std::size_t i) { return columns_[i].title; });
  for (const auto& row : rows_) line([&](std::size_t i) { return row[i]; });
  return text;
}

std::string human_bytes(double bytes) {
  if (bytes < 1000) return fmt::format("{:.0f} B", bytes);
  if (bytes < 1e6) return fmt::format("{:.{}f} kB", bytes / 1e3, bytes < 1e4 ? 1 : 0);
  if (bytes < 1e9) return fmt::format("{:.1f} MB", bytes / 1e6);
  return fmt::format("{:.1f} GB", bytes / 1e9);
}

std::string human_time(Milliseconds time) {
  const double ms = time.count();
  if (ms < 0.1) return fmt::format("{:.1f} µs", ms * 1e3);
  if (ms < 10) return fmt::format("{:.2f} ms", ms);
  if (ms < 100) return fmt::format("{:.1f} ms", ms);
  if (ms < 10000) return fmt::format("{:.0f} ms", ms);
  return fmt::format("{:.1f} s", ms / 1e3);
}

std::string human_count(double count) {
  if (count < 1e3) return fmt::format("{:.0f}", count);
  if (count < 1e6) return fmt::format("{:.1f} k", count / 1e3);
  if (count < 1e9) return fmt::format("{:.1f} M", count / 1e6);
  return fmt::format("{:.2f} G", count / 1e9);
}

Progress::Progress(std::string what, bool quiet)
    : what_(std::move(what)), quiet_(quiet), is_terminal_(::isatty(STDERR_FILENO) == 1), start_(steady_clock().now()) {}

Progress::~Progress() {
  finish();
}

void Progress::update(double fraction, const std::string& detail) {
  if (quiet_) return;
  const Instant now = steady_clock().now();
  const Milliseconds elapsed = now - start_;
  const Milliseconds pause = is_terminal_ ? Milliseconds{100} : Milliseconds{10000};
  if (elapsed < Milliseconds{2000} || (shown_ && now - last_ < pause)) return;
  shown_ = true;
  last_ = now;
  const double done = std::clamp(fraction, 0.0, 1.0);
  const std::string left =
      done > 0.02 ? fmt::format("{} left", human_time(Milliseconds{elapsed.count() * (1.0 - done) / done})) : "";
  if (!is_terminal_) {
    fmt::print(stderr, "{}: {:.0f} % {} {}\n", what_, done * 100, left, detail);
    return;
  }
  constexpr int kBar = 24;
  const int filled = static_cast<int>(done * kBar);
  std::string bar;
  for (int i = 0; i < kBar; ++i) bar += i < filled ? "█" : "░";
  const std::string line = fmt::format("{} {} {:3.0f} %  {}  {}", what_, bar, done * 100, left, detail);
  fmt::print(stderr, "\r\x1b[K{}", cut_to(line, width_of(STDERR_FILENO) - 1));
  std::fflush(stderr);
}

void Progress::finish() {
  if (shown_ && is_terminal_) {
    fmt::print(stderr, "\r\x1b[K");
    std::fflush(stderr);
  }
  shown_ = false;
}

}  // namespace tandem::cli
