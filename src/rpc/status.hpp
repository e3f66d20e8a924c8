// Errors to gRPC statuses and back: one table.
#pragma once

#include <grpcpp/support/status.h>

#include <string>

#include "tandem/base/result.hpp"

namespace tandem::rpc {

grpc::Status to_grpc(const Status& status);

// `peer` is put in front of the message. OK is a value; codes that Errc does not have become the nearest it has.
Status from_grpc(const grpc::Status& status, const std::string& peer);

}  // namespace tandem::rpc
