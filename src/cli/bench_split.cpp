// What a split run comes to on every pair of network and link of the demo: predicted against measured, the overhead
// over the physical limit, and the better of the two baselines.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "bench_rows.hpp"
#include "demo_defaults.hpp"
#include "scenes.hpp"
#include "terminal.hpp"
#include "testbed.hpp"

namespace tandem::cli {
namespace {

constexpr int kRequests = 9;
constexpr int kBaselineRequests = 3;  // of the slow ways

Json row_of(const std::string& network, const std::string& link, const Trial& ours, Milliseconds device_only,
            Milliseconds cloud_raw, std::optional<Milliseconds> cloud_jpeg) {
  const Milliseconds measured = ours.latency.median;
  const Milliseconds predicted = ours.predicted;
  const Milliseconds baseline = std::min(device_only, cloud_raw);
  Json row = {{"name", fmt::format("{} over {}", network, link)},
              {"latency_ms", measured.count()},
              {"low_ms", ours.latency.low.count()},
              {"high_ms", ours.latency.high.count()},
              {"predicted_ms", predicted.count()},
              {"prediction_error", predicted / measured - 1.0},
              {"limit_ms", ours.limit.count()},
              {"overhead_ms", ours.overhead.median.count()},
              {"overhead_share", ours.overhead.median / ours.limit},
              {"coding_ms", ours.coding.count()},
              {"device_only_ms", device_only.count()},
              {"cloud_raw_ms", cloud_raw.count()},
              {"baseline_ms", baseline.count()},
              {"ratio", measured / baseline}};
  if (cloud_jpeg) row["cloud_jpeg_ms"] = cloud_jpeg->count();
  return row;
}

}  // namespace

Result<Json> split_bench_rows() {
  auto images = shipped_images();
  if (!images) return forward_error(images);
  Progress progress("preparing", false);
  const auto report = [&](double fraction, const std::string& what) { progress.update(fraction, what); };
  auto testbed = Testbed::start(default_demo_networks(), {.device = default_demo_device(), .images = *images}, report);
  if (!testbed) return forward_error(testbed);
  progress.finish();

  Json rows = Json::array();
  Progress running("running", false);
  const auto& networks = (*testbed)->networks();
  const auto links = default_demo_links();
  for (std::size_t i = 0; i < networks.size(); ++i) {
    for (std::size_t k = 0; k < links.size(); ++k) {
      running.update(static_cast<double>(i * links.size() + k) / static_cast<double>(networks.size() * links.size()));
      auto link = link::find(links[k]);
      if (!link) return forward_error(link);
      auto ours = (*testbed)->run(i, *link, Mode::tandem, kRequests);
      if (!ours) return forward_error(ours);
      auto here = (*testbed)->run(i, *link, Mode::device_only, kBaselineRequests);
      if (!here) return forward_error(here);
      auto there = (*testbed)->run(i, *link, Mode::cloud_raw, kBaselineRequests);
      if (!there) return forward_error(there);
      std::optional<Milliseconds> jpeg;
      if (networks[i].image_input) {
        auto trial = (*testbed)->run(i, *link, Mode::cloud_jpeg, kBaselineRequests);
        if (!trial) return forward_error(trial);
        jpeg = trial->latency.median;
      }
      rows.push_back(
          row_of(networks[i].network.name(), link->name, *ours, here->latency.median, there->latency.median, jpeg));
    }
  }
  return rows;
}

}  // namespace tandem::cli
