#include "tandem/base/log.hpp"

#include <spdlog/sinks/null_sink.h>

#include <utility>

namespace tandem {
namespace {

std::shared_ptr<spdlog::logger> silent() {
  return std::make_shared<spdlog::logger>("silent", std::make_shared<spdlog::sinks::null_sink_mt>());
}

std::shared_ptr<spdlog::logger>& current() {
  static std::shared_ptr<spdlog::logger> instance = silent();
  return instance;
}

}  // namespace

void set_logger(std::shared_ptr<spdlog::logger> logger) {
  current() = logger ? std::move(logger) : silent();
}
spdlog::logger& logger() {
  return *current();
}

}  // namespace tandem
