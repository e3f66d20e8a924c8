// The subcommands of `tandem profile`.
#pragma once

#include <map>
#include <string>

#include "command.hpp"
#include "tandem/profile/cost_table.hpp"

namespace tandem::cli {

// The values of --requests.
inline std::map<std::string, profile::Requests> requests_by_name() {
  return {{"spaced", profile::Requests::spaced}, {"back-to-back", profile::Requests::back_to_back}};
}

// list, show, diff, export, merge, remove: what is kept in the user's store.
void add_profile_store(CLI::App& profile, Outcome& outcome);
// meters: the energy meters there are.
void add_profile_meters(CLI::App& profile, Outcome& outcome);

}  // namespace tandem::cli
