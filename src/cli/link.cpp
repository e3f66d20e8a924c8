// `tandem link`: the wireless links there are, what they cost, and a proxy that makes loopback behave like one.
#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <ctime>
#include <memory>

#include "command.hpp"
#include "tandem/link/link.hpp"
#include "tandem/link/shaper.hpp"
#include "terminal.hpp"

namespace tandem::cli {
namespace {

constexpr Bytes kSample{100'000};

struct LinkOptions {
  std::string name;
  bool json = false;
};

struct ShapeOptions {
  std::string link;
  std::string target;
  std::string listen = "127.0.0.1:0";
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

// Waits up to a second for Ctrl-C or a request to end; both must be blocked in every thread.
bool asked_to_end(const sigset_t& signals) {
  const timespec second{.tv_sec = 1, .tv_nsec = 0};
  return sigtimedwait(&signals, nullptr, &second) > 0;
}

Outcome run_shape(const ShapeOptions& options) {
  const Result<link::Link> link = link::find(options.link);
  if (!link) return forward_error(link);
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // before the proxy's thread starts, which inherits it

  auto proxy = link::ShapingProxy::start({.target = options.target, .listen = options.listen, .link = *link});
  if (!proxy) return forward_error(proxy);
  if (options.json) {
    fmt::print("{}\n",
               Json{{"listening", (*proxy)->address()}, {"target", options.target}, {"link", json_of(*link)}}.dump());
  } else {
    fmt::print("{} leads to {} as {}: {} Mbps up, {} Mbps down, {} round trip. Ctrl-C ends it.\n", (*proxy)->address(),
               options.target, link->name, link->up.value, link->down.value, human_time(link->rtt));
  }
  std::fflush(stdout);

  const bool show = ::isatty(STDERR_FILENO) == 1;
  const auto status = [&] {
    const auto traffic = (*proxy)->traffic();
    return fmt::format("{} up, {} down", human_bytes(static_cast<double>(traffic.up_bytes)),
                       human_bytes(static_cast<double>(traffic.down_bytes)));
  };
  while (!asked_to_end(signals)) {
    if (show) fmt::print(stderr, "\r{:<40}", status());
  }
  if (show) fmt::print(stderr, "\r{:<40}\n", status());
  return Exit::done;
}

}  // namespace

void add_link(CLI::App& program, Outcome& outcome) {
  auto* command = program.add_subcommand("link", "wireless links: what there are, what they cost, and one to try");
  auto options = std::make_shared<LinkOptions>();
  command->add_option("link", options->name, "a preset or a tandem.link.v1 file; all presets without it")
      ->type_name("NAME|FILE");
  command->add_flag("--json", options->json, "machine-readable answer");
  example(command, "tandem link shape --link 4g --target 127.0.0.1:8001");

  auto* shape = command->add_subcommand("shape", "a TCP proxy that paces what passes like a wireless link");
  auto shape_options = std::make_shared<ShapeOptions>();
  shape->add_option("--link", shape_options->link, "a preset or a tandem.link.v1 file")
      ->required()
      ->type_name("NAME|FILE");
  shape->add_option("--target", shape_options->target, "where connections lead")->required()->type_name("HOST:PORT");
  shape->add_option("--listen", shape_options->listen, "port 0: any free one")
      ->type_name("HOST:PORT")
      ->capture_default_str();
  shape->add_flag("--json", shape_options->json, "the address as JSON, on one line");
  example(shape, "tandem link shape --link 4g --target 127.0.0.1:8001 --listen 127.0.0.1:9001");

  shape->callback([shape_options, &outcome] { outcome = run_shape(*shape_options); });
  command->callback([options, shape, &outcome] {
    if (!shape->parsed()) outcome = run_link(*options);
  });
}

}  // namespace tandem::cli
