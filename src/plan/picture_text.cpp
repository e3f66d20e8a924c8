#include "picture_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace tandem::plan {

int columns(std::string_view text) {
  return static_cast<int>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string padded(const std::string& text, int width) {
  return text + std::string(static_cast<std::size_t>(std::max(0, width - columns(text))), ' ');
}

std::string cut(const std::string& text, int width) {
  int shown = 0;
  std::size_t end = 0;
  while (end < text.size()) {
    std::size_t next = end + 1;
    while (next < text.size() && (text[next] & 0xC0) == 0x80) ++next;
    if (++shown > width) break;
    end = next;
  }
  return text.substr(0, end);
}

std::string time_text(Milliseconds time) {
  const double ms = time.count();
  if (!std::isfinite(ms)) return "never";
  if (ms < 10) return fmt::format("{:.2f} ms", ms);
  if (ms < 10'000) return fmt::format("{:.1f} ms", ms);
  return fmt::format("{:.1f} s", ms / 1000);
}

std::string energy_text(Millijoules energy) {
  if (!std::isfinite(energy.value)) return "endless";
  if (energy.value < 10'000) return fmt::format("{:.1f} mJ", energy.value);
  return fmt::format("{:.1f} J", energy.value / 1000);
}

std::string bytes_text(double bytes) {
  if (bytes < 1000) return fmt::format("{:.0f} B", bytes);
  if (bytes < 1e6) return fmt::format("{:.1f} kB", bytes / 1e3);
  return fmt::format("{:.2f} MB", bytes / 1e6);
}

std::string least_text(Objective objective) {
  switch (objective) {
    case Objective::latency: return ", least latency";
    case Objective::energy: return ", least energy";
    case Objective::weighted: break;
  }
  return ", least weighted cost";
}

std::string ratio_text(Objective objective, const Weights& weights, const Totals& plan, const Totals& baseline) {
  const auto cost = [&](const Totals& totals) {
    switch (objective) {
      case Objective::latency: return totals.latency.count();
      case Objective::energy: return totals.energy.value;
      case Objective::weighted: break;
    }
    return weights.per_ms * totals.latency.count() + weights.per_mj * totals.energy.value;
  };
  const double ours = cost(plan), theirs = cost(baseline);
  if (!(ours > 0) || !std::isfinite(theirs)) return "";
  const char* what = objective == Objective::latency ? "time" : objective == Objective::energy ? "energy" : "cost";
  return fmt::format("  {:.2f}x the {}", theirs / ours, what);
}

std::string_view Style::name(Lane lane) const {
  switch (lane) {
    case Lane::device: return "device";
    case Lane::up: return colour_ ? "▲ up" : "up";
    case Lane::cloud: return "cloud";
    case Lane::down: return colour_ ? "▼ down" : "down";
  }
  return "";
}

std::string_view Style::fill(Lane lane) const {
  const bool compute = lane == Lane::device || lane == Lane::cloud;
  if (colour_) return compute ? "█" : "▒";
  return compute ? "#" : "=";
}

std::string Style::painted(Lane lane, const std::string& text) const {
  if (!colour_ || text.empty()) return text;
  const int code = lane == Lane::device ? 32 : lane == Lane::cloud ? 34 : 33;
  return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
}

std::string Style::bold(const std::string& text) const {
  return colour_ ? fmt::format("\x1b[1m{}\x1b[0m", text) : text;
}

}  // namespace tandem::plan
