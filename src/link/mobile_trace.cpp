#include "tandem/link/mobile_trace.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "tandem/base/random.hpp"

namespace tandem::link {
namespace {

constexpr Milliseconds kStep{1000};
// Table 2.3, 4G: up over down.
constexpr double kUpOverDown = 5.85 / 13.76;
constexpr Milliseconds kRtt{60};  // of the preset 4g

struct Band {
  double low, high;  // Mbps
};
// The bands in which the logs' seconds were counted, the open ones closed: at 0.05 Mbps, which is an outage still, and
// at 70, which one second in a hundred exceeds.
constexpr std::array<Band, kBands> kBandRates{{{0.05, 1.05}, {1.05, 10}, {10, 25}, {25, 40}, {40, 70}}};

constexpr std::array kMovements{
    Movement{
        .name = "walking",
        .source = "first 229 s of report_foot_0003",
        .transitions = {{{1, 0, 2, 1, 0}, {3, 2, 3, 1, 0}, {0, 5, 36, 18, 5}, {0, 1, 21, 59, 23}, {0, 0, 2, 26, 19}}},
        .mean_down = Mbps{30.2}},
    Movement{
        .name = "driving",
        .source = "first 228 s of report_car_0003",
        .transitions = {{{0, 1, 0, 1, 0}, {1, 0, 0, 1, 1}, {1, 2, 28, 11, 4}, {0, 0, 11, 49, 20}, {0, 0, 8, 17, 71}}},
        .mean_down = Mbps{38.8}},
    Movement{.name = "train",
             .source = "first 230 s of report_train_0001",
             .transitions =
                 {{{13, 4, 0, 1, 0}, {5, 16, 11, 1, 3}, {0, 14, 33, 16, 3}, {0, 1, 19, 41, 15}, {0, 0, 3, 18, 12}}},
             .mean_down = Mbps{23.7}},
};

std::size_t next_band(const std::array<double, kBands>& counts, Random& random) {
  double left = random.uniform() * std::accumulate(counts.begin(), counts.end(), 0.0);
  std::size_t band = 0;
  while (band + 1 < kBands && left >= counts[band]) left -= counts[band++];
  return band;
}

// Two decimals: what a trace file is meant to be read with.
double rounded(double mbps) {
  return std::max(kLeastRate.value, std::round(mbps * 100) / 100);
}

}  // namespace

std::span<const Movement> movements() {
  return kMovements;
}

Result<Movement> find_movement(std::string_view name) {
  const auto found = std::ranges::find(kMovements, name, &Movement::name);
  if (found != kMovements.end()) return *found;
  std::string names;
  for (const Movement& movement : kMovements) names += (names.empty() ? "" : ", ") + std::string(movement.name);
  return fail(Errc::not_found, fmt::format("no trace of kind '{}'; there are: {}", name, names));
}

Trace mobile_trace(const Movement& movement, const MobileTraceOptions& options) {
  Random random(options.seed);
  Trace trace;
  trace.points.reserve(static_cast<std::size_t>(std::max(options.seconds, 0)));
  // From any band, the chain has forgotten where it began after this many steps.
  constexpr int kForgotten = 100;
  std::size_t band = 2;
  for (int i = 0; i < kForgotten; ++i) band = next_band(movement.transitions[band], random);
  for (int second = 0; second < options.seconds; ++second) {
    const double down = random.uniform(kBandRates[band].low, kBandRates[band].high);
    trace.points.push_back(
        {.time = kStep * second, .up = Mbps{rounded(down * kUpOverDown)}, .down = Mbps{rounded(down)}, .rtt = kRtt});
    band = next_band(movement.transitions[band], random);
  }
  return trace;
}

}  // namespace tandem::link
