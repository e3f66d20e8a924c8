// A call of gRPC's that a Handler answers when it likes, from any thread.
#pragma once

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/status.h>

#include <atomic>
#include <memory>
#include <utility>

#include "convert.hpp"
#include "status.hpp"
#include "tandem/base/clock.hpp"
#include "tandem/rpc/server.hpp"
#include "wire.hpp"

namespace tandem::rpc {

// gRPC deletes it by OnDone, after finish() and when nothing of the call is left to do.
template <class Reactor>
class Answering : public Reactor {
 public:
  explicit Answering(grpc::ByteBuffer* answer) : answer_(answer) {}

  // The handler's view of this call; the last of its functions gone without an answer, the call still ends.
  Call call(InferRequest request, Instant deadline, std::shared_ptr<Arrival> arrival = {}) {
    const auto ticket = std::make_shared<Ticket>(this);
    return {.request = std::move(request),
            .arrival = std::move(arrival),
            .deadline = deadline,
            .is_cancelled = [ticket] { return ticket->is_cancelled(); },
            .finish = [ticket](Result<InferAnswer> result) { ticket->finish(std::move(result)); }};
  }

 private:
  class Ticket {
   public:
    explicit Ticket(Answering* reactor) : reactor_(reactor), cancelled_(reactor->cancelled_) {}
    ~Ticket() { finish(fail(Errc::unavailable, "the server dropped the request")); }
    Ticket(const Ticket&) = delete;
    Ticket& operator=(const Ticket&) = delete;

    void finish(Result<InferAnswer> answer) {
      if (Answering* reactor = reactor_.exchange(nullptr)) reactor->finish(std::move(answer));
    }
    [[nodiscard]] bool is_cancelled() const { return cancelled_->load(std::memory_order_relaxed); }

   private:
    std::atomic<Answering*> reactor_;
    std::shared_ptr<const std::atomic<bool>> cancelled_;
  };

  void finish(Result<InferAnswer> answer) {
    if (!answer) return this->Finish(to_grpc(forward_error(answer)));
    const auto head = head_of(*answer);
    *answer_ = join(head, kRawOutputContents, take_payloads(std::move(answer->outputs)));
    this->Finish(grpc::Status::OK);
  }
  void OnCancel() override { cancelled_->store(true, std::memory_order_relaxed); }
  void OnDone() override { delete this; }

  grpc::ByteBuffer* answer_;
  std::shared_ptr<std::atomic<bool>> cancelled_ = std::make_shared<std::atomic<bool>>(false);
};

}  // namespace tandem::rpc
