// Whole files, read with a size limit and written so that a crash never leaves half a file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "tandem/base/result.hpp"

namespace tandem {

inline constexpr std::uintmax_t kMaxTextFile = 256ULL << 20U;

// Errors: not_found, or invalid_argument for a folder or a file over `max_bytes`; the message names the path.
Result<std::string> read_file(const std::filesystem::path& path, std::uintmax_t max_bytes = kMaxTextFile);

// Writes to a temporary file beside `path`, then renames it; missing parent folders are not made.
Status write_file(const std::filesystem::path& path, std::string_view content);

}  // namespace tandem
