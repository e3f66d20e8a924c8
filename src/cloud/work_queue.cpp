#include "work_queue.hpp"

#include <utility>

namespace tandem::cloud {

WorkQueue::WorkQueue(int workers) {
  for (int i = 0; i < workers; ++i) workers_.emplace_back([this] { work_until_closed(); });
}

WorkQueue::~WorkQueue() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  wake_worker_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void WorkQueue::push(Work work) {
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    waiting_.push_back(std::move(work));
  }
  wake_worker_.notify_one();
}

void WorkQueue::work_until_closed() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_worker_.wait(lock, [this] { return closed_ || !waiting_.empty(); });
    if (closed_) return;
    const Work work = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    work();
    lock.lock();
  }
}

}  // namespace tandem::cloud
