#include "grpc_setup.hpp"

#include <google/protobuf/stubs/logging.h>
#include <grpc/grpc.h>
#include <grpc/support/log.h>

#include <string>

#include "tandem/base/log.hpp"

namespace tandem::rpc {

void set_up_grpc() {
  static const bool done = [] {
    grpc_init();
    gpr_set_log_function([](gpr_log_func_args* entry) { logger().debug("grpc: {}", entry->message); });
    google::protobuf::SetLogHandler([](google::protobuf::LogLevel, const char*, int, const std::string& message) {
      logger().debug("protobuf: {}", message);
    });
    return true;
  }();
  static_cast<void>(done);
}

}  // namespace tandem::rpc
