#include "tandem/link/probe.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <vector>

namespace tandem::link {
namespace {

constexpr int kWarmUps = 2;  // the first exchange sets the connection up
constexpr std::size_t kPings = 12;
// Of kPings sorted round trips, these enclose the median with 96 %: at most two of twelve coins show heads in 79 of
// 4096 cases.
constexpr std::size_t kLowRank = 2;
constexpr std::size_t kHighRank = kPings - 1 - kLowRank;

constexpr std::size_t kFirstSize = 2000;
constexpr std::size_t kGrowth = 4;
constexpr Milliseconds kEnough{120};  // of a transfer's own time: clocks and wake-ups are far below a hundredth of it
constexpr std::size_t kFewestPairs = 4;
constexpr std::size_t kMostPairs = 20;
constexpr double kGoodInterval = 0.025;  // half the interval as a share of the rate

double median(std::vector<double> values) {
  std::ranges::sort(values);
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

// Of the mean, squared.
double squared_error(const std::vector<double>& values) {
  const auto count = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / count;
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return squares / (count - 1) / count;
}

// The 97.5 % quantile of Student's t, by the expansion in 1/n of Abramowitz and Stegun 26.7.5.
double student(double freedom) {
  constexpr double z = 1.959964;
  const double z3 = z * z * z;
  const double z5 = z3 * z * z;
  return z + (z3 + z) / (4 * freedom) + (5 * z5 + 16 * z3 + 3 * z) / (96 * freedom * freedom);
}

enum class Way { up, down };

class Prober {
 public:
  Prober(const Exchange& exchange, const ProbeOptions& options) : exchange_(exchange), options_(options) {}

  Result<Measurement> run() {
    if (const Status done = ping(); !done) return forward_error(done);
    const std::size_t half = options_.budget_bytes / 2;
    auto up = rate(Way::up, half);
    if (!up) return forward_error(up);
    auto down = rate(Way::down, half);
    if (!down) return forward_error(down);
    result_.up = *up;
    result_.down = *down;
    set_round_trip();
    return result_;
  }

 private:
  Result<Milliseconds> transfer(Way way, std::size_t bytes) {
    auto took = way == Way::up ? exchange_(bytes, 0) : exchange_(0, bytes);
    if (!took) return forward_error(took);
    ++result_.exchanges;
    (way == Way::up ? result_.up_bytes : result_.down_bytes) += bytes;
    return took;
  }

  void report(double fraction, const char* what) const {
    if (options_.progress) options_.progress(fraction, what);
  }

  Status ping() {
    report(0, "round trip");
    for (int i = 0; i < kWarmUps; ++i) {
      if (const auto took = transfer(Way::up, 0); !took) return forward_error(took);
    }
    for (std::size_t i = 0; i < kPings; ++i) {
      const auto took = transfer(Way::up, 0);
      if (!took) return forward_error(took);
      pings_.push_back(took->count());
      if (!options_.own_work) continue;
      const auto own = options_.own_work();
      if (!own) return forward_error(own);
      own_work_.push_back(own->count());
    }
    return {};
  }

  // The greater of the two sizes to measure with: as a transfer of kEnough, or what the budget allows.
  Result<std::size_t> find_size(Way way, std::size_t& budget) {
    const double empty = median(pings_);
    std::size_t size = kFirstSize;
    for (;;) {
      const auto took = transfer(way, size);
      if (!took) return forward_error(took);
      budget -= size;
      const double own = std::max(took->count() - empty, 1e-3);
      const std::size_t affordable = std::min(budget / (kFewestPairs * 5 / 4), options_.max_exchange_bytes);
      const auto wanted = static_cast<std::size_t>(
          std::clamp(static_cast<double>(size) * kEnough.count() / own, static_cast<double>(kFirstSize), 1e9));
      const std::size_t best = std::min(affordable, wanted);
      // A further step costs budget and is worth it only where the window has yet to open that far.
      const std::size_t next = size * kGrowth;
      if (next > best) return best;
      size = next;
    }
  }

  Result<Interval<Mbps>> rate(Way way, std::size_t budget) {
    const char* what = way == Way::up ? "uplink" : "downlink";
    const double done = way == Way::up ? 0.2 : 0.6;
    report(done, what);
    const auto found = find_size(way, budget);
    if (!found) return forward_error(found);
    const std::size_t large = *found;
    const std::size_t small = large / kGrowth;
    std::vector<double> large_times, small_times;
    Interval<Mbps> interval;
    while (large_times.size() < kMostPairs && budget >= large + small) {
      report(done + 0.4 * static_cast<double>(large_times.size()) / kFewestPairs, what);
      for (const std::size_t size : {small, large}) {
        const auto took = transfer(way, size);
        if (!took) return forward_error(took);
        (size == large ? large_times : small_times).push_back(took->count());
        budget -= size;
      }
      if (large_times.size() < kFewestPairs) continue;
      interval = slope(static_cast<double>(large - small), small_times, large_times);
      if (interval.high.value - interval.low.value <= 2 * kGoodInterval * interval.value.value) break;
    }
    return interval;
  }

  static Interval<Mbps> slope(double bytes, const std::vector<double>& small, const std::vector<double>& large) {
    const double difference = median(large) - median(small);
    const double freedom = 2.0 * static_cast<double>(large.size()) - 2;
    const double error = student(freedom) * std::sqrt(squared_error(large) + squared_error(small));
    // On a link too fast to be told from none at this size, what is known is a bound.
    const double least = std::max(1e-3, difference / 10);
    const auto mbps = [bytes, least](double milliseconds) {
      return Mbps{bytes / (125 * std::max(milliseconds, least))};
    };
    return {.value = mbps(difference), .low = mbps(difference + error), .high = mbps(difference - error)};
  }

  void set_round_trip() {
    const Milliseconds heads = options_.overhead_up / result_.up.value + options_.overhead_down / result_.down.value;
    const double not_the_links = heads.count() + (own_work_.empty() ? 0.0 : median(own_work_));
    double differences = 0;
    for (std::size_t i = 1; i < pings_.size(); ++i) differences += std::abs(pings_[i] - pings_[i - 1]);
    result_.jitter = Milliseconds{differences / static_cast<double>(pings_.size() - 1)};
    std::vector<double> sorted = pings_;
    std::ranges::sort(sorted);
    const auto without = [not_the_links](double ping) { return Milliseconds{std::max(0.0, ping - not_the_links)}; };
    result_.rtt = {
        .value = without(median(sorted)), .low = without(sorted[kLowRank]), .high = without(sorted[kHighRank])};
  }

  const Exchange& exchange_;
  const ProbeOptions& options_;
  std::vector<double> pings_, own_work_;
  Measurement result_;
};

}  // namespace

Link Measurement::link(std::string name, const Link& radio) const {
  Link link = radio;
  link.name = std::move(name);
  link.up = up.value;
  link.down = down.value;
  link.rtt = rtt.value;
  return link;
}

Result<Measurement> probe(const Exchange& exchange, const ProbeOptions& options) {
  if (options.budget_bytes < kLeastBudget) {
    return fail(Errc::invalid_argument,
                fmt::format("the budget must be at least {} bytes, is {}", kLeastBudget, options.budget_bytes));
  }
  return Prober(exchange, options).run();
}

}  // namespace tandem::link
