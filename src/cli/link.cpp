// `tandem link`: the wireless links there are, and what they cost.
#include <fmt/format.h>

#include <memory>

#include "command.hpp"
#include "link_commands.hpp"
#include "tandem/link/link.hpp"
#include "terminal.hpp"

namespace tandem::cli {
namespace {

constexpr Bytes kSample{100'000};

struct LinkOptions {
  std::string name;
  bool json = false;
};

std::string_view source_of(const link::Link& link) {
  for (const link::Preset& preset : link::presets()) {
    if (preset.link == link) return preset.source;
  }
  return {};
}

Json json_of(const link::Link& link) {
  Json json = to_json(link);
  if (const std::string_view source = source_of(link); !source.empty()) json["source"] = source;
  return json;
}

std::string energy(Millijoules energy) {
  return fmt::format("{:.0f} mJ", energy.value);
}
std::string power(Milliwatts power) {
  return fmt::format("{:.2f} W", power.value / 1000);
}

std::string table_of(std::span<const link::Link> links) {
  Table table({{"link", Table::Align::left},
               {"up"},
               {"down"},
               {"round trip"},
               {"power up"},
               {"power down"},
               {"100 kB up"},
               {""},
               {"100 kB down"},
               {""}});
  for (const link::Link& link : links) {
    table.row({link.name, fmt::format("{} Mbps", link.up.value), fmt::format("{} Mbps", link.down.value),
               human_time(link.rtt), power(link.upload_power()), power(link.download_power()),
               human_time(link.upload_time(kSample)), energy(link.upload_energy(kSample)),
               human_time(link.download_time(kSample)), energy(link.download_energy(kSample))});
  }
  return table.text(terminal().width);
}

// Broken between words so that no line is wider than `width`.
std::string wrapped(std::string_view text, std::size_t width) {
  std::string lines;
  while (text.size() > width) {
    std::size_t end = text.rfind(' ', width);
    if (end == std::string_view::npos || end == 0) end = width;
    lines += std::string(text.substr(0, end)) + "\n";
    text.remove_prefix(std::min(text.size(), end + 1));
  }
  return lines + std::string(text) + "\n";
}

Outcome list_links(const LinkOptions& options) {
  if (options.json) {
    Json presets = Json::array();
    for (const link::Preset& preset : link::presets()) presets.push_back(json_of(preset.link));
    fmt::print("{}\n", Json{{"presets", presets}}.dump(2));
    return Exit::done;
  }
  std::vector<link::Link> links;
  for (const link::Preset& preset : link::presets()) links.push_back(preset.link);
  fmt::print("{}\nWhere the figures come from: tandem link NAME\n", table_of(links));
  return Exit::done;
}

Outcome run_link(const LinkOptions& options) {
  if (options.name.empty()) return list_links(options);
  const Result<link::Link> link = link::find(options.name);
  if (!link) return forward_error(link);
  if (options.json) {
    fmt::print("{}\n", json_of(*link).dump(2));
    return Exit::done;
  }
  fmt::print("{}", table_of({&*link, 1}));
  fmt::print("\nRadio power in mW, rate in Mbps: up {} * rate + {}, down {} * rate + {}\n", link->alpha_up,
             link->beta.value, link->alpha_down, link->beta.value);
  if (const std::string_view source = source_of(*link); !source.empty()) {
    fmt::print("\n{}", wrapped(source, static_cast<std::size_t>(terminal().width)));
  }
  return Exit::done;
}

}  // namespace

void add_link(CLI::App& program, Outcome& outcome) {
  auto* command =
      program.add_subcommand("link", "wireless links: what there are and cost, one to try, and one measured");
  auto options = std::make_shared<LinkOptions>();
  command->add_option("link", options->name, "a preset or a tandem.link.v1 file; all presets without it")
      ->type_name("NAME|FILE");
  command->add_flag("--json", options->json, "machine-readable answer");
  example(command, "tandem link 4g");

  add_link_shape(*command, outcome);
  add_link_probe(*command, outcome);
  add_link_trace(*command, outcome);
  command->callback([options, command, &outcome] {
    if (command->get_subcommands().empty()) outcome = run_link(*options);
  });
}

}  // namespace tandem::cli
