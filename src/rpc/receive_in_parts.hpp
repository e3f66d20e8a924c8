// The server's end of ModelInferInParts: hands the parts to the handler as they come, or collects them for it.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <cstddef>
#include <memory>
#include <vector>

#include "answering.hpp"
#include "open_inference.pb.h"
#include "tandem/base/result.hpp"

namespace tandem::rpc {

class ReceiveInParts final : public Answering<grpc::ServerReadReactor<grpc::ByteBuffer>> {
 public:
  ReceiveInParts(const grpc::CallbackServerContext* context, grpc::ByteBuffer* answer, std::size_t most_bytes,
                 Handler& handler);

 private:
  void OnReadDone(bool ok) override;
  Status take(const grpc::ByteBuffer& message);
  Status begin(inference::ModelInferRequest head);
  Result<InferRequest> whole_request();

  const grpc::CallbackServerContext* context_;
  std::size_t most_bytes_;
  Handler& handler_;
  grpc::ByteBuffer message_;  // that is being read
  inference::ModelInferRequest head_;
  bool has_head_ = false;
  std::shared_ptr<Arrival> arrival_;  // where the handler takes the parts as they come
  std::vector<std::byte> contents_;   // where it does not
  std::size_t bytes_ = 0;             // of all parts so far
};

}  // namespace tandem::rpc
