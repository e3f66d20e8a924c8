#include <fmt/format.h>

#include <algorithm>

#include "picture_text.hpp"
#include "plan_words.hpp"
#include "tandem/plan/graph_plan.hpp"

namespace tandem::plan {
namespace {

constexpr int kLane = 8;      // columns of what a row is about
constexpr int kFigures = 22;  // of time and energy
constexpr int kRatio = 18;    // "  1.45x the energy"
constexpr int kMinWidth = 44;
constexpr int kMinWhat = 12;
constexpr std::size_t kNames = 6;  // more than fit a line

struct Row {
  Lane lane = Lane::device;
  std::vector<int> nodes{};  // -1: the input
  double bytes = 0.0;
  Milliseconds time{};
  Millijoules energy{};
};

// Execution on both places, then what crosses in both directions.
std::vector<Row> rows_of(const GraphPlan& plan, const Graph& graph) {
  Row device{.lane = Lane::device}, cloud{.lane = Lane::cloud}, up{.lane = Lane::up}, down{.lane = Lane::down};
  for (std::size_t i = 0; i < plan.places.size(); ++i) {
    const GraphNode& node = graph.nodes[i];
    const bool on_device = plan.places[i] == Place::device;
    Row& row = on_device ? device : cloud;
    row.nodes.push_back(static_cast<int>(i));
    row.time += on_device ? node.device : node.cloud;
    if (on_device) row.energy += node.device_energy;
  }
  for (const GraphTransfer& transfer : plan.transfers) {
    Row& row = transfer.direction == Direction::up ? up : down;
    row.nodes.push_back(transfer.node);
    row.bytes += transfer.bytes.value;
    row.time += transfer.latency;
    row.energy += transfer.energy;
  }
  // What is left of the total is the device waiting for the cloud.
  cloud.energy = std::max(Millijoules{}, plan.totals.energy - device.energy - up.energy - down.energy);
  std::vector<Row> rows;
  for (Row* row : {&device, &up, &cloud, &down}) {
    if (!row->nodes.empty()) rows.push_back(std::move(*row));
  }
  return rows;
}

// "263 of 330  conv1, pool1, ..."
std::string what(const Row& row, const Graph& graph, const Style& style) {
  const bool crosses = row.lane == Lane::up || row.lane == Lane::down;
  std::string text = crosses ? fmt::format("{} in {}", bytes_text(row.bytes), row.nodes.size())
                             : fmt::format("{} of {}", row.nodes.size(), graph.nodes.size());
  for (std::size_t i = 0; i < std::min(kNames, row.nodes.size()); ++i) {
    const int node = row.nodes[i];
    text += (i == 0 ? "  " : ", ") + (node < 0 ? std::string("input") : graph.nodes[node].id);
  }
  if (row.nodes.size() > kNames) text += fmt::format(", {}", style.dots());
  return text;
}

std::string miss_text(const Miss& miss, bool alone) {
  const std::string least =
      fmt::format("{} {:.6g}: the least is {:.6g}", name_of(miss.resource), miss.limit, miss.least);
  if (alone) return least + '\n';
  const std::string within = miss.least_within_others
                                 ? fmt::format("{:.6g} within the other limits", *miss.least_within_others)
                                 : "the other limits cannot be kept either";
  return fmt::format("{}, {}\n", least, within);
}

}  // namespace

std::string picture(const GraphPlan& plan, const Graph& graph, const PictureOptions& options) {
  const Style style(options.colour);
  const int width = std::max(options.width, kMinWidth);
  std::string text;
  if (!plan.feasible) {
    text = plan.proven_optimal ? "no assignment keeps all limits\n"
                               : "found no assignment that keeps all limits in time\n";
    for (const Miss& miss : plan.nearest_miss) text += cut(miss_text(miss, plan.nearest_miss.size() == 1), width);
  }
  const std::vector<Row> rows = rows_of(plan, graph);
  int what_width = kMinWhat;
  for (const Row& row : rows) what_width = std::max(what_width, columns(what(row, graph, style)));
  what_width = std::min(what_width, std::max(kMinWhat, width - kLane - kFigures - kRatio));
  const auto figures = [](Milliseconds time, Millijoules energy) {
    return fmt::format("  {:>9}  {:>9}", time_text(time), energy_text(energy));
  };
  for (const Row& row : rows) {
    const std::string lane = style.painted(row.lane, padded(std::string(style.name(row.lane)), kLane));
    std::string shown = what(row, graph, style);
    if (columns(shown) > what_width) {
      shown = cut(shown, what_width - columns(style.dots())) + std::string(style.dots());
    }
    text += lane + padded(shown, what_width) + figures(row.time, row.energy) + '\n';
  }
  const auto total_line = [&](const std::string& name, const Totals& totals, const std::string& rest, bool strong) {
    const std::string line =
        cut(padded(cut(name, kLane + what_width), kLane + what_width) + figures(totals.latency, totals.energy) + rest,
            width);
    text += (strong ? style.bold(line) : line) + '\n';
  };
  if (plan.feasible) {
    total_line("total" + (plan.proven_optimal ? least_text(plan.objective) : ""), plan.totals, "", true);
  }
  for (const auto& [name, totals] : {std::pair{"device only", plan.device_only}, {"cloud only", plan.cloud_only}}) {
    const std::string ratio = plan.feasible ? ratio_text(plan.objective, plan.weights, plan.totals, totals) : "";
    total_line(name, totals, ratio, false);
  }
  return text;
}

}  // namespace tandem::plan
