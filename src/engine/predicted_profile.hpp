// A profile of all groups from few measured ones: what `Groups::predicted` does. See docs/formats/profile.md.
#pragma once

#include "tandem/engine/profiler.hpp"

namespace tandem::engine {

// What a group's measurement comes to, with requests that follow each other so.
Milliseconds latency_of(const Statistics& statistics, profile::Requests requests);

// `head` says all but the groups. At full speed and without energy. Errors: those of compile(); cancelled.
Result<profile::CostTable> predicted_profile(const network::Network& network, const ProfileOptions& options,
                                             profile::CostTable head);

}  // namespace tandem::engine
