// One value in a small file of the kernel, read anew each time.
#pragma once

#include <filesystem>
#include <string>

#include "tandem/base/result.hpp"

namespace tandem::engine {

// Without the line's end. Errors: not_found; failed_precondition (no permission, with the command that gives it);
// data_loss (it cannot be read).
Result<std::string> read_sysfs_text(const std::filesystem::path& file);
// A whole number, in the file's unit. Error besides: data_loss where it holds none.
Result<double> read_sysfs_number(const std::filesystem::path& file);

// The folder's entries whose names start with `prefix`, numbers in order (hwmon2 before hwmon10); empty where it cannot
// be listed.
std::vector<std::filesystem::path> sysfs_entries(const std::filesystem::path& folder, const std::string& prefix);

}  // namespace tandem::engine
