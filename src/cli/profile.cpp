// `tandem profile`: measures what groups of a network's layers cost on this machine.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "command.hpp"
#include "device_profile.hpp"
#include "inputs.hpp"
#include "network_option.hpp"
#include "profile_model.hpp"
#include "tandem/base/json.hpp"
#include "tandem/codec/codec.hpp"
#include "tandem/engine/codec_costs.hpp"
#include "tandem/engine/profiler.hpp"
#include "terminal.hpp"

namespace tandem::cli {
namespace {

struct ProfileCommand {
  NetworkOptions network;
  DeviceOptions device;
  DeviceModelOptions model;
  engine::Groups groups = engine::Groups::prefix;
  std::string device_name;
  std::string output;
  std::vector<std::string> inputs;
  bool json = false;
};

// Turns the first Ctrl-C into a wish to stop, while it lives; a second one ends the program as usual.
class InterruptWatch {
 public:
  InterruptWatch() {
    interrupted_ = false;
    struct sigaction action{};
    action.sa_handler = [](int) { interrupted_ = true; };
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    sigaction(SIGINT, &action, &before_);
  }
  ~InterruptWatch() { sigaction(SIGINT, &before_, nullptr); }
  InterruptWatch(const InterruptWatch&) = delete;
  InterruptWatch& operator=(const InterruptWatch&) = delete;

  [[nodiscard]] static const std::atomic<bool>& interrupted() { return interrupted_; }

 private:
  static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler writes it");
  inline static std::atomic<bool> interrupted_ = false;
  struct sigaction before_{};
};

std::string default_output(const network::Network& network) {
  std::string name = network.name();
  std::ranges::replace_if(name, [](char c) { return c == '/' || c == ':'; }, '_');
  return name + ".profile.json";
}

// What crosses with each codec, on the user's inputs or on synthetic ones.
Status add_codecs(profile::CostTable& table, const network::Network& network, const ProfileCommand& command) {
  const auto image_input = network::image_input_for(network, command.network.reference);
  std::vector<engine::Sample> samples;
  for (const std::string& what : command.inputs) {
    auto input = read_input(what, network, image_input);
    if (!input) return forward_error(input);
    samples.push_back(std::move(input->tensors));
  }
  std::vector<std::string> codecs = codec::for_tensors();
  codecs.insert(codecs.begin(), std::string(codec::kRaw));
  auto costs = engine::measure_codecs(network, samples, codecs, command.device.compile);
  if (!costs) return forward_error(costs);
  table.codecs = std::move(*costs);
  return {};
}

std::string human_energy(Millijoules energy) {
  return energy.value < 1000 ? fmt::format("{:.1f} mJ", energy.value) : fmt::format("{:.2f} J", energy.value / 1000);
}

void print_summary(const profile::CostTable& table, const std::string& file) {
  const int blocks = table.size();
  const profile::Cost whole = table.cost({.first = 1, .last = blocks});
  fmt::print("{} on {}{}\n", table.network, table.device,
             table.slowdown > 1 ? fmt::format(", emulated {} times slower", table.slowdown) : "");
  fmt::print(
      "whole network {}{}; {} groups of its {} layers measured\n\n", human_time(whole.latency),
      table.busy_power.value > 0 ? fmt::format(", {} ({})", human_energy(whole.energy), table.energy_source) : "",
      table.group_count(), blocks);
  const std::vector<double>& coded = table.codecs.at(std::string(codec::kLinear8)).bytes;
  Table rows(
      {{"cut after"}, {"layer", Table::Align::left}, {"up to here"}, {"from here on"}, {"tensor"}, {"in 8 bits"}});
  for (int k = 0; k <= blocks; ++k) {
    rows.row({std::to_string(k), k == 0 ? "(input)" : table.layers[k - 1],
              k == 0 ? "" : human_time(table.cost({.first = 1, .last = k}).latency),
              k == blocks ? "" : human_time(table.cost({.first = k + 1, .last = blocks}).latency),
              human_bytes(table.boundary_bytes[k]), human_bytes(coded[k])});
  }
  fmt::print("{}\nwritten to {}\n", rows.text(terminal().width), file);
}

void print_json(const profile::CostTable& table, const std::string& file) {
  const profile::Cost whole = table.cost({.first = 1, .last = table.size()});
  fmt::print("{}\n", Json{{"file", file},
                          {"network", table.network},
                          {"fingerprint", table.fingerprint},
                          {"device", table.device},
                          {"layers", table.size()},
                          {"groups", table.group_count()},
                          {"slowdown", table.slowdown},
                          {"latency_ms", whole.latency.count()},
                          {"std_ms", whole.std.count()},
                          {"energy_mj", whole.energy.value},
                          {"energy_source", table.energy_source}}
                         .dump(2, ' ', false, Json::error_handler_t::replace));
}

Outcome run_profile(const ProfileCommand& command) {
  const Result<network::Network> network = network::load(command.network.reference, command.network.import);
  if (!network) return forward_error(network);
  const std::string output = command.output.empty() ? default_output(*network) : command.output;

  if (!command.model.model.empty()) return profile_with_model(*network, command.model, output, command.json);

  Progress progress("profiling " + network->name(), command.json);
  const InterruptWatch watch;
  Result<profile::CostTable> table = engine::measure_profile(
      *network, {.groups = command.groups,
                 .compile = command.device.compile,
                 .idle_power = Milliwatts{command.device.idle_mw},
                 .busy_power = Milliwatts{command.device.busy_mw},
                 .device = command.device_name,
                 .partial = output + ".partial",
                 .progress = [&](double done, const std::string& group) { progress.update(done, group); },
                 .interrupted = &InterruptWatch::interrupted()});
  if (!table) return forward_error(table);
  if (const Status added = add_codecs(*table, *network, command); !added) return forward_error(added);
  progress.finish();
  if (const Status saved = profile::save(*table, output); !saved) return forward_error(saved);
  command.json ? print_json(*table, output) : print_summary(*table, output);
  return Exit::done;
}

}  // namespace

void add_profile(CLI::App& program, Outcome& outcome) {
  auto* command = program.add_subcommand("profile", "measure what groups of a network's layers cost on this machine");
  auto options = std::make_shared<ProfileCommand>();
  add_network_options(command, options->network);
  command
      ->add_option("--groups", options->groups,
                   "prefix: the groups that begin or end the network, enough for one hand-over; all: every group")
      ->transform(CLI::CheckedTransformer(
          std::map<std::string, engine::Groups>{{"prefix", engine::Groups::prefix}, {"all", engine::Groups::all}}))
      ->default_str("prefix");
  add_device_options(command, options->device);
  add_device_model_options(command, options->model);
  command->add_option("--device", options->device_name, "the device's name in the profile; else the processor's");
  command->add_option("--input", options->inputs, "images or .npy arrays on which sizes of coded tensors are measured")
      ->type_name("FILE");
  command->add_option("-o,--output", options->output, "else NETWORK.profile.json in this folder")->type_name("FILE");
  command->add_flag("--json", options->json, "machine-readable answer");
  example(command, "tandem profile zoo:resnet50 --slowdown 10 --power-busy-mw 4000 -o phone.profile.json");
  command->callback([options, &outcome] { outcome = run_profile(*options); });
}

}  // namespace tandem::cli
