// The server's end of ModelInferInParts: collects the parts, then asks the handler.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <cstddef>
#include <functional>
#include <vector>

#include "answering.hpp"
#include "open_inference.pb.h"
#include "tandem/base/result.hpp"

namespace tandem::rpc {

class ReceiveInParts final : public Answering<grpc::ServerReadReactor<grpc::ByteBuffer>> {
 public:
  // `dispatch` is called when all parts are there.
  using Dispatch = std::function<void(const inference::ModelInferRequest& head, RawContents, ReceiveInParts&)>;
  ReceiveInParts(const grpc::CallbackServerContext* context, grpc::ByteBuffer* answer, std::size_t most_bytes,
                 Dispatch dispatch);

 private:
  void OnReadDone(bool ok) override;
  Status take(const grpc::ByteBuffer& message);

  const grpc::CallbackServerContext* context_;
  std::size_t most_bytes_;
  Dispatch dispatch_;
  grpc::ByteBuffer message_;  // that is being read
  inference::ModelInferRequest head_;
  bool has_head_ = false;
  std::vector<std::byte> contents_;
};

}  // namespace tandem::rpc
