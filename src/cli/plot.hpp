// Plots as SVG or PNG, drawn by gnuplot: curves, steps, points, grouped bars, several panels on a page.
//
//   const Plot plot{.title = "alexnet over a changing link",
//                   .x = {.label = "uplink (Mbps)", .logarithmic = true},
//                   .y = {.label = "latency (ms)"},
//                   .series = {{.name = "best plan", .x = rates, .y = latencies, .style = Plot::Style::steps}}};
//   if (const Status drawn = write_plot(plot, "sweep.svg"); !drawn) return forward_error(drawn);
//
// The look is set here once, for all commands: colours that colour-blind people can tell apart, a light grid, legends
// outside of the data. Labels carry their units. Data and text reach gnuplot as data, never as commands.
// Thread rule: free functions, any thread.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tandem/base/result.hpp"

namespace tandem::cli {

struct Plot {
  enum class Style { lines, lines_points, steps, points };
  struct Axis {
    std::string label;
    bool logarithmic = false;
    std::optional<double> min{}, max{};  // where not given: what the data need
  };
  // Values that are not finite leave a gap; so do those at or below zero on a logarithmic axis.
  struct Series {
    std::string name;  // in the legend; none where empty
    std::vector<double> x, y;
    Style style = Style::lines;
  };
  std::string title;
  Axis x, y;
  std::vector<Series> series;
  // With categories the series are groups of bars: y holds a value per category, x and style are not looked at.
  std::vector<std::string> categories{};
  bool legend = true;
};

// Panels in rows of `columns`, from the upper left.
struct PlotPage {
  std::string title;
  std::vector<Plot> panels;
  int columns = 1;
  int panel_width = 800;  // pixels
  int panel_height = 480;
};

// The ending of `path` says which kind: .svg or .png. The file is written whole or not at all.
// Errors: invalid_argument (another ending; series whose x and y differ in length; nothing to draw; a path that cannot
// be written), not_found (gnuplot is not installed), deadline_exceeded (gnuplot took over a minute), internal.
Status write_plot(const Plot& plot, const std::filesystem::path& path);
Status write_plot(const PlotPage& page, const std::filesystem::path& path);

// The ending alone, for a command that wants to refuse it before an hour of work.
Status check_plot_path(const std::filesystem::path& path);

}  // namespace tandem::cli
