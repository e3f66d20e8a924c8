// `tandem link trace`: makes the trace of a phone on the move.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>

#include "link_commands.hpp"
#include "tandem/base/file.hpp"
#include "tandem/base/json.hpp"
#include "tandem/link/mobile_trace.hpp"
#include "terminal.hpp"

namespace tandem::cli {
namespace {

struct TraceCommand {
  std::string kind;
  link::MobileTraceOptions options;
  std::string output;
  bool json = false;
};

Json summary(const link::Trace& trace, const link::Movement& movement, const TraceCommand& command) {
  double sum = 0;
  double least = trace.points.front().down.value;
  double most = least;
  for (const link::TracePoint& point : trace.points) {
    sum += point.down.value;
    least = std::min(least, point.down.value);
    most = std::max(most, point.down.value);
  }
  return {{"file", command.output},
          {"kind", command.kind},
          {"seed", command.options.seed},
          {"points", trace.points.size()},
          {"duration_ms", trace.duration().count()},
          {"mean_down_mbps", sum / static_cast<double>(trace.points.size())},
          {"least_down_mbps", least},
          {"most_down_mbps", most},
          {"source", movement.source}};
}

Outcome run_trace(const TraceCommand& command) {
  const auto movement = link::find_movement(command.kind);
  if (!movement) return forward_error(movement);
  const link::Trace trace = link::mobile_trace(*movement, command.options);
  if (command.output.empty()) {
    fmt::print("{}", link::to_csv(trace));
    return Exit::done;
  }
  if (const Status saved = write_file(command.output, link::to_csv(trace)); !saved) return forward_error(saved);
  const Json told = summary(trace, *movement, command);
  if (command.json) {
    fmt::print("{}\n", told.dump(2));
  } else {
    fmt::print("{}: {} points over {}, {:.1f} Mbps down on average, {} to {}\n", command.output, trace.points.size(),
               human_time(trace.duration()), told["mean_down_mbps"].get<double>(),
               told["least_down_mbps"].get<double>(), told["most_down_mbps"].get<double>());
  }
  return Exit::done;
}

}  // namespace

void add_link_trace(CLI::App& link, Outcome& outcome) {
  auto* command =
      link.add_subcommand("trace", "make the trace of a phone on the move, for 'tandem link shape --trace'");
  auto options = std::make_shared<TraceCommand>();
  std::string kinds;
  for (const auto& movement : link::movements()) kinds += (kinds.empty() ? "" : ", ") + std::string(movement.name);
  command->add_option("--kind", options->kind, kinds)->required()->type_name("KIND");
  command->add_option("--seed", options->options.seed, "the same seed gives the same trace")->capture_default_str();
  command->add_option("--seconds", options->options.seconds, "its length, a point a second")
      ->check(CLI::Range(2, 1'000'000))
      ->capture_default_str();
  auto* output = command->add_option("-o,--output", options->output, "else to standard output")->type_name("FILE");
  command->add_flag("--json", options->json, "what was written, machine-readable")->needs(output);
  example(command, "tandem link trace --kind train --seed 7 -o commute.csv");
  command->callback([options, &outcome] { outcome = run_trace(*options); });
}

}  // namespace tandem::cli
