#include "plot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "gnuplot.hpp"
#include "tandem/base/file.hpp"

namespace tandem::cli {
namespace {

// Okabe and Ito, "Color Universal Design", 2008; without its yellow, which white paper swallows.
constexpr std::array kColours = {"#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"};
constexpr int kPageTitleHeight = 30;
constexpr int kPixelsPerLetter = 13;  // of category names side by side, with the room the axis and legend take

// In single quotes gnuplot looks for nothing but the closing quote: no commands in backticks, no escapes. Its own way
// to write a quote inside fails at the start of a string, so a quote becomes an apostrophe, which it is nearly always.
// Texts are drawn as they are, since the terminals are set to `noenhanced`.
std::string literal(std::string_view text) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'') {
      result += "\u2019";
    } else {
      result += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
    }
  }
  return result + "'";
}

bool drawable(double value, const Plot::Axis& axis) {
  return std::isfinite(value) && (!axis.logarithmic || value > 0);
}

std::string number(double value, const Plot::Axis& axis) {
  return drawable(value, axis) ? fmt::format("{}", value) : "NaN";
}

std::string range(const Plot::Axis& axis) {
  const auto end = [](const std::optional<double>& value) { return value ? fmt::format("{}", *value) : "*"; };
  return fmt::format("[{}:{}]", end(axis.min), end(axis.max));
}

std::string axis_commands(char name, const Plot::Axis& axis) {
  return fmt::format("set {0}label {1}\nset {0}range {2}\n{3} logscale {0}\n", name, literal(axis.label), range(axis),
                     axis.logarithmic ? "set" : "unset");
}

std::string_view drawn_with(Plot::Style style) {
  switch (style) {
    case Plot::Style::lines: return "lines linewidth 2";
    case Plot::Style::lines_points: return "linespoints linewidth 2 pointtype 7 pointsize 0.6";
    case Plot::Style::steps: return "steps linewidth 2";
    case Plot::Style::points: return "points pointtype 7 pointsize 0.8";
  }
  return "lines";
}

std::string titled(const Plot::Series& series) {
  return series.name.empty() ? std::string("notitle") : "title " + literal(series.name);
}

Status check(const Plot& plot) {
  const bool bars = !plot.categories.empty();
  bool anything = false;
  for (const Plot::Series& series : plot.series) {
    const std::size_t wanted = bars ? plot.categories.size() : series.x.size();
    if (series.y.size() != wanted) {
      return fail(Errc::invalid_argument, fmt::format("plot '{}', series '{}': {} values for {} places", plot.title,
                                                      series.name, series.y.size(), wanted));
    }
    for (std::size_t i = 0; i < wanted; ++i) {
      anything = anything || (drawable(series.y[i], plot.y) && (bars || drawable(series.x[i], plot.x)));
    }
  }
  if (anything) return {};
  return fail(Errc::invalid_argument, fmt::format("plot '{}': there is nothing to draw", plot.title));
}

std::string curves(const Plot& plot) {
  std::string data, command;
  for (std::size_t i = 0; i < plot.series.size(); ++i) {
    const Plot::Series& series = plot.series[i];
    data += fmt::format("$series{} << END\n", i);
    for (std::size_t k = 0; k < series.x.size(); ++k) {
      data += number(series.x[k], plot.x) + ' ' + number(series.y[k], plot.y) + '\n';
    }
    data += "END\n";
    command += fmt::format("{}$series{} using 1:2 with {} linecolor rgb '{}' {}", i == 0 ? "plot " : ", ", i,
                           drawn_with(series.style), kColours[i % kColours.size()], titled(series));
  }
  return data + "set xtics autofreq norotate\n" + command + '\n';
}

std::string bars(const Plot& plot, int width) {
  std::string names;
  int letters = 0;
  for (std::size_t i = 0; i < plot.categories.size(); ++i) {
    names += fmt::format("{}{} {}", i == 0 ? "" : ", ", literal(plot.categories[i]), i);
    letters += static_cast<int>(plot.categories[i].size()) + 2;
  }
  std::string data = "$bars << END\n";
  for (std::size_t i = 0; i < plot.categories.size(); ++i) {
    for (const Plot::Series& series : plot.series) data += number(series.y[i], plot.y) + ' ';
    data += '\n';
  }
  data += "END\n";
  std::string command;
  for (std::size_t i = 0; i < plot.series.size(); ++i) {
    command += fmt::format("{}$bars using {} with histograms linecolor rgb '{}' {}", i == 0 ? "plot " : ", ", i + 1,
                           kColours[i % kColours.size()], titled(plot.series[i]));
  }
  return data +
         fmt::format(
             "set style histogram clustered gap 1\nset style fill solid 0.9 border -1\nset boxwidth 0.9\n"
             "set xtics ({}) {}\n",
             names, letters * kPixelsPerLetter > width ? "rotate by -35" : "norotate") +
         command + '\n';
}

std::string panel(const Plot& plot, int width) {
  return fmt::format("set title {}\n", literal(plot.title)) + axis_commands('x', plot.x) + axis_commands('y', plot.y) +
         (plot.legend ? "set key outside right top reverse Left samplen 2\n" : "unset key\n") +
         (plot.categories.empty() ? curves(plot) : bars(plot, width));
}

bool is_svg(const std::filesystem::path& path) {
  return path.extension() == ".svg";
}

std::string script_of(const PlotPage& page, bool svg) {
  const int columns = std::clamp(page.columns, 1, static_cast<int>(page.panels.size()));
  const int rows = (static_cast<int>(page.panels.size()) + columns - 1) / columns;
  const int width = columns * page.panel_width;
  const int height = rows * page.panel_height + (page.title.empty() ? 0 : kPageTitleHeight);
  std::string script =
      svg ? fmt::format("set terminal svg noenhanced size {},{} dynamic font 'sans-serif,14' background rgb 'white'\n",
                        width, height)
          : fmt::format("set terminal pngcairo noenhanced size {},{} font 'sans,11' background rgb 'white'\n", width,
                        height);
  script +=
      "set encoding utf8\nset datafile missing NaN\n"
      "set grid linetype 1 linecolor rgb '#e4e4e4' linewidth 1\nset border 3 linecolor rgb '#555555'\nset tics "
      "nomirror out\n";
  if (page.panels.size() > 1 || !page.title.empty()) {
    script += fmt::format("set multiplot layout {},{} title {}\n", rows, columns, literal(page.title));
  }
  for (const Plot& plot : page.panels) script += panel(plot, page.panel_width);
  return script + "unset multiplot\n";
}

}  // namespace

Status check_plot_path(const std::filesystem::path& path) {
  if (is_svg(path) || path.extension() == ".png") return {};
  return fail(Errc::invalid_argument, fmt::format("{}: a plot's name ends in .svg or .png", path.string()));
}

Status write_plot(const PlotPage& page, const std::filesystem::path& path) {
  if (const Status s = check_plot_path(path); !s) return s;
  if (page.panels.empty()) return fail(Errc::invalid_argument, "a page without panels: there is nothing to draw");
  for (const Plot& plot : page.panels) {
    if (const Status s = check(plot); !s) return s;
  }
  const Result<std::string> picture = run_gnuplot(script_of(page, is_svg(path)));
  if (!picture) return forward_error(picture, path.string());
  return write_file(path, *picture);
}

Status write_plot(const Plot& plot, const std::filesystem::path& path) {
  return write_plot(PlotPage{.panels = {plot}}, path);
}

}  // namespace tandem::cli
