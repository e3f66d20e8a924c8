// gRPC and protobuf write to standard error by default; a library is silent unless it is given a logger.
#pragma once

namespace tandem::rpc {

// From now on their own messages go to tandem::logger() at level debug. Any number of calls; thread-safe.
void route_grpc_log();

}  // namespace tandem::rpc
