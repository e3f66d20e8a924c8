// `tandem profile meters`: the energy meters of this machine, and whether they can be read.
#include <fmt/format.h>

#include <memory>
#include <string>
#include <variant>

#include "profile_commands.hpp"
#include "tandem/base/json.hpp"
#include "tandem/engine/meter.hpp"
#include "terminal.hpp"

namespace tandem::cli {
namespace {

struct MetersCommand {
  std::string sysfs = engine::kSysfs;
  bool json = false;
};

std::string told(const engine::Reading& reading) {
  if (const auto* power = std::get_if<Milliwatts>(&reading)) return fmt::format("{:.3f} W now", power->value / 1000);
  return "counts energy";
}

Outcome run_meters(const MetersCommand& command) {
  const auto meters = engine::find_meters(command.sysfs);
  Json rows = Json::array();
  Table table({{"meter", Table::Align::left}, {"of", Table::Align::left}, {"says", Table::Align::left}});
  for (const auto& meter : meters) {
    const auto reading = meter->read();
    const std::string says = reading ? told(*reading) : reading.error().message;
    table.row({meter->name(), meter->description(), says});
    rows.push_back({{"name", meter->name()},
                    {"description", meter->description()},
                    {"usable", reading.has_value()},
                    {"says", says}});
  }
  if (command.json) {
    fmt::print("{}\n", Json{{"meters", rows}}.dump(2));
  } else if (meters.empty()) {
    fmt::print("no energy meter under {}; an external one is named by its pipe or device: --meter /dev/ttyUSB0\n",
               command.sysfs);
  } else {
    fmt::print("{}", table.text(terminal().width));
  }
  return Exit::done;
}

}  // namespace

void add_profile_meters(CLI::App& profile, Outcome& outcome) {
  auto* command = profile.add_subcommand("meters", "the energy meters of this machine");
  auto options = std::make_shared<MetersCommand>();
  command->add_option("--meter-root", options->sysfs, "where the kernel's files are")
      ->type_name("DIR")
      ->capture_default_str();
  command->add_flag("--json", options->json, "machine-readable answer");
  example(command, "tandem profile meters");
  command->callback([options, &outcome] { outcome = run_meters(*options); });
}

}  // namespace tandem::cli
