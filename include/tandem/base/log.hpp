// Logging for programs that embed us: the libraries are silent unless a logger is set. Safe from any thread.
//
//   set_logger(spdlog::stderr_color_mt("tandem"));
//   logger().warn("cloud {} cannot be reached", address);
#pragma once

#include <spdlog/logger.h>

#include <memory>

namespace tandem {

// Replaces the logger of the whole process; null makes the libraries silent again. Call before starting threads.
void set_logger(std::shared_ptr<spdlog::logger> logger);
spdlog::logger& logger();

}  // namespace tandem
