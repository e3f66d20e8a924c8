#include "call_in_parts.hpp"

#include <utility>

#include "deadline.hpp"

namespace tandem::rpc {
namespace {

constexpr const char* kMethod = "/inference.TandemService/ModelInferInParts";

}  // namespace

CallInParts::CallInParts(grpc::GenericStub& stub, Milliseconds deadline) {
  set_deadline(context_, deadline);
  stub.PrepareBidiStreamingCall(&context_, kMethod, {}, this);
  AddHold();  // writes are started from outside gRPC's callbacks
  StartRead(&answer_);
  StartCall();
}

CallInParts::~CallInParts() {
  std::unique_lock lock(mutex_);
  if (!done_) context_.TryCancel();
  end_sending(lock);
  changed_.wait(lock, [this] { return done_; });
}

bool CallInParts::send(grpc::ByteBuffer message) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !writing_; });
  if (broken_ || done_) return false;
  writing_ = true;
  message_.Swap(&message);  // a ByteBuffer has no move
  lock.unlock();
  StartWrite(&message_);
  return true;
}

grpc::Status CallInParts::finish(grpc::ByteBuffer& answer) {
  std::unique_lock lock(mutex_);
  end_sending(lock);
  changed_.wait(lock, [this] { return done_; });
  answer.Swap(&answer_);
  return status_;
}

void CallInParts::end_sending(std::unique_lock<std::mutex>& lock) {
  if (!std::exchange(held_, false)) return;
  changed_.wait(lock, [this] { return !writing_; });
  lock.unlock();
  StartWritesDone();
  RemoveHold();
  lock.lock();
}

void CallInParts::OnWriteDone(bool ok) {
  const std::scoped_lock lock(mutex_);
  writing_ = false;
  broken_ = broken_ || !ok;
  changed_.notify_all();
}

// Under the lock to the end: who waits for this may destroy the object as soon as it is released.
void CallInParts::OnDone(const grpc::Status& status) {
  const std::scoped_lock lock(mutex_);
  status_ = status;
  done_ = true;
  changed_.notify_all();
}

}  // namespace tandem::rpc
