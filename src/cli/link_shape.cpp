// `tandem link shape`: a TCP proxy that makes loopback behave like a wireless link, steady or as a trace says.
#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <ctime>
#include <memory>
#include <optional>

#include "link_commands.hpp"
#include "tandem/link/link.hpp"
#include "tandem/link/shaper.hpp"
#include "tandem/link/trace.hpp"
#include "terminal.hpp"

namespace tandem::cli {
namespace {

struct ShapeOptions {
  std::string link;
  std::string trace;
  std::string target;
  std::string listen = "127.0.0.1:0";
  bool json = false;
};

// Waits up to a second for Ctrl-C or a request to end; both must be blocked in every thread.
bool asked_to_end(const sigset_t& signals) {
  const timespec second{.tv_sec = 1, .tv_nsec = 0};
  return sigtimedwait(&signals, nullptr, &second) > 0;
}

Outcome run_shape(const ShapeOptions& options) {
  const Result<link::Link> link = link::find(options.link);
  if (!link) return forward_error(link);
  std::optional<link::Trace> trace;
  if (!options.trace.empty()) {
    auto loaded = link::load_trace(options.trace);
    if (!loaded) return forward_error(loaded);
    trace = std::move(*loaded);
  }
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // before the proxy's thread starts, which inherits it

  auto proxy = link::ShapingProxy::start({.target = options.target, .listen = options.listen, .link = *link});
  if (!proxy) return forward_error(proxy);
  std::optional<link::TraceReplay> replay;
  if (trace) replay.emplace(**proxy, *link, *trace);
  if (options.json) {
    fmt::print("{}\n",
               Json{{"listening", (*proxy)->address()}, {"target", options.target}, {"link", to_json(*link)}}.dump());
  } else {
    if (trace) {
      fmt::print("{} leads to {} as {} points of {} say, for {}. Ctrl-C ends it.\n", (*proxy)->address(),
                 options.target, trace->points.size(), options.trace, human_time(trace->duration()));
    } else {
      fmt::print("{} leads to {} as {}: {} Mbps up, {} Mbps down, {} round trip. Ctrl-C ends it.\n",
                 (*proxy)->address(), options.target, link->name, link->up.value, link->down.value,
                 human_time(link->rtt));
    }
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

void add_link_shape(CLI::App& link, Outcome& outcome) {
  auto* shape = link.add_subcommand(
      "shape", "a TCP proxy that paces what passes like a wireless link, steady or as a trace says");
  auto shape_options = std::make_shared<ShapeOptions>();
  shape->add_option("--link", shape_options->link, "a preset or a tandem.link.v1 file")
      ->required()
      ->type_name("NAME|FILE");
  shape->add_option("--target", shape_options->target, "where connections lead")->required()->type_name("HOST:PORT");
  shape
      ->add_option("--trace", shape_options->trace,
                   "rates and round trips over time (CSV), again from the start at its end")
      ->type_name("FILE");
  shape->add_option("--listen", shape_options->listen, "port 0: any free one")
      ->type_name("HOST:PORT")
      ->capture_default_str();
  shape->add_flag("--json", shape_options->json, "the address as JSON, on one line");
  example(shape, "tandem link shape --link 4g --target 127.0.0.1:8001 --listen 127.0.0.1:9001");

  shape->callback([shape_options, &outcome] { outcome = run_shape(*shape_options); });
}

}  // namespace tandem::cli
