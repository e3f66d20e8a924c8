#include "bench_jointdnn.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>

#include "jointdnn.hpp"
#include "jointdnn_files.hpp"
#include "tandem/network/import.hpp"
#include "tandem/profile/emulate.hpp"
#include "terminal.hpp"

namespace tandem::cli {
namespace {

namespace fs = std::filesystem;
using plan::Objective;
using plan::Place;

struct JointCommand {
  std::string device = "jetson-tx2", cloud = "tesla-k40c";
  std::string features = "8bit";
  std::vector<std::string> networks;  // empty: all eight
  int most_samples = 10;
  double device_load = 1.0, cloud_load = 1.0;
  bool round_trip = false;
  std::string output;
  bool json = false;
};

// Profiles of one place: a model, or a folder of measured ones, NETWORK.profile.json.
class Source {
 public:
  static Result<Source> open(const std::string& what) {
    if (fs::is_directory(what)) return Source(what);
    auto model = profile::find_device_model(what);
    if (!model) return forward_error(model);
    return Source(std::move(*model));
  }

  [[nodiscard]] Result<profile::CostTable> table(const network::Network& network, int batch,
                                                 profile::FeatureCoding coding, double load) const {
    Result<profile::CostTable> table =
        folder_.empty() ? profile::model_profile(network, model_, {.batch = batch}) : measured(network, batch);
    if (!table) return table;
    if (!table->codecs.contains("linear8")) table->codecs["linear8"] = profile::modelled_codec(network, coding, batch);
    if (load == 1.0) return table;
    return profile::emulate(
        *table, {.slowdown = load * table->slowdown, .idle_power = table->idle_power, .busy_power = table->busy_power});
  }

 private:
  explicit Source(std::string folder) : folder_(std::move(folder)) {}
  explicit Source(profile::DeviceModel model) : model_(std::move(model)) {}

  [[nodiscard]] Result<profile::CostTable> measured(const network::Network& network, int batch) const {
    const fs::path file = fs::path(folder_) / (network.name() + ".profile.json");
    auto table = profile::load(file);
    if (!table) return table;
    if (const Status fits = profile::check_fits(*table, network, file.string()); !fits) return forward_error(fits);
    if (table->batch == batch) return table;
    return fail(Errc::failed_precondition,
                fmt::format("{}: is of batch {}, not {}: measured profiles are of one batch; "
                            "use --batches {}",
                            file.string(), table->batch, batch, table->batch));
  }

