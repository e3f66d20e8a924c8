// What waits for a worker, first come, first served.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace tandem::cloud {

// Thread rule: all functions are safe from any thread but a worker's own, which may only push.
class WorkQueue {
 public:
  using Work = std::function<void()>;

  explicit WorkQueue(int workers);
  // Waits for the work that runs; what still waits is dropped.
  ~WorkQueue();
  WorkQueue(const WorkQueue&) = delete;
  WorkQueue& operator=(const WorkQueue&) = delete;

  void push(Work work);

 private:
  void work_until_closed();

  std::mutex mutex_;
  std::condition_variable wake_worker_;
  bool closed_ = false;
  std::deque<Work> waiting_;
  std::vector<std::thread> workers_;  // last: they use the others
};

}  // namespace tandem::cloud
