// The subcommands of `tandem profile`.
#pragma once

#include "command.hpp"

namespace tandem::cli {

// list, show, diff, export, merge, remove: what is kept in the user's store.
void add_profile_store(CLI::App& profile, Outcome& outcome);
// meters: the energy meters there are.
void add_profile_meters(CLI::App& profile, Outcome& outcome);

}  // namespace tandem::cli
