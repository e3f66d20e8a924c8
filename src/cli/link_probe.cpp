// `tandem link probe`: measures the link to a server, within a budget of bytes.
#include <fmt/format.h>

#include <memory>
#include <string>

#include "link_commands.hpp"
#include "tandem/base/file.hpp"
#include "tandem/device/link_probe.hpp"
#include "tandem/link/link.hpp"
#include "terminal.hpp"

namespace tandem::cli {
namespace {

struct ProbeCommand {
  std::string server;
  std::size_t budget_bytes = 1'000'000;
  double deadline_ms = 10000;
  std::string name = "measured";
  std::string radio;
  std::string output;
  bool json = false;
};

Json to_json(const link::Measurement& measured, const std::string& server) {
  return {{"server", server},
          {"up_mbps", measured.up.value.value},
          {"up_low_mbps", measured.up.low.value},
          {"up_high_mbps", measured.up.high.value},
          {"down_mbps", measured.down.value.value},
          {"down_low_mbps", measured.down.low.value},
          {"down_high_mbps", measured.down.high.value},
          {"rtt_ms", measured.rtt.value.count()},
          {"rtt_low_ms", measured.rtt.low.count()},
          {"rtt_high_ms", measured.rtt.high.count()},
          {"jitter_ms", measured.jitter.count()},
          {"up_bytes", measured.up_bytes},
          {"down_bytes", measured.down_bytes},
          {"exchanges", measured.exchanges}};
}

void print(const link::Measurement& measured) {
  Table table({{"", Table::Align::left}, {"measured"}, {"95 % between"}, {"and"}});
  const auto rate = [](Mbps mbps) { return fmt::format("{:.3g} Mbps", mbps.value); };
  const auto time = [](Milliseconds ms) { return fmt::format("{:.2f} ms", ms.count()); };
  table.row({"up", rate(measured.up.value), rate(measured.up.low), rate(measured.up.high)});
  table.row({"down", rate(measured.down.value), rate(measured.down.low), rate(measured.down.high)});
  table.row({"round trip", time(measured.rtt.value), time(measured.rtt.low), time(measured.rtt.high)});
  table.row({"jitter", time(measured.jitter)});
  fmt::print("{}\n{} up and {} down in {} exchanges\n", table.text(terminal().width),
             human_bytes(static_cast<double>(measured.up_bytes)), human_bytes(static_cast<double>(measured.down_bytes)),
             measured.exchanges);
}

Outcome run_probe(const ProbeCommand& command) {
  link::Link radio;
  if (!command.radio.empty()) {
    auto found = link::find(command.radio);
    if (!found) return forward_error(found);
    radio = std::move(*found);
  }
  Progress progress("probing " + command.server, command.json);
  const auto measured = device::probe_link(
      command.server, {.budget_bytes = command.budget_bytes,
                       .deadline = Milliseconds{command.deadline_ms},
                       .progress = [&](double done, const std::string& what) { progress.update(done, what); }});
  if (!measured) return forward_error(measured);
  progress.finish();
  if (!command.output.empty()) {
    const Json json = link::to_json(measured->link(command.name, radio));
    if (const Status saved = write_file(command.output, json.dump(2) + "\n"); !saved) return forward_error(saved);
  }
  if (command.json) {
    fmt::print("{}\n", to_json(*measured, command.server).dump(2));
    return Exit::done;
  }
  print(*measured);
  if (!command.output.empty()) fmt::print("written to {}\n", command.output);
  return Exit::done;
}

}  // namespace

void add_link_probe(CLI::App& link, Outcome& outcome) {
  auto* command = link.add_subcommand("probe", "measure the link to a 'tandem serve'");
  auto options = std::make_shared<ProbeCommand>();
  command->add_option("server", options->server, "where it listens")->required()->type_name("HOST:PORT");
  command->add_option("--budget", options->budget_bytes, "bytes to spend at most, half of them each way (500kB, 2MB)")
      ->transform(CLI::AsSizeValue(true))
      ->type_name("BYTES")
      ->capture_default_str();
  command->add_option("--deadline", options->deadline_ms, "milliseconds for each exchange")
      ->check(CLI::Range(1.0, 1e6))
      ->capture_default_str();
  command->add_option("-o,--output", options->output, "write the link as a tandem.link.v1 file")->type_name("FILE");
  command->add_option("--name", options->name, "its name in the file")->capture_default_str();
  command->add_option("--radio", options->radio, "the link whose radio power the file takes over; none without it")
      ->type_name("NAME|FILE");
  command->add_flag("--json", options->json, "machine-readable answer");
  example(command, "tandem link probe cloud.example:8001 --radio 4g -o home.link.json");
  command->callback([options, &outcome] { outcome = run_probe(*options); });
}

}  // namespace tandem::cli
