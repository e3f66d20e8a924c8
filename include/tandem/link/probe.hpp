// Measures a link by exchanging bytes with a peer that answers with as many as it is asked for: rates, round trip and
// jitter, each with a 95 % confidence interval, within a budget of bytes.
//
//   Result<Measurement> m = probe(exchange, {.budget_bytes = 1'000'000});   // exchange: see device/link_probe.hpp
//   fmt::print("{} Mbps up", m->up.value.value);
//
// A rate is the slope between exchanges of two sizes, one four times the other, taken in turn: (L - S) / (T_L - T_S).
// What both have in common drops out: the round trip, the protocol's heads, the work of both ends, and the burst that a
// token bucket lets through at once, up to the lesser size. Sizes grow fourfold until a transfer takes long enough, or
// the budget ends that: meanwhile TCP's window opens, and what is measured after is the link and not slow start.
//
// Thread rule: a free function, blocks for as long as its exchanges take.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "tandem/base/result.hpp"
#include "tandem/base/units.hpp"
#include "tandem/link/link.hpp"

namespace tandem::link {

// One exchange after the other on one connection: sends `up` bytes of payload and receives `down`; the time it took
// beyond what the peer itself spent.
using Exchange = std::function<Result<Milliseconds>(std::size_t up, std::size_t down)>;

struct ProbeOptions {
  std::size_t budget_bytes = 1'000'000;         // payload, both directions together
  std::size_t max_exchange_bytes = 256 * 1024;  // of one exchange
  // What the protocol adds to an exchange in either direction; its time is not the round trip's.
  Bytes overhead_up{};
  Bytes overhead_down{};
  // An exchange without any link between: what both ends need is not the round trip's either. Asked in turn with the
  // exchanges over the link, so that what else the machine does slows both alike. Empty: they need nothing.
  std::function<Result<Milliseconds>()> own_work{};
  // Told the part done, 0..1, and what is measured.
  std::function<void(double fraction, const std::string& detail)> progress{};
};

template <class T>
struct Interval {
  T value{};
  T low{};  // 95 % confidence
  T high{};
};

struct Measurement {
  Interval<Mbps> up;
  Interval<Mbps> down;
  Interval<Milliseconds> rtt;
  Milliseconds jitter{};     // mean difference between a round trip and the next (as in RFC 3393)
  std::size_t up_bytes = 0;  // payload spent
  std::size_t down_bytes = 0;
  int exchanges = 0;

  // As a link, with the radio power of `radio`.
  [[nodiscard]] Link link(std::string name, const Link& radio = {}) const;
};

// Errors: invalid_argument (a budget below kLeastBudget), and the exchange's own.
Result<Measurement> probe(const Exchange& exchange, const ProbeOptions& options);

inline constexpr std::size_t kLeastBudget = 40'000;

}  // namespace tandem::link
