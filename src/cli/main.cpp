// The `tandem` program: parses the command line, runs one command, turns its outcome into an exit code.
#include <fmt/format.h>
#include <spdlog/sinks/stdout_color_sinks.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <new>

#include "command.hpp"
#include "tandem/base/log.hpp"

namespace tandem::cli {

Exit exit_for(Errc code) {
  switch (code) {
    case Errc::invalid_argument:
    case Errc::not_found:
    case Errc::failed_precondition:
    case Errc::unimplemented:
    case Errc::resource_exhausted:
    case Errc::data_loss: return Exit::bad_input;
    case Errc::unavailable:
    case Errc::deadline_exceeded: return Exit::peer_unreachable;
    case Errc::cancelled: return Exit::interrupted;
    case Errc::internal: return Exit::internal;
  }
  return Exit::internal;
}

void example(CLI::App* command, const std::string& text) {
  command->footer("Example:\n  " + text);
}

namespace {

std::shared_ptr<spdlog::logger> stderr_logger() {
  auto log = std::make_shared<spdlog::logger>("tandem", std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
  log->set_pattern("tandem: %^%l%$: %v");
  log->set_level(spdlog::level::warn);
  return log;
}

int main_checked(int argc, char** argv) {
  // OpenVINO's threads ask hwloc about the processor, which complains on standard error where /sys is not mounted.
  ::setenv("HWLOC_HIDE_ERRORS", "2", 0);
  std::signal(SIGPIPE, SIG_IGN);  // a reader that went away is an error to report, not a reason to die
  set_logger(stderr_logger());
  CLI::App program{"Tandem: one neural network, run by a device and a cloud together", "tandem"};
  program.require_subcommand(1);
  program.set_help_flag("-h,--help", "this help");
  program.set_version_flag("--version", TANDEM_VERSION);
  program.failure_message([](const CLI::App* app, const CLI::Error& error) {
    return fmt::format("{}: {}; see '{} --help'\n", app->get_name(), error.what(), app->get_name());
  });
  Outcome outcome = Exit::done;
  add_zoo(program, outcome);
  add_inspect(program, outcome);
  add_profile(program, outcome);
  add_link(program, outcome);
  add_plan(program, outcome);
  add_serve(program, outcome);
  add_run(program, outcome);
  add_demo(program, outcome);
  add_codec(program, outcome);
  add_bench(program, outcome);
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return program.exit(error) == 0 ? static_cast<int>(Exit::done) : static_cast<int>(Exit::bad_input);
  }
  if (outcome) return static_cast<int>(*outcome);
  fmt::print(stderr, "tandem: {}\n", outcome.error().message);
  return static_cast<int>(exit_for(outcome.error().code));
}

}  // namespace
}  // namespace tandem::cli

int main(int argc, char** argv) {
  try {
    return tandem::cli::main_checked(argc, argv);
  } catch (const std::bad_alloc&) {
    std::fputs("tandem: out of memory\n", stderr);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "tandem: internal error: %s\n", error.what());
  }
  return static_cast<int>(tandem::cli::Exit::internal);
}
