// `tandem demo`: device, shaped link and cloud on one machine; what each way of running a network costs, side by side.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <memory>

#include "command.hpp"
#include "cut.hpp"
#include "demo_defaults.hpp"
#include "scenes.hpp"
#include "terminal.hpp"
#include "testbed.hpp"

namespace tandem::cli {
namespace {

struct DemoOptions {
  std::vector<std::string> networks = default_demo_networks();
  std::vector<std::string> links = default_demo_links();
  std::vector<std::string> inputs;
  DeviceOptions device = default_demo_device();
  std::string objective = "latency";
  std::string codec = "auto";
  int requests = 3;
  bool json = false;
};

struct Row {
  std::string network;
  std::string link;
  Mode mode = Mode::tandem;
  Trial trial;
};

// "device 1–4, cloud 5–20"
std::string where(const plan::Plan& plan) {
  std::string text;
  for (const plan::Segment& segment : plan.segments) {
    text += fmt::format("{}{} {}–{}", text.empty() ? "" : ", ",
                        segment.place == plan::Place::device ? "device" : "cloud", segment.first, segment.last);
  }
  return text;
}

std::string title_of(Mode mode) {
  switch (mode) {
    case Mode::device_only: return "device only";
    case Mode::cloud_raw: return "cloud only, raw";
    case Mode::cloud_jpeg: return "cloud only, JPEG";
    case Mode::tandem: return "Tandem";
  }
  return {};
}

std::string energy_text(Millijoules energy) {
  return energy.value < 1000 ? fmt::format("{:.0f} mJ", energy.value) : fmt::format("{:.2f} J", energy.value / 1000);
}

Json to_json(const Row& row) {
  return {{"network", row.network},
          {"link", row.link},
          {"mode", std::string(name_of(row.mode))},
          {"cut", cut_of(row.trial.plan)},
          {"segments", where(row.trial.plan)},
          {"latency_ms", row.trial.latency.median.count()},
          {"predicted_ms", row.trial.predicted.count()},
          {"energy_mj", row.trial.energy.value},
          {"energy_source", "modelled"},
          {"up_bytes", row.trial.up_bytes},
          {"down_bytes", row.trial.down_bytes}};
}

const Row& find_row(const std::vector<Row>& rows, const std::string& link, Mode mode) {
  return *std::ranges::find_if(rows, [&](const Row& row) { return row.link == link && row.mode == mode; });
}

bool is_device_only(const std::vector<Row>& rows, const std::string& link, const Trial& trial) {
  return find_row(rows, link, Mode::device_only).trial.plan.segments == trial.plan.segments;
}

void print_network(const TestNetwork& net, const std::vector<Row>& rows, const DemoOptions& options) {
  const Terminal screen = terminal();
  const char* bold = screen.colour ? "\x1b[1m" : "";
  const char* plain = screen.colour ? "\x1b[0m" : "";
  fmt::print("\n{}{}{}: {} layers, {} in, {} out\n\n", bold, net.network.name(), plain, net.network.size(),
             human_bytes(net.device.boundary_bytes.front()), human_bytes(net.device.boundary_bytes.back()));
  using Align = Table::Align;
  Table table({{"link", Align::left},
               {"way", Align::left},
               {"latency"},
               {"predicted"},
               {"energy"},
               {"up"},
               {"down"},
               {"where layers ran", Align::left}});
  std::string last_link;
  for (const Row& row : rows) {
    const Trial& trial = row.trial;
    table.row({row.link == last_link ? "" : row.link, title_of(row.mode), human_time(trial.latency.median),
               human_time(trial.predicted), energy_text(trial.energy), human_bytes(trial.up_bytes),
               human_bytes(trial.down_bytes), where(trial.plan)});
    last_link = row.link;
  }
  fmt::print("{}\n", table.text(screen.width));
  for (const std::string& link : options.links) {
    const auto latency = [&](Mode mode) { return find_row(rows, link, mode).trial.latency.median; };
    const Milliseconds here = latency(Mode::device_only);
    const Milliseconds there = latency(Mode::cloud_raw);
    const Milliseconds ours = latency(Mode::tandem);
    fmt::print("  {:<5} Tandem takes {}: {:.1f}x as fast as the device alone, {:.1f}x as fast as the cloud alone\n",
               link, human_time(ours), here / ours, there / ours);
  }
  std::fflush(stdout);
}

Result<std::vector<link::Link>> find_links(const std::vector<std::string>& names) {
  std::vector<link::Link> links;
  for (const std::string& name : names) {
    auto link = link::find(name);
    if (!link) return forward_error(link);
    links.push_back(std::move(*link));
  }
  return links;
}

Outcome run_demo(DemoOptions options) {
  auto links = find_links(options.links);
  if (!links) return forward_error(links);
  options.links.clear();
  for (const auto& link : *links) options.links.push_back(link.name);
  if (options.inputs.empty()) {
    auto shipped = shipped_images();
    if (!shipped) return forward_error(shipped);
    options.inputs = std::move(*shipped);
  }
  const auto objective = options.objective == "energy" ? plan::Objective::energy : plan::Objective::latency;
  if (!options.json) {
    fmt::print(
        "A device {:g} times slower than one core of this machine ({:g} W busy, {:g} W idle; energy is modelled), a "
        "shaped\n"
        "link, and a cloud with one core of this machine. Random weights serve: only speed is measured.\n",
        options.device.compile.slowdown, options.device.busy_mw / 1000, options.device.idle_mw / 1000);
    std::fflush(stdout);
  }
  Progress progress("preparing", options.json);
  auto testbed = Testbed::start(
      options.networks,
      {.device = options.device, .images = options.inputs, .objective = objective, .codec = options.codec},
      [&](double fraction, const std::string& what) { progress.update(fraction, what); });
  if (!testbed) return forward_error(testbed);
  progress.finish();

  Json all = Json::array();
  for (std::size_t i = 0; i < (*testbed)->networks().size(); ++i) {
    const TestNetwork& net = (*testbed)->networks()[i];
    std::vector<Row> rows;
    Progress running("running " + net.network.name(), options.json);
    int done = 0;
    for (const link::Link& link : *links) {
      for (const Mode mode : {Mode::device_only, Mode::cloud_raw, Mode::cloud_jpeg, Mode::tandem}) {
        running.update(done++ / (4.0 * static_cast<double>(links->size())), link.name + ", " + title_of(mode));
        if (mode == Mode::cloud_jpeg && !net.image_input) continue;
        auto trials = (*testbed)->run(i, link, {{.mode = mode, .requests = options.requests, .codec = {}}}, 1);
        if (!trials) return forward_error(trials);
        Trial trial = std::move(trials->front());
        // The same schedule without any link is the same run: two measurements of it would differ by noise only.
        if (mode == Mode::tandem && is_device_only(rows, link.name, trial)) {
          trial = find_row(rows, link.name, Mode::device_only).trial;
        }
        rows.push_back({net.network.name(), link.name, mode, std::move(trial)});
      }
    }
    running.finish();
    for (const Row& row : rows) all.push_back(to_json(row));
    if (!options.json) print_network(net, rows, options);
  }
  if (options.json) fmt::print("{}\n", Json{{"rows", all}}.dump());
  return Exit::done;
}

}  // namespace

void add_demo(CLI::App& program, Outcome& outcome) {
  auto* command = program.add_subcommand("demo", "a device, a shaped link and a cloud on this machine, side by side");
  auto options = std::make_shared<DemoOptions>();
  command->add_option("networks", options->networks, "files or zoo:NAME")->capture_default_str();
  command->add_option("--link", options->links, "3g, 4g, wifi, 5g, or files")->delimiter(',')->capture_default_str();
  command->add_option("--input", options->inputs, "images; those that come with the program where absent");
  command->add_option("--objective", options->objective, "what Tandem minimises")
      ->check(CLI::IsMember({"latency", "energy"}))
      ->capture_default_str();
  command
      ->add_option("--codec", options->codec,
                   "of Tandem: auto, raw, linear8, tfc-fast, tfc; any: JPEG of the input, too")
      ->capture_default_str();
  command->add_option("--requests", options->requests, "requests of each row, after one that warms up")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command->add_flag("--json", options->json, "machine-readable answer");
  add_device_options(command, options->device);
  example(command, "tandem demo zoo:alexnet --link 4g --slowdown 20");
  command->callback([options, &outcome] { outcome = run_demo(*options); });
}

}  // namespace tandem::cli
