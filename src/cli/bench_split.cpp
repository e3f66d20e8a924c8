// What a split run comes to on every pair of network and link of the demo: predicted against measured, the overhead
// over the physical limit, and the better of the two baselines.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "bench_rows.hpp"
#include "demo_defaults.hpp"
#include "scenes.hpp"
#include "tandem/codec/codec.hpp"
#include "terminal.hpp"
#include "testbed.hpp"

namespace tandem::cli {
namespace {

constexpr int kRounds = 3;
constexpr int kRequests = 3;  // of each round
constexpr int kComparedRequests = 2;
constexpr int kBaselineRequests = 1;  // of the slow ways

// The quick 8-bit codec, and the dissertation's: what the codecs chosen by themselves are compared with.
constexpr std::string_view kQuick = codec::kLinear8;
constexpr std::string_view kTiledPng = codec::kJointDnn;

// All that is run of one network over one link.
struct Pair {
  std::string name;
  Trial ours;
  Trial quick;      // with kQuick at every crossing
  Trial tiled_png;  // with kTiledPng
  Milliseconds device_only{}, cloud_raw{};
  std::optional<Milliseconds> cloud_jpeg;
};

std::string codecs_of(const plan::Plan& plan) {
  std::string codecs;
  for (const plan::Transfer& transfer : plan.transfers)
    codecs += (codecs.empty() ? "" : ", ") + transfer.crossing.codec;
  return codecs;
}

Json row_of(const Pair& pair) {
  const Trial& ours = pair.ours;
  const Milliseconds measured = ours.latency.median;
  const Milliseconds baseline = std::min(pair.device_only, pair.cloud_raw);
  Json row = {{"name", pair.name},
              {"codecs", codecs_of(ours.plan)},
              {"latency_ms", measured.count()},
              {"low_ms", ours.latency.low.count()},
              {"high_ms", ours.latency.high.count()},
              {"predicted_ms", ours.predicted.count()},
              {"prediction_error", ours.predicted / measured - 1.0},
              {"limit_ms", ours.limit.count()},
              {"overhead_ms", ours.overhead.median.count()},
              {"overhead_share", ours.overhead.median / ours.limit},
              {"coding_ms", ours.coding.count()},
              {"linear8_ms", pair.quick.latency.median.count()},
              {"linear8_limit_ms", pair.quick.limit.count()},
              {"linear8_overhead_ms", pair.quick.overhead.median.count()},
              {"linear8_overhead_share", pair.quick.overhead.median / pair.quick.limit},
              {"linear8_coding_ms", pair.quick.coding.count()},
              {"linear8_ratio", measured / pair.quick.latency.median},
              {"tiled_png_ms", pair.tiled_png.latency.median.count()},
              {"tiled_png_ratio", measured / pair.tiled_png.latency.median},
              {"device_only_ms", pair.device_only.count()},
              {"cloud_raw_ms", pair.cloud_raw.count()},
              {"baseline_ms", baseline.count()},
              {"ratio", measured / baseline}};
  if (pair.cloud_jpeg) row["cloud_jpeg_ms"] = pair.cloud_jpeg->count();
  return row;
}

Result<Pair> run_pair(Testbed& testbed, std::size_t network, const link::Link& link) {
  const TestNetwork& net = testbed.networks()[network];
  Pair pair{.name = fmt::format("{} over {}", net.network.name(), link.name)};
  std::vector<Way> ways{{.mode = Mode::tandem, .requests = kRequests, .codec = {}},
                        {.mode = Mode::device_only, .requests = kRequests, .codec = {}},
                        {.mode = Mode::cloud_raw, .requests = kBaselineRequests, .codec = {}},
                        {.mode = Mode::tandem, .requests = kComparedRequests, .codec = std::string(kQuick)},
                        {.mode = Mode::tandem, .requests = kComparedRequests, .codec = std::string(kTiledPng)}};
  if (net.image_input) ways.push_back({.mode = Mode::cloud_jpeg, .requests = kBaselineRequests, .codec = {}});
  auto trials = testbed.run(network, link, ways, kRounds);
  if (!trials) return forward_error(trials);
  pair.ours = std::move((*trials)[0]);
  pair.device_only = (*trials)[1].latency.median;
  pair.cloud_raw = (*trials)[2].latency.median;
  pair.quick = std::move((*trials)[3]);
  pair.tiled_png = std::move((*trials)[4]);
  if (net.image_input) pair.cloud_jpeg = (*trials)[5].latency.median;
  return pair;
}

}  // namespace

Result<Json> split_bench_rows(const BenchScope& scope) {
  auto images = shipped_images();
  if (!images) return forward_error(images);
  std::vector<std::string> references = scope.networks;
  if (references.empty()) {
    references = default_demo_networks();
    references.emplace_back("zoo:mobilenetv2");
  }
  Progress progress("preparing", false);
  const auto report = [&](double fraction, const std::string& what) { progress.update(fraction, what); };
  DeviceOptions device = default_demo_device();
  device.compile.slowdown = scope.slowdown.value_or(device.compile.slowdown);
  auto testbed =
      Testbed::start(references, {.device = device, .images = *images, .compared = {std::string(kTiledPng)}}, report);
  if (!testbed) return forward_error(testbed);
  progress.finish();

  Json rows = Json::array();
  Progress running("running", false);
  const auto& networks = (*testbed)->networks();
  const auto links = scope.links.empty() ? default_demo_links() : scope.links;
  for (std::size_t i = 0; i < networks.size(); ++i) {
    for (std::size_t k = 0; k < links.size(); ++k) {
      running.update(static_cast<double>(i * links.size() + k) / static_cast<double>(networks.size() * links.size()));
      const auto link = link::find(links[k]);
      if (!link) return forward_error(link);
      const auto pair = run_pair(**testbed, i, *link);
      if (!pair) return forward_error(pair);
      rows.push_back(row_of(*pair));
    }
  }
  return rows;
}

}  // namespace tandem::cli
