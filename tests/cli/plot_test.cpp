#include "plot.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "gnuplot.hpp"
#include "matchers.hpp"
#include "tandem/base/file.hpp"

namespace tandem::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class PlotTest : public ::testing::Test {
 protected:
  PlotTest() : folder_(fs::temp_directory_path() / ("tandem-plot-" + std::to_string(::getpid()))) {
    fs::create_directories(folder_);
  }
  ~PlotTest() override { fs::remove_all(folder_); }
  [[nodiscard]] fs::path file(const std::string& name) const { return folder_ / name; }
  [[nodiscard]] std::string read(const std::string& name) const { return read_file(file(name)).value_or(""); }

  fs::path folder_;
};

Plot curve() {
  return {.title = "a curve",
          .x = {.label = "uplink (Mbps)"},
          .y = {.label = "latency (ms)"},
          .series = {{.name = "best plan", .x = {1, 2, 3}, .y = {30, 20, 10}}}};
}

TEST_F(PlotTest, DrawsEveryStyleWithItsTitlesAndLabels) {
  for (const auto style : {Plot::Style::lines, Plot::Style::lines_points, Plot::Style::steps, Plot::Style::points}) {
    Plot plot = curve();
    plot.series[0].style = style;
    ASSERT_THAT(write_plot(plot, file("curve.svg")), IsOk());
    const std::string svg = read("curve.svg");
    EXPECT_THAT(svg, StartsWith("<?xml"));
    for (const char* text : {"a curve", "uplink (Mbps)", "latency (ms)", "best plan"})
      EXPECT_THAT(svg, HasSubstr(text));
    EXPECT_THAT(svg, HasSubstr("</svg>"));
  }
}

TEST_F(PlotTest, TheEndingChoosesTheKind) {
  ASSERT_THAT(write_plot(curve(), file("curve.png")), IsOk());
  EXPECT_THAT(read("curve.png"), StartsWith("\x89PNG\r\n"));
  EXPECT_THAT(write_plot(curve(), file("curve.pdf")), HasErrc(Errc::invalid_argument, HasSubstr(".svg or .png")));
  EXPECT_FALSE(fs::exists(file("curve.pdf")));
}

TEST_F(PlotTest, DrawsGroupsOfBars) {
  const Plot plot{.title = "improvement",
                  .y = {.label = "latency (%)"},
                  .series = {{.name = "3G", .y = {10, 20}}, {.name = "4G", .y = {30, std::nan("")}}},
                  .categories = {"alexnet", "it's `vgg16`"}};
  ASSERT_THAT(write_plot(plot, file("bars.svg")), IsOk());
  EXPECT_THAT(read("bars.svg"), HasSubstr("it\u2019s `vgg16`"));
}

TEST_F(PlotTest, DrawsSeveralPanelsOnAPage) {
  PlotPage page{.title = "all of them", .panels = {curve(), curve(), curve()}, .columns = 2};
  page.panels[2].title = "the third";
  page.panels[2].legend = false;
  ASSERT_THAT(write_plot(page, file("page.svg")), IsOk());
  EXPECT_THAT(read("page.svg"), HasSubstr("all of them"));
  EXPECT_THAT(read("page.svg"), HasSubstr("the third"));
}

// Names come from files and from people.
TEST_F(PlotTest, TextIsNeverACommand) {
  const std::string trap = "'; system \"touch " + file("trapped").string() + "\"\n`touch " + file("trapped").string() +
                           "` $(x) {/Bold_2} \\n @x";
  Plot plot = curve();
  plot.title = plot.x.label = plot.y.label = plot.series[0].name = trap;
  ASSERT_THAT(write_plot(plot, file("trap.svg")), IsOk());
  const Plot bars{.title = trap, .series = {{.name = trap, .y = {1}}}, .categories = {trap}};
  ASSERT_THAT(write_plot(bars, file("trap-bars.svg")), IsOk());
  EXPECT_FALSE(fs::exists(file("trapped")));
  EXPECT_THAT(read("trap.svg"), HasSubstr("{/Bold_2} \\n @x"));
}

TEST_F(PlotTest, OddFileNamesAreOnlyNames) {
  const std::string name = "it's `a` \"plot\" $HOME.svg";
  ASSERT_THAT(write_plot(curve(), file(name)), IsOk());
  EXPECT_TRUE(fs::exists(file(name)));
}

TEST_F(PlotTest, LogarithmicAxesLeaveOutWhatHasNoLogarithm) {
  Plot plot = curve();
  plot.x.logarithmic = plot.y.logarithmic = true;
  plot.series[0].x = {-1, 0, 1, 100};
  plot.series[0].y = {1, 1, 0, 10};
  EXPECT_THAT(write_plot(plot, file("log.svg")), IsOk());
  plot.series[0].x = {-1, 0, 1, -100};
  EXPECT_THAT(write_plot(plot, file("none.svg")), HasErrc(Errc::invalid_argument, HasSubstr("nothing to draw")));
}

TEST_F(PlotTest, ASinglePointAndAConstantAreDrawn) {
  Plot plot = curve();
  plot.series[0].x = {5};
  plot.series[0].y = {7};
  plot.series[0].style = Plot::Style::points;
  EXPECT_THAT(write_plot(plot, file("point.svg")), IsOk());
  plot.x.logarithmic = true;
  EXPECT_THAT(write_plot(plot, file("point-log.svg")), IsOk());
}

TEST_F(PlotTest, RefusesWhatCannotBeDrawn) {
  Plot plot = curve();
  plot.series[0].y.pop_back();
  EXPECT_THAT(write_plot(plot, file("x.svg")), HasErrc(Errc::invalid_argument, HasSubstr("2 values for 3 places")));
  EXPECT_THAT(write_plot(Plot{.title = "empty"}, file("x.svg")),
              HasErrc(Errc::invalid_argument, HasSubstr("nothing to draw")));
  EXPECT_THAT(write_plot(PlotPage{}, file("x.svg")), HasErrc(Errc::invalid_argument, HasSubstr("nothing to draw")));
  EXPECT_THAT(write_plot(curve(), file("no/such/folder.svg")),
              HasErrc(Errc::invalid_argument, HasSubstr("cannot be written")));
  EXPECT_FALSE(fs::exists(file("x.svg")));
}

TEST_F(PlotTest, SaysHowToGetGnuplotWhereItIsMissing) {
  const std::string path = std::getenv("PATH") == nullptr ? "" : std::getenv("PATH");
  ::setenv("PATH", folder_.c_str(), 1);
  EXPECT_THAT(write_plot(curve(), file("x.svg")), HasErrc(Errc::not_found, HasSubstr("apt install gnuplot-nox")));
  ::setenv("PATH", path.c_str(), 1);
  EXPECT_FALSE(fs::exists(file("x.svg")));
}

TEST(Gnuplot, TellsWhatItStumbledOver) {
  EXPECT_THAT(run_gnuplot("set nonsense\n"), HasErrc(Errc::internal, HasSubstr("gnuplot: ")));
}

TEST(Gnuplot, TakesScriptsLargerThanAPipe) {
  std::string script = "set terminal svg\n$d << END\n";
  for (int i = 0; i < 20'000; ++i) script += std::to_string(i) + " 1.0000000000\n";
  EXPECT_THAT(run_gnuplot(script + "END\nplot $d using 1:2 with dots\n").value_or(""), HasSubstr("</svg>"));
}

}  // namespace
}  // namespace tandem::cli
