#include "grpc_log.hpp"

#include <google/protobuf/stubs/logging.h>
#include <grpc/support/log.h>

#include <string>

#include "tandem/base/log.hpp"

namespace tandem::rpc {

void route_grpc_log() {
  static const bool routed = [] {
    gpr_set_log_function([](gpr_log_func_args* entry) { logger().debug("grpc: {}", entry->message); });
    google::protobuf::SetLogHandler([](google::protobuf::LogLevel, const char*, int, const std::string& message) {
      logger().debug("protobuf: {}", message);
    });
    return true;
  }();
  static_cast<void>(routed);
}

}  // namespace tandem::rpc
