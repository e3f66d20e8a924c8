// A meter of its own, on a pipe or a serial line: it writes a line per reading.
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include "tandem/base/clock.hpp"
#include "tandem/engine/meter.hpp"

namespace tandem::engine {

// "1234.5 mW" or "88.1 J": a number, blanks, and one of uW mW W uJ mJ J. Error: data_loss with the line.
Result<Reading> parse_meter_line(std::string_view line);

// A pipe, a serial device (put into raw mode, its speed left as it is) or a terminal. Errors: not_found;
// failed_precondition (no permission, a regular file or folder).
Result<std::unique_ptr<Meter>> open_external_meter(const std::filesystem::path& path,
                                                   const Clock& clock = steady_clock());

}  // namespace tandem::engine
