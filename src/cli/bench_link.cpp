// `tandem bench link`: what the probe measures of links that are known, beside one plain transfer; and how the passive
// estimator follows a link that changes, beside an exponentially weighted mean.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <memory>
#include <vector>

#include "bench_rows.hpp"
#include "tandem/base/random.hpp"
#include "tandem/cloud/server.hpp"
#include "tandem/device/link_probe.hpp"
#include "tandem/link/estimator.hpp"
#include "tandem/link/shaper.hpp"
#include "tandem/network/import.hpp"
#include "tandem/rpc/client.hpp"
#include "tandem/rpc/link_probe.hpp"

namespace tandem::cli {
namespace {

using link::Link;

constexpr double kRateBar = 0.05;
constexpr double kRttBarMs = 1.0;
constexpr int kProbes = 3;
constexpr Milliseconds kDeadline{30000};

const std::array kLinks{
    Link{.name = "1", .up = Mbps{1}, .down = Mbps{1}, .rtt = Milliseconds{100}},
    Link{.name = "6", .up = Mbps{6}, .down = Mbps{6}, .rtt = Milliseconds{60}},
    Link{.name = "20", .up = Mbps{20}, .down = Mbps{20}, .rtt = Milliseconds{20}},
    Link{.name = "100", .up = Mbps{100}, .down = Mbps{100}, .rtt = Milliseconds{10}},
};

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}
double greatest(const std::vector<double>& values) {
  return *std::ranges::max_element(values);
}

// What a person would do: send a lot, divide bytes by time.
Result<double> plain_rate(rpc::Client& client) {
  rpc::CallTimes times;
  const auto answer = client.infer(rpc::link_probe_request(rpc::kMaxLinkProbeBytes, 0), kDeadline, &times);
  if (!answer) return forward_error(answer);
  return static_cast<double>(rpc::kMaxLinkProbeBytes) / (125 * times.total.count());
}

Result<Json> probe_row(const std::string& server, const Link& link) {
  const auto proxy = link::ShapingProxy::start({.target = server, .link = link});
  if (!proxy) return forward_error(proxy);
  const auto client = rpc::Client::connect((*proxy)->address());
  if (!client) return forward_error(client);
  std::vector<double> rate_errors, rtt_errors, plain_errors;
  double up = 0;
  double down = 0;
  double rtt = 0;
  std::size_t bytes = 0;
  for (int i = 0; i < kProbes; ++i) {
    const auto measured = device::probe_link((*proxy)->address(), {});
    if (!measured) return forward_error(measured);
    up = measured->up.value.value;
    down = measured->down.value.value;
    rtt = measured->rtt.value.count();
    bytes = measured->up_bytes + measured->down_bytes;
    rate_errors.push_back(std::max(std::abs(up / link.up.value - 1), std::abs(down / link.down.value - 1)));
    rtt_errors.push_back(std::abs(rtt - link.rtt.count()));
    const auto plain = plain_rate(**client);
    if (!plain) return forward_error(plain);
    plain_errors.push_back(std::abs(*plain / link.up.value - 1));
  }
  return Json{{"name", fmt::format("probe of {} Mbps, {} ms", link.name, link.rtt.count())},
              {"up_mbps", up},
              {"down_mbps", down},
              {"rtt_ms", rtt},
              {"bytes", bytes},
              {"figure", median(rate_errors)},
              {"spread", greatest(rate_errors)},
              {"unit", "relative error of the worse rate"},
              {"bar", kRateBar},
              {"rtt_error_ms", median(rtt_errors)},
              {"rtt_error_greatest_ms", greatest(rtt_errors)},
              {"rtt_bar_ms", kRttBarMs},
              {"baseline", median(plain_errors)},
              {"baseline_name", "bytes over time of one call with 256 KiB"},
              {"ratio", median(rate_errors) / std::max(1e-9, median(plain_errors))}};
}

// A link that changes from request to request, told as a factor of its rates, and requests over it whose times scatter
// by five per cent.
struct Trace {
  const char* name;
  const char* unit;
  double bar;
  int requests;
  int change_at;  // the request with which the change begins
  std::function<double(int request)> factor;
  std::function<double(int request)> slower;  // of single requests, the link being as it was
};

constexpr Bytes kUp{150'000};
constexpr Bytes kDown{4'000};
constexpr double kGood = 0.15;  // an expected time this near counts as followed: thrice the scatter of single times

Link scaled(double factor) {
  return {.name = "simulated", .up = Mbps{6 * factor}, .down = Mbps{14 * factor}, .rtt = Milliseconds{60}};
}
Milliseconds time_on(const Link& link) {
  return link.upload_time(kUp) + link.download_time(kDown);
}

struct Followed {
  std::vector<double> errors;  // of the time expected, after each request
  // Requests from the change on until the errors stay small.
  [[nodiscard]] double requests_until_good(int change_at) const {
    auto bad = static_cast<int>(errors.size());
    while (bad > change_at && errors[static_cast<std::size_t>(bad) - 1] < kGood) --bad;
    return bad - change_at + 1;
  }
};

// The estimator and, on the same times, a mean that forgets a third at each request.
std::pair<Followed, Followed> follow(const Trace& trace, std::uint64_t seed) {
  Random random(seed);
  link::Estimator estimator(scaled(1));
  double mean = 1;  // of observed over prior time
  Followed ours, means;
  for (int request = 0; request < trace.requests; ++request) {
    const Milliseconds truth = time_on(scaled(trace.factor(request)));
    double normal = -6;
    for (int i = 0; i < 12; ++i) normal += random.uniform();
    const Milliseconds took = truth * std::exp(0.05 * normal) * trace.slower(request);
    estimator.observe({.up = kUp, .down = kDown, .time = took});
    mean += 0.3 * (took / time_on(scaled(1)) - mean);
    ours.errors.push_back(std::abs(estimator.expected(kUp, kDown) / truth - 1));
    means.errors.push_back(std::abs(mean * (time_on(scaled(1)) / truth) - 1));
  }
  return {ours, means};
}

const std::vector<Trace>& traces() {
  constexpr int kChange = 30;
  const auto steady = [](int) { return 1.0; };
  static const std::vector<Trace> all{
      {"step to a fifth", "requests until followed", 5, 60, kChange, [](int r) { return r < kChange ? 1.0 : 0.2; },
       steady},
      {"step to fivefold", "requests until followed", 5, 60, kChange, [](int r) { return r < kChange ? 1.0 : 5.0; },
       steady},
      {"ramp, 5 % a request", "mean error of the expected time", 0.15, 60, kChange,
       [](int r) { return r < kChange ? 1.0 : std::pow(0.95, r - kChange); }, steady},
      {"one outlier, tenfold", "error after it", 0.15, kChange + 1, kChange, steady,
       [](int r) { return r == kChange ? 10.0 : 1.0; }},
      {"burst of four, threefold", "error five requests after it", 0.15, kChange + 9, kChange, steady,
       [](int r) { return r >= kChange && r < kChange + 4 ? 3.0 : 1.0; }},
  };
  return all;
}

double figure_of(const Trace& trace, const Followed& followed) {
  const std::string unit = trace.unit;
  if (unit == "requests until followed") return followed.requests_until_good(trace.change_at);
  if (!unit.starts_with("mean")) return followed.errors.back();
  double sum = 0;
  for (auto i = static_cast<std::size_t>(trace.change_at); i < followed.errors.size(); ++i) sum += followed.errors[i];
  return sum / (trace.requests - trace.change_at);
}

Json estimator_row(const Trace& trace) {
  std::vector<double> ours, means;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const auto [estimator, mean] = follow(trace, seed);
    ours.push_back(figure_of(trace, estimator));
    means.push_back(figure_of(trace, mean));
  }
  std::ranges::sort(ours);
  std::ranges::sort(means);
  const std::size_t at = ours.size() * 95 / 100;
  return {{"name", fmt::format("estimator: {}", trace.name)},
          {"figure", median(ours)},
          {"spread", ours[at]},
          {"unit", fmt::format("{}; spread: the 95th percentile of 200 traces", trace.unit)},
          {"bar", trace.bar},
          {"baseline", median(means)},
          {"baseline_spread", means[at]},
          {"baseline_name", "mean that forgets 30 % a request"},
          {"ratio", median(ours) / std::max(1e-9, median(means))}};
}

}  // namespace

Result<Json> link_bench_rows(const BenchScope& /*scope*/) {
  auto network = network::load("zoo:chair");  // a server serves something
  if (!network) return forward_error(network);
  cloud::Options options;
  options.networks.push_back({.network = std::move(*network)});
  const auto server = cloud::Server::start(std::move(options));
  if (!server) return forward_error(server);
  Json rows = Json::array();
  for (const Link& link : kLinks) {
    auto row = probe_row((*server)->address(), link);
    if (!row) return forward_error(row, "link of " + link.name + " Mbps");
    rows.push_back(std::move(*row));
  }
  for (const Trace& trace : traces()) rows.push_back(estimator_row(trace));
  return rows;
}

}  // namespace tandem::cli
