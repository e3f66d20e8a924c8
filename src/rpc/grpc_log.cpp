#include "grpc_log.hpp"

#include <grpc/support/log.h>

#include "tandem/base/log.hpp"

namespace tandem::rpc {

void route_grpc_log() {
  static const bool routed = [] {
    gpr_set_log_function([](gpr_log_func_args* entry) { logger().debug("grpc: {}", entry->message); });
    return true;
  }();
  static_cast<void>(routed);
}

}  // namespace tandem::rpc
