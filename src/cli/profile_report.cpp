#include "profile_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "tandem/codec/codec.hpp"
#include "terminal.hpp"

namespace tandem::cli {
namespace {

using profile::CostTable;

const std::vector<double>* coded_bytes(const CostTable& table) {
  const auto found = table.codecs.find(std::string(codec::kLinear8));
  return found == table.codecs.end() ? nullptr : &found->second.bytes;
}

profile::Cost whole_of(const CostTable& table) {
  return table.cost({.first = 1, .last = table.size()});
}

bool has_energy(const CostTable& table) {
  return table.busy_power.value > 0 || table.energy_source.starts_with("measured");
}

}  // namespace

std::string human_energy(Millijoules energy) {
  return energy.value < 1000 ? fmt::format("{:.1f} mJ", energy.value) : fmt::format("{:.2f} J", energy.value / 1000);
}

void print_profile(const CostTable& table) {
  const int blocks = table.size();
  const profile::Cost whole = whole_of(table);
  fmt::print("{} on {}{}\n", table.network, table.device,
             table.slowdown > 1 ? fmt::format(", emulated {} times slower", table.slowdown) : "");
  const std::size_t predicted = table.group_count() - table.measured_count();
  fmt::print("whole network {}{}; {} groups of its {} layers measured{}\n\n", human_time(whole.latency),
             has_energy(table) ? fmt::format(", {} ({})", human_energy(whole.energy), table.energy_source) : "",
             table.measured_count(), blocks, predicted == 0 ? "" : fmt::format(", {} predicted", predicted));
  const std::vector<double>* coded = coded_bytes(table);
  Table rows(
      {{"cut after"}, {"layer", Table::Align::left}, {"up to here"}, {"from here on"}, {"tensor"}, {"in 8 bits"}});
  for (int k = 0; k <= blocks; ++k) {
    const auto at = static_cast<std::size_t>(k);
    rows.row({std::to_string(k), k == 0 ? "(input)" : table.layers[at - 1],
              k == 0 ? "" : human_time(table.cost({.first = 1, .last = k}).latency),
              k == blocks ? "" : human_time(table.cost({.first = k + 1, .last = blocks}).latency),
              human_bytes(table.boundary_bytes[at]), coded == nullptr ? "" : human_bytes((*coded)[at])});
  }
  fmt::print("{}", rows.text(terminal().width));
}

Json summary_of(const CostTable& table) {
  const profile::Cost whole = whole_of(table);
  return {{"network", table.network},
          {"fingerprint", table.fingerprint},
          {"device", table.device},
          {"batch", table.batch},
          {"threads", table.threads},
          {"precision", table.precision},
          {"runtime", table.runtime},
          {"layers", table.size()},
          {"requests", table.requests == profile::Requests::spaced ? "spaced" : "back_to_back"},
          {"groups", table.group_count()},
          {"measured", table.measured_count()},
          {"slowdown", table.slowdown},
          {"latency_ms", whole.latency.count()},
          {"std_ms", whole.std.count()},
          {"energy_mj", whole.energy.value},
          {"energy_source", table.energy_source}};
}

PlotPage picture_of(const CostTable& table) {
  const int blocks = table.size();
  std::vector<double> places, before, after, raw;
  for (int k = 0; k <= blocks; ++k) {
    places.push_back(k);
    before.push_back(k == 0 ? 0 : table.cost({.first = 1, .last = k}).latency.count());
    after.push_back(k == blocks ? 0 : table.cost({.first = k + 1, .last = blocks}).latency.count());
    raw.push_back(table.boundary_bytes[static_cast<std::size_t>(k)] / 1000);
  }
  Plot latency{.title = "latency on " + table.device,
               .x = {.label = "layers before the cut"},
               .y = {.label = "latency (ms)", .min = 0.0},
               .series = {{.name = "up to here", .x = places, .y = before, .style = Plot::Style::lines_points},
                          {.name = "from here on", .x = places, .y = after, .style = Plot::Style::lines_points}}};
  Plot bytes{.title = "what crosses here",
             .x = {.label = "layers before the cut"},
             .y = {.label = "kB", .logarithmic = true},
             .series = {{.name = "uncompressed", .x = places, .y = raw, .style = Plot::Style::lines_points}}};
  if (const std::vector<double>* coded = coded_bytes(table)) {
    std::vector<double> kilobytes;
    kilobytes.reserve(coded->size());
    for (const double size : *coded) kilobytes.push_back(size / 1000);
    bytes.series.push_back({.name = "in 8 bits", .x = places, .y = kilobytes, .style = Plot::Style::lines_points});
  }
  return {.title = "Cost along " + table.network, .panels = {std::move(latency), std::move(bytes)}};
}

}  // namespace tandem::cli
