// The client's end of ModelInferInParts: gRPC's own threads send what is handed over while the caller makes the next
// part.
//
// Thread rule: one thread uses it; its destruction cancels a call that was not finished, and waits for its end.
#pragma once

#include <grpcpp/client_context.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/client_callback.h>

#include <condition_variable>
#include <mutex>

#include "tandem/base/units.hpp"

namespace tandem::rpc {

class CallInParts final : private grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  CallInParts(grpc::GenericStub& stub, Milliseconds deadline);
  ~CallInParts() override;
  CallInParts(const CallInParts&) = delete;
  CallInParts& operator=(const CallInParts&) = delete;

  // Waits until the part before this one is with the transport. False where the call has ended: finish() says why.
  bool send(grpc::ByteBuffer message);
  // After the last part: waits for the answer.
  grpc::Status finish(grpc::ByteBuffer& answer);

 private:
  void OnWriteDone(bool ok) override;
  void OnDone(const grpc::Status& status) override;
  void end_sending(std::unique_lock<std::mutex>& lock);

  grpc::ClientContext context_;
  std::mutex mutex_;
  std::condition_variable changed_;
  grpc::ByteBuffer message_;  // that is being written
  grpc::ByteBuffer answer_;
  grpc::Status status_;
  bool writing_ = false;
  bool broken_ = false;  // nothing more can be sent
  bool held_ = true;     // we may still start writes
  bool done_ = false;
};

}  // namespace tandem::rpc