  profile::DeviceModel model_;
  std::string folder_;
};

Result<std::vector<link::Link>> links_of(const JointCommand& command) {
  std::vector<link::Link> links;
  for (const char* name : kJointLinks) {
    auto link = link::find(name);
    if (!link) return forward_error(link);
    if (!command.round_trip) link->rtt = Milliseconds{0};  // Table 2.3 has none
    links.push_back(std::move(*link));
  }
  return links;
}

Result<std::vector<JointResult>> evaluate_all(const JointCommand& command) {
  const auto device = Source::open(command.device);
  if (!device) return forward_error(device);
  const auto cloud = Source::open(command.cloud);
  if (!cloud) return forward_error(cloud);
  auto links = links_of(command);
  if (!links) return forward_error(links);
  const auto coding =
      command.features == "png" ? profile::FeatureCoding::eight_bit_png : profile::FeatureCoding::eight_bit;
  JointOptions options{
      .links = std::move(*links), .batches = {}, .codec = command.features == "raw" ? "raw" : "linear8"};
  for (int batch = 1; batch <= command.most_samples; ++batch) options.batches.push_back(batch);

  Progress progress("evaluating", command.json);
  std::vector<JointResult> all;
  const auto benchmarks = jointdnn_benchmarks();
  for (std::size_t i = 0; i < benchmarks.size(); ++i) {
    const std::string name(benchmarks[i].network);
    if (!command.networks.empty() && std::ranges::find(command.networks, name) == command.networks.end()) continue;
    progress.update(static_cast<double>(i) / static_cast<double>(benchmarks.size()), name);
    const auto network = network::load("zoo:" + name);
    if (!network) return forward_error(network);
    const auto tables = [&](const network::Network& net, int batch) -> Result<PairOfTables> {
      auto mobile = device->table(net, batch, coding, command.device_load);
      if (!mobile) return forward_error(mobile);
      auto remote = cloud->table(net, batch, coding, command.cloud_load);
      if (!remote) return forward_error(remote);
      return PairOfTables{std::move(*mobile), std::move(*remote)};
    };
    auto results = evaluate(*network, tables, options);
    if (!results) return forward_error(results);
    all.insert(all.end(), std::make_move_iterator(results->begin()), std::make_move_iterator(results->end()));
  }
  progress.finish();
  return all;
}

// A letter a layer, "dddccccc"; the passes of training are divided by "|".
std::string strip_of(const JointResult& result) {
  std::string strip;
  for (const plan::Segment& segment : result.segments) {
    if (segment.first == result.layers + 1) strip += '|';
    const int count = segment.last - segment.first + 1;
    strip.append(static_cast<std::size_t>(count), segment.place == Place::device ? 'd' : 'C');
  }
  return strip;
}

void print_schedules(const std::vector<JointResult>& results, int width) {
  fmt::print(
      "Schedules for least latency at batch 1: d a layer on the device, C in the cloud, | the loss (Fig. 2.11)\n\n");
  Table table({{"network", Table::Align::left},
               {"phase", Table::Align::left},
               {"link", Table::Align::left},
               {"gain"},
               {"schedule", Table::Align::left}});
  for (const JointResult& r : results) {
    if (r.batch != 1 || r.objective != Objective::latency) continue;
    table.row(
        {r.network, std::string(name_of(r.phase)), r.link, fmt::format("{:.0f} %", r.improvement()), strip_of(r)});
  }
  fmt::print("{}\n", table.text(width));
}

struct Gains {
  double most = 0.0, sum = 0.0;
  int count = 0;
};

void print_improvements(const std::vector<JointResult>& results, int width) {
  fmt::print(
      "Improvement over the better of device and cloud alone, batches together: mean (greatest), in percent\n\n");
  Table table({{"network", Table::Align::left},
               {"phase", Table::Align::left},
               {"3G ms"},
               {"4G ms"},
               {"Wi-Fi ms"},
               {"3G mJ"},
               {"4G mJ"},
               {"Wi-Fi mJ"}});
  for (const Benchmark& benchmark : jointdnn_benchmarks()) {
    for (const Phase phase : {Phase::inference, Phase::training}) {
      std::vector<std::string> row{std::string(benchmark.network), std::string(name_of(phase))};
      for (const Objective objective : {Objective::latency, Objective::energy}) {
        for (const char* link : kJointLinks) {
          Gains gains;
          for (const JointResult& r : results) {
            if (r.network != benchmark.network || r.phase != phase || r.objective != objective || r.link != link)
              continue;
            gains.most = std::max(gains.most, r.improvement());
            gains.sum += r.improvement();
            ++gains.count;
          }
          row.push_back(fmt::format("{:.0f} ({:.0f})", gains.sum / std::max(1, gains.count), gains.most));
        }
      }
      table.row(std::move(row));
    }
  }
  fmt::print("{}\n", table.text(width));
}

void print_work(const std::vector<JointResult>& results, int width) {
  fmt::print("Work the cloud is spared, inference at batch 1, mean of the networks: here (Table 2.4), in percent\n\n");
  Table table({{"objective", Table::Align::left}, {"3G"}, {"4G"}, {"Wi-Fi"}});
  for (std::size_t o = 0; o < 2; ++o) {
    const Objective objective = o == 0 ? Objective::latency : Objective::energy;
    std::vector<std::string> row{objective_name(objective)};
    for (std::size_t l = 0; l < kJointLinks.size(); ++l) {
      row.push_back(fmt::format("{:.0f} ({:.0f})", work_saved(results, objective, kJointLinks[l]),
                                kWorkSavedInDissertation[o][l]));
    }
    table.row(std::move(row));
  }
  fmt::print("{}", table.text(width));
}

Json to_json(const JointResult& r) {
  const char* unit = r.objective == Objective::energy ? "mJ" : "ms";
  return {{"name", fmt::format("{} {} {} {} batch {}", r.network, name_of(r.phase), r.link, objective_name(r.objective),
                               r.batch)},
          {"network", r.network},
          {"phase", name_of(r.phase)},
          {"link", r.link},
          {"objective", objective_name(r.objective)},
          {"batch", r.batch},
          {"figure", r.cost},
          {"unit", unit},
          {"baseline", std::min(r.device_only, r.cloud_only)},
          {"baseline_name", r.device_only <= r.cloud_only ? "device only" : "cloud only"},
          {"ratio", r.cost / std::min(r.device_only, r.cloud_only)},
          {"device_only", r.device_only},
          {"cloud_only", r.cloud_only},
          {"improvement_percent", r.improvement()},
          {"cloud_work_saved_percent", 100.0 * (1.0 - r.cloud_work)},
          {"pattern", pattern_of(r)},
          {"schedule", schedule_of(r)},
          {"solve_us", r.solve_us}};
}

Outcome run_jointdnn(const JointCommand& command) {
  const auto results = evaluate_all(command);
  if (!results) return forward_error(results);
  if (!command.output.empty()) {
    if (const Status s = write_joint_results(*results, command.output); !s) return forward_error(s);
  }
  if (command.json) {
    Json rows = Json::array();
    for (const JointResult& r : *results) rows.push_back(to_json(r));
    fmt::print("{}\n", Json{{"bench", "jointdnn"},
                            {"device", command.device},
                            {"cloud", command.cloud},
                            {"features", command.features},
                            {"energy_source", "modelled"},
                            {"rows", std::move(rows)}}
                           .dump(2));
    return Exit::done;
  }
  const int width = terminal().width;
  fmt::print("{} and {}, features {}, loads {:g} and {:g}, {} round trips\n\n", command.device, command.cloud,
             command.features, command.device_load, command.cloud_load, command.round_trip ? "with" : "without");
  print_schedules(*results, width);
  print_improvements(*results, width);
  print_work(*results, width);
  if (!command.output.empty()) fmt::print("\nwritten to {}\n", command.output);
  return Exit::done;
}

}  // namespace

void add_jointdnn_bench(CLI::App* bench, Outcome& outcome) {
  auto* command =
      bench->add_subcommand("jointdnn", "the evaluation of chapter 2: eight networks, inference and training");
  auto options = std::make_shared<JointCommand>();
  command->add_option("--device", options->device, "a device model, or a folder of measured NETWORK.profile.json")
      ->type_name("NAME|FILE|FOLDER")
      ->capture_default_str();
  command->add_option("--cloud", options->cloud, "likewise, of the cloud")
      ->type_name("NAME|FILE|FOLDER")
      ->capture_default_str();
  std::vector<std::string> names;
  for (const Benchmark& benchmark : jointdnn_benchmarks()) names.emplace_back(benchmark.network);
  command->add_option("--network", options->networks, "one of the eight, such as alexnet; may be repeated; else all")
      ->check(CLI::IsMember(names))
      ->type_name("NAME");
  command->add_option("--features", options->features, "what crosses: raw, 8bit, or png (8 bits in PNG files)")
      ->check(CLI::IsMember({"raw", "8bit", "png"}))
      ->capture_default_str();
  command->add_option("--batches", options->most_samples, "batches of 1 to this many samples")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  command->add_option("--device-load", options->device_load, "load of the device; 2: half of it is ours")
      ->check(CLI::Range(1.0, 1e6))
      ->capture_default_str();
  command->add_option("--cloud-load", options->cloud_load, "load of the cloud")
      ->check(CLI::Range(1.0, 1e6))
      ->capture_default_str();
  command->add_flag("--round-trip", options->round_trip, "count the links' round trips, which Table 2.3 leaves out");
  command->add_option("-o,--output", options->output, "a folder for the CSV files and the plots")->type_name("FOLDER");
  command->add_flag("--json", options->json, "machine-readable answer");
  example(command, "tandem bench jointdnn --features png --output jointdnn");
  command->callback([options, &outcome] { outcome = run_jointdnn(*options); });
}

}  // namespace tandem::cli
