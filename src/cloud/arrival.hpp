// The input of a request in parts: workers decode what has arrived while the rest is still on the link.
//
// Thread rule: take() and finish() from any thread, finish() after the last take(), by a worker.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "byte_budget.hpp"
#include "segment.hpp"
#include "tandem/codec/pieces.hpp"
#include "tandem/network/tensor.hpp"
#include "tandem/rpc/server.hpp"
#include "work_queue.hpp"

namespace tandem::cloud {

class Arrival final : public rpc::Arrival, public std::enable_shared_from_this<Arrival> {
 public:
  // A codec in pieces at the one input of `segment`, which was checked. `budget` and `workers` must outlive it. Error:
  // unavailable where the budget has no room for the decoded tensor.
  static Result<std::shared_ptr<Arrival>> start(const Segment& segment, ByteBudget& budget, WorkQueue& workers);

  // Errors: what was wrong with parts before this one; unavailable where the budget is used up.
  Status take(std::vector<std::byte> part) override;

  // Decodes what is left, and puts the tensor into `input`. Errors: decode's of codec.hpp; resource_exhausted.
  Status finish(std::span<std::byte> input);

 private:
  Arrival(const Segment& segment, ByteBudget& budget, WorkQueue& workers, std::shared_ptr<const void> share);
  void decode_arrived(std::unique_lock<std::mutex>& lock);
  Status decode(const std::vector<std::byte>& part);

  ByteBudget& budget_;
  WorkQueue& workers_;
  network::Tensor tensor_;
  codec::PieceDecoder decoder_;  // who has set decoding_ uses it
  std::mutex mutex_;
  std::condition_variable decoded_;
  std::deque<std::vector<std::byte>> parts_;  // not decoded yet
  std::vector<std::shared_ptr<const void>> shares_;
  bool decoding_ = false;
  Status status_;
};

}  // namespace tandem::cloud
