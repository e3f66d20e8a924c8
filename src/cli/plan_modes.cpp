#include "plan_modes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace tandem::cli {
namespace {

// Options that not every kind of answer takes.
enum class Extra { explain, limits, pins, solver, loads, codec, tuning, weighted };
struct Names {
  Extra extra;
  std::vector<const char*> options;
};
const std::array kExtras = {
    Names{Extra::explain, {"--explain"}},
    Names{Extra::limits, {"--deadline", "--energy-budget", "--cloud-time", "--device-memory", "--max-switches"}},
    Names{Extra::pins, {"--first-on-device", "--pin"}},
    Names{Extra::solver, {"--solver"}},
    Names{Extra::loads, {"--device-load", "--cloud-load"}},
    Names{Extra::codec, {"--codec"}},
    Names{Extra::tuning, {"--tuning"}},
    Names{Extra::weighted, {"--weight-ms", "--weight-mj"}},
};

// A kind of answer, by the option that asks for it, and what it takes.
struct Mode {
  const char* option;
  std::vector<Extra> takes;
};
const std::array kModes = {
    Mode{"--graph", {Extra::limits, Extra::pins, Extra::solver, Extra::loads, Extra::weighted}},
    Mode{"--candidates", {Extra::loads}},
    Mode{"--training", {Extra::codec}},
    Mode{"--all-optima", {Extra::pins, Extra::codec, Extra::tuning, Extra::weighted}},
    Mode{"--optima", {Extra::loads}},
    Mode{"--risk", {Extra::pins, Extra::loads, Extra::codec, Extra::tuning, Extra::weighted}},
    Mode{"--sweep", {Extra::limits, Extra::pins, Extra::loads, Extra::codec, Extra::tuning, Extra::weighted}},
    Mode{"--pareto", {Extra::limits, Extra::pins, Extra::loads, Extra::codec, Extra::tuning}},
    Mode{"--tier", {Extra::loads, Extra::codec, Extra::weighted}},
    Mode{"--inside-blocks", {Extra::pins, Extra::loads, Extra::codec, Extra::tuning, Extra::weighted}},
};
const Mode kTieredGraph{"--tier on a graph", {Extra::pins, Extra::loads, Extra::weighted}};

}  // namespace

Status check_modes(const CLI::App& command) {
  const auto given = [&command](const char* option) { return command.count(option) > 0; };
  std::vector<const Mode*> asked;
  for (const Mode& mode : kModes) {
    if (given(mode.option)) asked.push_back(&mode);
  }
  if (given("--graph") && given("--tier")) {
    std::erase_if(asked, [](const Mode* mode) {
      return std::string_view(mode->option) == "--graph" || std::string_view(mode->option) == "--tier";
    });
    asked.insert(asked.begin(), &kTieredGraph);
  }
  if (asked.empty()) return {};
  if (asked.size() > 1) {
    return fail(Errc::invalid_argument,
                fmt::format("{} and {} are two kinds of answer: ask for one", asked[0]->option, asked[1]->option));
  }
  const Mode& mode = *asked.front();
  for (const Names& extra : kExtras) {
    if (std::ranges::find(mode.takes, extra.extra) != mode.takes.end()) continue;
    for (const char* option : extra.options) {
      if (!given(option)) continue;
      return fail(Errc::invalid_argument,
                  fmt::format("{} does not go with {}: leave one of them out", option, mode.option));
    }
  }
  return {};
}

}  // namespace tandem::cli
