// `tandem profile`: measures what groups of a network's layers cost on this machine.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "command.hpp"
#include "device_profile.hpp"
#include "inputs.hpp"
#include "network_option.hpp"
#include "plot.hpp"
#include "profile_commands.hpp"
#include "profile_model.hpp"
#include "profile_report.hpp"
#include "tandem/base/json.hpp"
#include "tandem/base/log.hpp"
#include "tandem/codec/codec.hpp"
#include "tandem/engine/codec_costs.hpp"
#include "tandem/engine/meter.hpp"
#include "tandem/engine/profiler.hpp"
#include "tandem/profile/emulate.hpp"
#include "tandem/profile/store.hpp"
#include "terminal.hpp"

namespace tandem::cli {
namespace {

struct ProfileCommand {
  NetworkOptions network;
  DeviceOptions device;
  DeviceModelOptions model;
  std::optional<engine::Groups> groups;
  profile::Requests requests = profile::Requests::spaced;
  std::string device_name;
  std::string meter;
  std::string meter_root = engine::kSysfs;
  bool subtract_idle = false;
  std::string output;
  std::string plot;
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
Status add_codecs(profile::CostTable& table, const network::Network& network, const ProfileCommand& command,
                  const engine::CompileOptions& compile) {
  const auto image_input = network::image_input_for(network, command.network.reference);
  std::vector<engine::Sample> samples;
  for (const std::string& what : command.inputs) {
    auto input = read_input(what, network, image_input);
    if (!input) return forward_error(input);
    samples.push_back(std::move(input->tensors));
  }
  std::vector<std::string> codecs = codec::for_tensors();
  codecs.insert(codecs.begin(), std::string(codec::kRaw));
  auto costs = engine::measure_codecs(network, samples, codecs, compile);
  if (!costs) return forward_error(costs);
  table.codecs = std::move(*costs);
  return {};
}

// What the meter reads is of this machine at full speed.
Result<std::unique_ptr<engine::Meter>> meter_of(const ProfileCommand& command) {
  if (command.meter.empty()) return nullptr;
  const DeviceOptions& device = command.device;
  if (device.compile.slowdown != 1.0 || device.busy_mw != 0.0 || device.idle_mw != 0.0) {
    return fail(Errc::invalid_argument,
                "--meter measures this machine as it is: leave --slowdown, --power-busy-mw and --power-idle-mw out");
  }
  return engine::open_meter(command.meter, command.meter_root);
}

// The store holds what was measured here, at full speed and without modelled power.
void keep_in_store(const profile::CostTable& measured) {
  const auto folder = profile::user_store_folder();
  if (!folder) return logger().warn("{}", folder.error().message);
  if (const auto kept = profile::ProfileStore(*folder).keep(measured); !kept) logger().warn("{}", kept.error().message);
}

void print_json(const profile::CostTable& table, const std::string& file) {
  Json json = summary_of(table);
  json["file"] = file;
  fmt::print("{}\n", json.dump(2, ' ', false, Json::error_handler_t::replace));
}

Outcome run_profile(const ProfileCommand& command) {
  if (command.network.reference.empty()) {
    return fail(Errc::invalid_argument,
                "give a NETWORK to profile, or a subcommand: 'tandem profile --help' lists them");
  }
  if (!command.plot.empty()) {
    if (const Status path = check_plot_path(command.plot); !path) return forward_error(path);
  }
  if (!command.model.model.empty() && !command.meter.empty()) {
    return fail(Errc::invalid_argument, "--device-model measures nothing: leave --meter out, or the model");
  }
  const auto meter = meter_of(command);
  if (!meter) return forward_error(meter);
  const Result<network::Network> network = network::load(command.network.reference, command.network.import);
  if (!network) return forward_error(network);
  const std::string output = command.output.empty() ? default_output(*network) : command.output;

  if (!command.model.model.empty()) return profile_with_model(*network, command.model, output, command.json);

  Progress progress("profiling " + network->name(), command.json);
  const InterruptWatch watch;
  engine::CompileOptions full_speed = command.device.compile;
  full_speed.slowdown = 1.0;
  Result<profile::CostTable> table = engine::measure_profile(
      *network,
      {.groups = command.groups.value_or(*meter == nullptr ? engine::Groups::predicted : engine::Groups::prefix),
       .compile = full_speed,
       .requests = command.requests,
       .meter = meter->get(),
       .subtract_idle = command.subtract_idle,
       .device = command.device_name,
       .partial = output + ".partial",
       .progress = [&](double done, const std::string& group) { progress.update(done, group); },
       .interrupted = &InterruptWatch::interrupted()});
  if (!table) return forward_error(table);
  if (const Status added = add_codecs(*table, *network, command, full_speed); !added) return forward_error(added);
  progress.finish();
  keep_in_store(*table);
  table = profile::emulate(*table, {.slowdown = command.device.compile.slowdown,
                                    .idle_power = Milliwatts{command.device.idle_mw},
                                    .busy_power = Milliwatts{command.device.busy_mw}});
  if (const Status saved = profile::save(*table, output); !saved) return forward_error(saved);
  if (!command.plot.empty()) {
    if (const Status drawn = write_plot(picture_of(*table), command.plot); !drawn) return forward_error(drawn);
  }
  if (command.json) {
    print_json(*table, output);
    return Exit::done;
  }
  print_profile(*table);
  fmt::print("\nwritten to {}\n", output);
  return Exit::done;
}

}  // namespace

void add_profile(CLI::App& program, Outcome& outcome) {
  auto* command = program.add_subcommand("profile", "measure what groups of a network's layers cost on this machine");
  auto options = std::make_shared<ProfileCommand>();
  add_network_options(command, options->network);
  command->get_option("network")->required(false);  // the subcommands need none
  command
      ->add_option("--groups", options->groups,
                   "predicted: a few are measured, the others predicted from them and the runtime's counters; prefix: "
                   "those that begin or end the network, enough for one hand-over; all: every group, measured")
      ->transform(CLI::CheckedTransformer(std::map<std::string, engine::Groups>{
          {"predicted", engine::Groups::predicted}, {"prefix", engine::Groups::prefix}, {"all", engine::Groups::all}}))
      ->default_str("predicted, with --meter prefix");
  command
      ->add_option(
          "--requests", options->requests,
          "spaced: as requests come that have the machine to themselves; back-to-back: one right after another")
      ->transform(CLI::CheckedTransformer(requests_by_name()))
      ->default_str("spaced");
  add_device_options(command, options->device);
  add_device_model_options(command, options->model);
  command->add_option("--device", options->device_name, "the device's name in the profile; else the processor's");
  command
      ->add_option(
          "--meter", options->meter,
          "measure energy, too: auto, a name of 'tandem profile meters', or an external meter's pipe or device")
      ->type_name("auto|NAME|FILE");
  command->add_option("--meter-root", options->meter_root, "where the kernel's files of meters are")
      ->type_name("DIR")
      ->capture_default_str();
  command->add_flag("--subtract-idle", options->subtract_idle,
                    "with --meter: count what is burnt beyond idling; waiting then costs nothing");
  command->add_option("--input", options->inputs, "images or .npy arrays on which sizes of coded tensors are measured")
      ->type_name("FILE");
  command->add_option("-o,--output", options->output, "else NETWORK.profile.json in this folder")->type_name("FILE");
  command->add_option("--plot", options->plot, "draw the cost along the network: .svg or .png")->type_name("FILE");
  command->add_flag("--json", options->json, "machine-readable answer");
  example(command, "tandem profile zoo:resnet50 --slowdown 10 --power-busy-mw 4000 -o phone.profile.json");
  add_profile_store(*command, outcome);
  add_profile_meters(*command, outcome);
  command->callback([options, command, &outcome] {
    if (command->get_subcommands().empty()) outcome = run_profile(*options);
  });
}

}  // namespace tandem::cli
