// The commands of `tandem codec` that have a file of their own.
#pragma once

#include <CLI/CLI.hpp>

#include "command.hpp"

namespace tandem::cli {

void add_codec_tune(CLI::App* codec, Outcome& outcome);

}  // namespace tandem::cli
