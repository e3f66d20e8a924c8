#include "jointdnn_files.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "csv.hpp"
#include "plot.hpp"
#include "tandem/base/file.hpp"

namespace tandem::cli {
namespace {

namespace fs = std::filesystem;
using plan::Objective;
using plan::Place;

Status write_csv(const std::vector<JointResult>& results, const fs::path& folder) {
  Csv csv({"network", "phase", "link", "objective", "batch", "unit", "cost", "device_only", "cloud_only",
           "improvement_percent", "cloud_work_saved_percent", "pattern", "schedule"});
  for (const JointResult& r : results) {
    csv.row({r.network, std::string(name_of(r.phase)), r.link, objective_name(r.objective),
             static_cast<double>(r.batch), r.objective == Objective::energy ? "mJ" : "ms", r.cost, r.device_only,
             r.cloud_only, r.improvement(), 100.0 * (1.0 - r.cloud_work), pattern_of(r), schedule_of(r)});
  }
  if (Status s = write_file(folder / "jointdnn.csv", csv.text()); !s) return s;
  Csv work({"objective", "link", "saved_percent", "dissertation_percent"});
  for (std::size_t o = 0; o < 2; ++o) {
    const Objective objective = o == 0 ? Objective::latency : Objective::energy;
    for (std::size_t l = 0; l < kJointLinks.size(); ++l) {
      work.row({objective_name(objective), kJointLinks[l], work_saved(results, objective, kJointLinks[l]),
                kWorkSavedInDissertation[o][l]});
    }
  }
  return write_file(folder / "cloud-work.csv", work.text());
}

// Figures 2.8 and 2.9: a panel a network, a curve a link.
PlotPage improvements_of(const std::vector<JointResult>& results, Phase phase, Objective objective) {
  PlotPage page{.title = fmt::format("{}: improvement of {} over the better of device and cloud alone", name_of(phase),
                                     objective_name(objective)),
                .panels = {},
                .columns = 2,
                .panel_width = 460,
                .panel_height = 230};
  for (const Benchmark& benchmark : jointdnn_benchmarks()) {
    Plot plot{.title = std::string(benchmark.network),
              .x = {.label = "batch (samples)"},
              .y = {.label = "improvement (%)", .min = 0.0, .max = 100.0}};
    for (const char* link : kJointLinks) {
      Plot::Series series{.name = link, .style = Plot::Style::lines_points};
      for (const JointResult& r : results) {
        if (r.network != benchmark.network || r.phase != phase || r.objective != objective || r.link != link) continue;
        series.x.push_back(r.batch);
        series.y.push_back(r.improvement());
      }
      plot.series.push_back(std::move(series));
    }
    page.panels.push_back(std::move(plot));
  }
  return page;
}

// Figure 2.11: where each layer runs, as a line that is low on the device and high in the cloud.
PlotPage schedules_of(const std::vector<JointResult>& results, const std::string& link) {
  PlotPage page{.title = fmt::format("Schedules for least latency over {} at batch 1: 0 the device, 1 the cloud", link),
                .panels = {},
                .columns = 2,
                .panel_width = 460,
                .panel_height = 150};
  for (const JointResult& r : results) {
    if (r.batch != 1 || r.objective != Objective::latency || r.link != link) continue;
    Plot plot{.title = fmt::format("{}, {}", r.network, name_of(r.phase)),
              .x = {.label = "layer"},
              .y = {.label = "place", .min = -0.2, .max = 1.2},
              .legend = false};
    Plot::Series series{.style = Plot::Style::steps};
    for (const plan::Segment& segment : r.segments) {
      for (const int layer : {segment.first, segment.last + 1}) {
        series.x.push_back(layer);
        series.y.push_back(segment.place == Place::cloud ? 1.0 : 0.0);
      }
    }
    plot.series.push_back(std::move(series));
    page.panels.push_back(std::move(plot));
  }
  return page;
}

Plot work_of(const std::vector<JointResult>& results) {
  Plot plot{.title = "Work the cloud is spared, inference at batch 1 (Table 2.4)",
            .y = {.label = "of cloud only (%)", .min = 0.0, .max = 100.0},
            .categories = {"3G", "4G", "Wi-Fi"}};
  for (std::size_t o = 0; o < 2; ++o) {
    const Objective objective = o == 0 ? Objective::latency : Objective::energy;
    Plot::Series here{.name = fmt::format("{}, here", objective_name(objective))};
    for (const char* link : kJointLinks) here.y.push_back(work_saved(results, objective, link));
    plot.series.push_back(std::move(here));
    plot.series.push_back({.name = fmt::format("{}, dissertation", objective_name(objective)),
                           .y = {kWorkSavedInDissertation[o].begin(), kWorkSavedInDissertation[o].end()}});
  }
  return plot;
}

}  // namespace

// Mean over the benchmarks at batch 1, in percent.
double work_saved(const std::vector<JointResult>& results, Objective objective, const std::string& link) {
  double saved = 0;
  int count = 0;
  for (const JointResult& r : results) {
    if (r.phase != Phase::inference || r.batch != 1 || r.objective != objective || r.link != link) continue;
    saved += 100.0 * (1.0 - r.cloud_work);
    ++count;
  }
  return count == 0 ? 0 : saved / count;
}

Status write_joint_results(const std::vector<JointResult>& results, const std::string& output) {
  const fs::path folder(output);
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return fail(Errc::invalid_argument, fmt::format("{}: cannot be made: {}", output, error.message()));
  if (Status s = write_csv(results, folder); !s) return s;
  for (const Phase phase : {Phase::inference, Phase::training}) {
    for (const Objective objective : {Objective::latency, Objective::energy}) {
      const std::string name = fmt::format("{}-{}.svg", name_of(phase), objective_name(objective));
      if (Status s = write_plot(improvements_of(results, phase, objective), folder / name); !s) return s;
    }
  }
  for (const char* link : kJointLinks) {
    if (Status s = write_plot(schedules_of(results, link), folder / fmt::format("schedules-{}.svg", link)); !s)
      return s;
  }
  return write_plot(work_of(results), folder / "cloud-work.svg");
}

const char* objective_name(Objective objective) {
  return objective == Objective::energy ? "energy" : "latency";
}

}  // namespace tandem::cli
