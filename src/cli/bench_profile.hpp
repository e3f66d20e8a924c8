// `tandem bench profile`: what predicting groups of layers costs and how wrong it is, beside measuring every one.
#pragma once

#include <CLI/CLI.hpp>

#include "command.hpp"

namespace tandem::cli {

void add_profile_bench(CLI::App* bench, Outcome& outcome);

}  // namespace tandem::cli
