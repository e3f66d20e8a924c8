#include <algorithm>
#include <sstream>

#include "matchers.hpp"
#include "random_problem.hpp"
#include "tandem/plan/plan.hpp"

namespace tandem::plan {
namespace {

Plan split_plan() {
  return {
      .objective = Objective::latency,
      .feasible = true,
      .totals = {.latency = Milliseconds{100}, .energy = Millijoules{270}, .cloud = Milliseconds{10}},
      .segments =
          {{.first = 1, .last = 7, .place = Place::device, .latency = Milliseconds{40}, .energy = Millijoules{200}},
           {.first = 8, .last = 18, .place = Place::cloud, .latency = Milliseconds{10}, .energy = Millijoules{0}}},
      .transfers =
          {{.after = 7,
            .direction = Direction::up,
            .crossing = {.codec = "linear8", .bytes = 98'000, .on_link = Milliseconds{30}, .energy = Millijoules{50}}},
           {.after = 18,
            .direction = Direction::down,
            .crossing = {.codec = "raw", .bytes = 400, .on_link = Milliseconds{20}, .energy = Millijoules{20}}}},
      .proven_optimal = true,
      .solver = "shortest-path",
      .solve_us = 5,
      .device_only = {.latency = Milliseconds{300}, .energy = Millijoules{900}, .cloud = {}},
      .cloud_only = {.latency = Milliseconds{250}, .energy = Millijoules{800}, .cloud = {}},
      .network = "net",
      .fingerprint = "",
      .link = "4g"};
}

std::vector<std::string> names(int layers) {
  std::vector<std::string> result;
  for (int i = 1; i <= layers; ++i) result.push_back("conv" + std::to_string(i));
  return result;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

TEST(Picture, ShowsEachStepInItsPlaceInTime) {
  EXPECT_EQ(picture(split_plan(), names(18), {.width = 96}),
            "device  layers 1-7  conv1 ... conv7      40.0 ms   200.0 mJ  ##############\n"
            "up      98.0 kB linear8                  30.0 ms    50.0 mJ                ===========\n"
            "cloud   layers 8-18  conv8 ... conv18    10.0 ms     0.0 mJ                          ####\n"
            "down    400 B raw                        20.0 ms    20.0 mJ                              =======\n"
            "total, least latency                    100.0 ms   270.0 mJ\n"
            "device only                             300.0 ms   900.0 mJ  3.00x the time\n"
            "cloud only                              250.0 ms   800.0 mJ  2.50x the time\n");
}

TEST(Picture, NoLineIsLongerThanTheTerminal) {
  Random random(4);
  for (const int width : {44, 60, 80, 132}) {
    for (int layers = 1; layers < 40; ++layers) {
      const Plan plan = solve(random_problem(random, layers, Objective::energy));
      const auto lines = lines_of(picture(plan, names(layers), {.width = width}));
      EXPECT_LE(lines.size(), 12U);
      for (const std::string& line : lines) EXPECT_LE(line.size(), static_cast<std::size_t>(width)) << line;
    }
  }
}

TEST(Picture, IsPlainAsciiWithoutColour) {
  const std::string text = picture(split_plan(), names(18), {.width = 100});
  EXPECT_TRUE(std::all_of(text.begin(), text.end(), [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); }));
}

TEST(Picture, DrawsBlocksWithColour) {
  const std::string text = picture(split_plan(), names(18), {.width = 100, .colour = true});
  EXPECT_THAT(text, ::testing::HasSubstr("█"));
  EXPECT_THAT(text, ::testing::HasSubstr("\x1b[32m"));
}

TEST(Picture, CutsLayerNamesNeverCharacters) {
  const std::vector<std::string> umlauts(18, "größeres_größeres_größeres_größeres");
  const std::string text = picture(split_plan(), umlauts, {.width = 60});
  for (const std::string& line : lines_of(text)) EXPECT_FALSE(line.ends_with('\xc3'));
}

TEST(Picture, SaysWhenThereIsNoSchedule) {
  EXPECT_EQ(picture(Plan{}, {}, {}), "no feasible schedule\n");
}

}  // namespace
}  // namespace tandem::plan
