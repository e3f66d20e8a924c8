// How a link changes over time: CSV with the header `time_ms,up_mbps,down_mbps,rtt_ms`, see docs/formats/trace.md.
//
//   Result<Trace> trace = link::load_trace("commute.csv");
//   Link now = trace->at(Milliseconds{2500}, base);   // rates and round trip of the trace, radio power of `base`
//   TraceReplay replay(*proxy, base, *trace);         // until destroyed, again from the start at the trace's end
//
// Thread rule: Trace is a value; a TraceReplay runs on a thread of its own and is for the thread that made it.
#pragma once

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tandem/base/result.hpp"
#include "tandem/base/units.hpp"
#include "tandem/link/link.hpp"
#include "tandem/link/shaper.hpp"

namespace tandem::link {

// A link below this is as good as gone; a trace writes an outage so, because a byte that waits must leave some time.
inline constexpr Mbps kLeastRate{0.01};

struct TracePoint {
  Milliseconds time{};  // since the start; holds until the next point
  Mbps up{};
  Mbps down{};
  Milliseconds rtt{};

  bool operator==(const TracePoint&) const = default;
};

struct Trace {
  std::vector<TracePoint> points;  // at least one, the first at 0, in rising order of time

  // The last point lasts as long as the one before it (a lone one: for ever, so that it never ends).
  [[nodiscard]] Milliseconds duration() const;
  // The point that holds at `time`, which wraps around at the trace's end. O(log points).
  [[nodiscard]] const TracePoint& at(Milliseconds time) const;
  [[nodiscard]] Link at(Milliseconds time, const Link& base) const;

  bool operator==(const Trace&) const = default;
};

// Strict: exactly four numbers a line, rates at least kLeastRate, times from 0 on rising. Blank lines only at the end.
// Error: invalid_argument naming the line.
Result<Trace> parse_trace(std::string_view text);
// Errors: not_found; invalid_argument naming file and line.
Result<Trace> load_trace(const std::filesystem::path& path);
std::string to_csv(const Trace& trace);

// Sets the proxy's link as the trace says, in real time, from construction on.
class TraceReplay {
 public:
  // `proxy` must outlive the replay.
  TraceReplay(ShapingProxy& proxy, const Link& base, Trace trace);
  ~TraceReplay();
  TraceReplay(const TraceReplay&) = delete;
  TraceReplay& operator=(const TraceReplay&) = delete;

 private:
  void run();

  ShapingProxy& proxy_;
  Link base_;
  Trace trace_;
  std::mutex mutex_;
  std::condition_variable wake_up_;
  bool ended_ = false;
  std::thread thread_;  // last: it uses the others
};

}  // namespace tandem::link
