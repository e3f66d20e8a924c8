// What `tandem plan` may be asked at once: one kind of answer, and of the other options those it takes.
#pragma once

#include <CLI/CLI.hpp>

#include "tandem/base/result.hpp"

namespace tandem::cli {

// Error: invalid_argument naming two options that do not go together.
Status check_modes(const CLI::App& command);

}  // namespace tandem::cli
