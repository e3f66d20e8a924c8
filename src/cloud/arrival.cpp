#include "arrival.hpp"

#include <algorithm>
#include <new>
#include <utility>

namespace tandem::cloud {
namespace {

tl::unexpected<Error> no_room() {
  return fail(Errc::unavailable, "too many requests are waiting; try again later");
}

}  // namespace

Result<std::shared_ptr<Arrival>> Arrival::start(const Segment& segment, ByteBudget& budget, WorkQueue& workers) {
  auto share = budget.take(segment.input().tensors.front().bytes());
  if (!share) return no_room();
  return std::shared_ptr<Arrival>(new Arrival(segment, budget, workers, std::move(share)));
}

Arrival::Arrival(const Segment& segment, ByteBudget& budget, WorkQueue& workers, std::shared_ptr<const void> share)
    : budget_(budget),
      workers_(workers),
      tensor_(segment.input().tensors.front()),
      decoder_(tensor_.spec, tensor_.data, &segment.served->priors) {
  shares_.push_back(std::move(share));
}

Status Arrival::take(std::vector<std::byte> part) {
  auto share = budget_.take(part.size());
  if (!share) return no_room();
  const std::lock_guard lock(mutex_);
  if (!status_) return status_;
  shares_.push_back(std::move(share));
  parts_.push_back(std::move(part));
  if (parts_.size() > 1 || decoding_) return {};  // who decodes those before it goes on with this one
  workers_.push([self = shared_from_this()] {
    std::unique_lock held(self->mutex_);
    if (!self->decoding_) self->decode_arrived(held);
  });
  return {};
}

Status Arrival::finish(std::span<std::byte> input) {
  std::unique_lock lock(mutex_);
  // Work that has not begun is not waited for: this may be the only worker.
  decoded_.wait(lock, [this] { return !decoding_; });
  decode_arrived(lock);
  if (status_) status_ = decoder_.finish();
  if (status_) std::ranges::copy(tensor_.data, input.begin());
  return status_;
}

void Arrival::decode_arrived(std::unique_lock<std::mutex>& lock) {
  decoding_ = true;
  while (!parts_.empty()) {
    const std::vector<std::byte> part = std::move(parts_.front());
    parts_.pop_front();
    if (!status_) continue;
    lock.unlock();
    Status decoded = decode(part);
    lock.lock();
    status_ = std::move(decoded);
  }
  decoding_ = false;
  decoded_.notify_all();
}

Status Arrival::decode(const std::vector<std::byte>& part) {
  try {
    return decoder_.add(part);
  } catch (const std::bad_alloc&) {  // one request too large must not end the others
    return fail(Errc::resource_exhausted, "the server has not enough memory for this request");
  }
}

}  // namespace tandem::cloud
