#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "picture_text.hpp"

namespace tandem::plan {
namespace {

constexpr std::size_t kMaxRows = 9;
constexpr int kMinBar = 12;    // a narrower bar says nothing
constexpr int kMinWidth = 44;  // of the columns without bar

// One step of the schedule, a row of the waterfall.
struct Row {
  Lane lane = Lane::device;
  std::string what;
  Milliseconds start{};
  Milliseconds time{};
  Millijoules energy{};
};

std::string layers_text(const Segment& segment, const std::vector<std::string>& names, const Style& style) {
  const bool one = segment.first == segment.last;
  std::string text = one ? fmt::format("layer {}", segment.first)
                         : fmt::format("layers {}{}{}", segment.first, style.dash(), segment.last);
  if (static_cast<std::size_t>(segment.last) > names.size()) return text;
  const std::string& first = names[static_cast<std::size_t>(segment.first) - 1];
  const std::string& last = names[static_cast<std::size_t>(segment.last) - 1];
  return text + (one ? fmt::format("  {}", first) : fmt::format("  {} {} {}", first, style.dots(), last));
}

// Segments and the transfers between them, in order of execution.
std::vector<Row> rows_of(const Plan& plan, const std::vector<std::string>& names, const Style& style) {
  std::vector<Row> rows;
  Milliseconds now{};
  const auto add = [&](Lane lane, std::string what, Milliseconds time, Millijoules energy) {
    rows.push_back({lane, std::move(what), now, time, energy});
    now += time;
  };
  auto transfer = plan.transfers.begin();
  const auto add_transfer_after = [&](int layer) {
    if (transfer == plan.transfers.end() || transfer->after != layer) return;
    const Crossing& c = transfer->crossing;
    add(transfer->direction == Direction::up ? Lane::up : Lane::down,
        fmt::format("{} {}", bytes_text(c.bytes), c.codec), c.latency(), c.energy);
    ++transfer;
  };
  for (const Segment& segment : plan.segments) {
    add_transfer_after(segment.first - 1);
    add(segment.place == Place::device ? Lane::device : Lane::cloud, layers_text(segment, names, style),
        segment.latency, segment.energy);
  }
  add_transfer_after(plan.segments.back().last);
  return rows;
}

// Keeps the first and the last rows of a long schedule; the row between says how many are left out.
void shorten(std::vector<Row>& rows, const Style& style) {
  if (rows.size() <= kMaxRows) return;
  constexpr std::size_t kHead = kMaxRows / 2;
  constexpr std::size_t kTail = kMaxRows - kHead - 1;
  Row between = rows[kHead];
  between.what = fmt::format("{} {} more steps {}", style.dots(), rows.size() - kHead - kTail, style.dots());
  between.time = rows[rows.size() - kTail].start - between.start;
  between.energy = {};
  for (std::size_t i = kHead; i < rows.size() - kTail; ++i) between.energy += rows[i].energy;
  rows.erase(rows.begin() + kHead, rows.end() - kTail);
  rows.insert(rows.begin() + kHead, between);
}

std::string bar(const Row& row, Milliseconds total, int width, const Style& style) {
  const double scale = total.count() > 0 ? width / total.count() : 0;
  const int from = std::clamp(static_cast<int>(std::floor(row.start.count() * scale)), 0, width - 1);
  const int to = std::clamp(static_cast<int>(std::lround((row.start + row.time).count() * scale)), from + 1, width);
  std::string filled;
  for (int i = from; i < to; ++i) filled += style.fill(row.lane);
  return std::string(static_cast<std::size_t>(from), ' ') + style.painted(row.lane, filled);
}

std::string beside(const Plan& plan, const Totals& baseline) {
  const std::string ratio = ratio_text(plan.objective, plan.weights, plan.totals, baseline);
  return fmt::format("{:>9}  {:>9}{}", time_text(baseline.latency), energy_text(baseline.energy), ratio);
}

}  // namespace

std::string picture(const Plan& plan, const std::vector<std::string>& layer_names, const PictureOptions& options) {
  const Style style(options.colour);
  const int width = std::max(kMinWidth, options.width);
  if (!plan.feasible || plan.segments.empty()) return cut("no feasible schedule", width) + "\n";

  std::vector<Row> rows = rows_of(plan, layer_names, style);
  shorten(rows, style);
  // Columns: lane, what, time, energy, bar. What is too long is cut; the bar takes the rest.
  constexpr int kLane = 8, kFigures = 2 + 9 + 2 + 9 + 2;
  int what_width = 12;
  for (const Row& row : rows) what_width = std::max(what_width, columns(row.what));
  what_width = std::min(what_width, std::max(12, (width - kLane - kFigures) / 2));
  const int bar_width = width - kLane - what_width - kFigures;

  std::string text;
  const auto line = [&](const std::string& lane, const std::string& what, const std::string& figures,
                        const std::string& rest) {
    std::string shown = padded(cut(what, what_width), what_width);
    text += fmt::format("{}{}  {}", lane, shown, figures);
    if (!rest.empty()) text += "  " + rest;
    text += '\n';
  };
  for (const Row& row : rows) {
    const std::string lane = style.painted(row.lane, padded(std::string(style.name(row.lane)), kLane));
    line(lane, row.what, fmt::format("{:>9}  {:>9}", time_text(row.time), energy_text(row.energy)),
         bar_width >= kMinBar ? bar(row, plan.totals.latency, bar_width, style) : "");
  }
  const auto total_line = [&](const std::string& name, const std::string& figures, bool strong) {
    const std::string row = cut(padded(name, kLane + what_width) + "  " + figures, width);
    text += (strong ? style.bold(row) : row) + '\n';
  };
  total_line("total" + (plan.proven_optimal ? least_text(plan.objective) : ""),
             fmt::format("{:>9}  {:>9}", time_text(plan.totals.latency), energy_text(plan.totals.energy)), true);
  const auto known = [](const Totals& t) { return std::isfinite(t.latency.count()) || std::isfinite(t.energy.value); };
  if (known(plan.device_only)) total_line("device only", beside(plan, plan.device_only), false);
  if (known(plan.cloud_only)) total_line("cloud only", beside(plan, plan.cloud_only), false);
  return text;
}

}  // namespace tandem::plan
