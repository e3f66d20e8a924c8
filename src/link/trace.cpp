#include "tandem/link/trace.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <limits>

#include "tandem/base/file.hpp"
#include "tandem/base/number.hpp"

namespace tandem::link {
namespace {

constexpr std::string_view kHeader = "time_ms,up_mbps,down_mbps,rtt_ms";
constexpr std::uintmax_t kMaxTraceFile = 64ULL << 20U;
constexpr double kMaxTime = 1e12;
constexpr double kMaxRate = 1e6;
constexpr double kMaxRtt = 1e6;

struct Column {
  std::string_view name;
  double min;
  double max;
};
constexpr std::array kColumns{Column{"time_ms", 0, kMaxTime}, Column{"up_mbps", kLeastRate.value, kMaxRate},
                              Column{"down_mbps", kLeastRate.value, kMaxRate}, Column{"rtt_ms", 0, kMaxRtt}};

tl::unexpected<Error> bad_line(std::size_t line, const std::string& why) {
  return fail(Errc::invalid_argument, fmt::format("line {}: {}", line, why));
}

// The next line without its end; `text` is left with what follows.
std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

Result<double> number(std::string_view text, const Column& column, std::size_t line) {
  const auto value = parse_number<double>(text);
  if (!value) return bad_line(line, fmt::format("{} must be a number, is '{}'", column.name, text.substr(0, 40)));
  if (*value < column.min || *value > column.max) {
    return bad_line(line, fmt::format("{} must be {} to {}, is {}", column.name, column.min, column.max, *value));
  }
  return *value;
}

Result<TracePoint> point(std::string_view text, std::size_t line) {
  std::array<double, kColumns.size()> values{};
  for (std::size_t i = 0; i < kColumns.size(); ++i) {
    const std::size_t comma = text.find(',');
    const bool last = i + 1 == kColumns.size();
    if ((comma == std::string_view::npos) != last) {
      return bad_line(line, fmt::format("must be four numbers, {}", kHeader));
    }
    const auto value = number(text.substr(0, comma), kColumns[i], line);
    if (!value) return forward_error(value);
    values[i] = *value;
    if (!last) text.remove_prefix(comma + 1);
  }
  return TracePoint{
      .time = Milliseconds{values[0]}, .up = Mbps{values[1]}, .down = Mbps{values[2]}, .rtt = Milliseconds{values[3]}};
}

}  // namespace

Milliseconds Trace::duration() const {
  if (points.size() < 2) return Milliseconds{std::numeric_limits<double>::infinity()};
  return points.back().time + (points.back().time - points[points.size() - 2].time);
}

const TracePoint& Trace::at(Milliseconds time) const {
  const Milliseconds whole = duration();
  const Milliseconds within =
      std::isfinite(whole.count()) ? Milliseconds{std::fmod(time.count(), whole.count())} : time;
  const auto next = std::ranges::upper_bound(points, within, {}, &TracePoint::time);
  return next == points.begin() ? points.front() : *(next - 1);
}

Link Trace::at(Milliseconds time, const Link& base) const {
  const TracePoint& now = at(time);
  Link link = base;
  link.up = now.up;
  link.down = now.down;
  link.rtt = now.rtt;
  return link;
}

Result<Trace> parse_trace(std::string_view text) {
  std::size_t line = 1;
  if (take_line(text) != kHeader) return bad_line(line, fmt::format("must be the header {}", kHeader));
  Trace trace;
  while (!text.empty()) {
    const std::string_view content = take_line(text);
    ++line;
    if (content.empty()) {
      if (text.find_first_not_of("\r\n") == std::string_view::npos) break;
      return bad_line(line, "is empty");
    }
    const auto next = point(content, line);
    if (!next) return forward_error(next);
    if (trace.points.empty() && next->time.count() != 0) {
      return bad_line(line, fmt::format("time_ms must start at 0, is {}", next->time.count()));
    }
    if (!trace.points.empty() && next->time <= trace.points.back().time) {
      return bad_line(
          line, fmt::format("time_ms must rise: {} follows {}", next->time.count(), trace.points.back().time.count()));
    }
    trace.points.push_back(*next);
  }
  if (trace.points.empty()) return bad_line(line + 1, "there is no point after the header");
  return trace;
}

Result<Trace> load_trace(const std::filesystem::path& path) {
  const Result<std::string> text = read_file(path, kMaxTraceFile);
  if (!text) return forward_error(text);
  Result<Trace> trace = parse_trace(*text);
  if (!trace) return forward_error(trace, path.string());
  return trace;
}

std::string to_csv(const Trace& trace) {
  std::string text = fmt::format("{}\n", kHeader);
  for (const TracePoint& point : trace.points) {
    text += fmt::format("{},{},{},{}\n", point.time.count(), point.up.value, point.down.value, point.rtt.count());
  }
  return text;
}

TraceReplay::TraceReplay(ShapingProxy& proxy, const Link& base, Trace trace)
    : proxy_(proxy), base_(base), trace_(std::move(trace)) {
  proxy_.set_link(trace_.at(Milliseconds{0}, base_));
  thread_ = std::thread([this] { run(); });
}

TraceReplay::~TraceReplay() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  wake_up_.notify_all();
  thread_.join();
}

void TraceReplay::run() {
  const auto start = std::chrono::steady_clock::now();
  const Milliseconds whole = trace_.duration();
  std::unique_lock lock(mutex_);
  for (double round = 0; trace_.points.size() > 1; ++round) {
    for (const TracePoint& point : trace_.points) {
      const Milliseconds when = whole * round + point.time;
      const auto due = start + std::chrono::duration_cast<std::chrono::nanoseconds>(when);
      if (wake_up_.wait_until(lock, due, [this] { return ended_; })) return;
      proxy_.set_link(trace_.at(point.time, base_));
    }
  }
}

}  // namespace tandem::link
