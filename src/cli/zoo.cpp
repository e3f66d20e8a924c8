// `tandem zoo`: the networks that are built in.
#include "tandem/network/zoo.hpp"

#include <fmt/format.h>

#include <memory>

#include "command.hpp"
#include "tandem/base/json.hpp"
#include "terminal.hpp"

namespace tandem::cli {
namespace {

namespace zoo = network::zoo;

Json json_of(const zoo::Entry& entry) {
  return {{"name", entry.name},     {"title", entry.title},   {"type", entry.type},
          {"layers", entry.layers}, {"macs", entry.macs},     {"parameters", entry.parameters},
          {"input", entry.input},   {"output", entry.output}, {"source", entry.source}};
}

Outcome run_zoo(bool json) {
  if (json) {
    Json networks = Json::array();
    for (const zoo::Entry& entry : zoo::entries()) networks.push_back(json_of(entry));
    fmt::print("{}\n", Json{{"networks", std::move(networks)}}.dump(2));
    return Exit::done;
  }
  using Align = Table::Align;
  Table table({{"zoo:", Align::left},
               {"type", Align::left},
               {"layers"},
               {"MACs"},
               {"parameters"},
               {"input"},
               {"source", Align::left}});
  for (const zoo::Entry& entry : zoo::entries()) {
    table.row({std::string(entry.name), std::string(entry.type), std::to_string(entry.layers),
               human_count(static_cast<double>(entry.macs)), human_count(static_cast<double>(entry.parameters)),
               std::string(entry.input), std::string(entry.source)});
  }
  fmt::print("{}", table.text(terminal().width));
  return Exit::done;
}

}  // namespace

void add_zoo(CLI::App& program, Outcome& outcome) {
  auto* command = program.add_subcommand("zoo", "networks built in, with random weights: for speed, not for accuracy");
  auto json = std::make_shared<bool>(false);
  command->add_flag("--json", *json, "machine-readable answer");
  example(command, "tandem zoo\n  tandem inspect zoo:alexnet");
  command->callback([json, &outcome] { outcome = run_zoo(*json); });
}

}  // namespace tandem::cli
