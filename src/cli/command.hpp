// How a command of the `tandem` program is declared: one file per command, one function per file, listed in main.cpp.
//
//   void add_zoo(CLI::App& program, Outcome& outcome) {
//     auto* command = program.add_subcommand("zoo", "networks built in");
//     auto options = std::make_shared<Options>();
//     command->add_flag("--json", options->json, "machine-readable answer");
//     command->callback([options, &outcome] { outcome = run_zoo(*options); });
//   }
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "tandem/base/result.hpp"

namespace tandem::cli {

// The documented exit codes.
enum class Exit : int {
  done = 0,
  bad_input = 2,
  no_feasible_answer = 3,
  peer_unreachable = 4,
  internal = 70,
  interrupted = 130
};

Exit exit_for(Errc code);

// What a command ended with: an exit code, or an error that main prints as one line "tandem: …".
using Outcome = Result<Exit>;

// Puts a worked example under a command's options in --help.
void example(CLI::App* command, const std::string& text);

void add_zoo(CLI::App& program, Outcome& outcome);
void add_inspect(CLI::App& program, Outcome& outcome);
void add_profile(CLI::App& program, Outcome& outcome);
void add_link(CLI::App& program, Outcome& outcome);
void add_plan(CLI::App& program, Outcome& outcome);
void add_serve(CLI::App& program, Outcome& outcome);
void add_run(CLI::App& program, Outcome& outcome);
void add_demo(CLI::App& program, Outcome& outcome);
void add_codec(CLI::App& program, Outcome& outcome);
void add_bench(CLI::App& program, Outcome& outcome);

}  // namespace tandem::cli
