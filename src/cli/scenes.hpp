// The images that come with the program.
#pragma once

#include <string>
#include <vector>

#include "tandem/base/result.hpp"

namespace tandem::cli {

// Paths in the order of their names. Error: not_found, saying where they were looked for and how to give others.
Result<std::vector<std::string>> shipped_images();

}  // namespace tandem::cli
