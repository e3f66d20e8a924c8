// The compiled segments: made when first asked for, each once, on a thread of its own; the least recently used are
// dropped beyond a memory budget.
//
//   repository.with_model(segment, [](Result<std::shared_ptr<LoadedModel>> model) { … });
//
// Thread rule: all functions are safe from any thread.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "loaded_model.hpp"
#include "segment.hpp"

namespace tandem::cloud {

class Repository {
 public:
  using ModelResult = Result<std::shared_ptr<LoadedModel>>;
  using Then = std::function<void(ModelResult)>;

  Repository(engine::CompileOptions compile, std::size_t memory_bytes);
  // Ends waiting requests as unavailable; waits for the compilation that runs.
  ~Repository();
  Repository(const Repository&) = delete;
  Repository& operator=(const Repository&) = delete;

  // Calls `then` once: at once where the model is there, else from the loader's thread. `then` must not block. What is
  // loaded lives as long as someone holds it, also when it was dropped here. A failure is not kept: the next request
  // tries again. Error passed on: unavailable after close().
  void with_model(const Segment& segment, Then then);

  // From now on nothing is loaded; what waits for the loader, but the one it works on, ends as unavailable.
  void close();

  // Of the models kept, for watching the budget.
  [[nodiscard]] std::size_t loaded_bytes() const;
  [[nodiscard]] std::size_t loaded_count() const;

 private:
  struct Loaded {
    std::shared_ptr<LoadedModel> model;
    std::uint64_t last_use = 0;
  };
  struct Waiting {
    Segment segment;
    std::vector<Then> thens;
  };

  void load_until_closed();
  void keep(const SegmentKey& key, std::shared_ptr<LoadedModel> model);  // with mutex_ held

  const engine::CompileOptions compile_;
  const std::size_t memory_bytes_;
  mutable std::mutex mutex_;
  std::condition_variable wake_loader_;
  bool closed_ = false;
  std::uint64_t uses_ = 0;
  std::size_t loaded_bytes_ = 0;
  std::map<SegmentKey, Loaded> loaded_;
  std::map<SegmentKey, Waiting> waiting_;  // the one being loaded stays here until it is done
  std::deque<SegmentKey> order_;           // of waiting_, without the one being loaded
  std::thread loader_;                     // last: it uses the others
};

}  // namespace tandem::cloud
