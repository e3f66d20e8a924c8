// The subcommands of `tandem link`, one file each.
#pragma once

#include "command.hpp"

namespace tandem::cli {

void add_link_shape(CLI::App& link, Outcome& outcome);
void add_link_probe(CLI::App& link, Outcome& outcome);
void add_link_trace(CLI::App& link, Outcome& outcome);

}  // namespace tandem::cli
