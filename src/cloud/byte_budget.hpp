// How many bytes of requests may be in the server at once; who is over it is refused, not queued.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>

namespace tandem::cloud {

// Thread rule: all functions are safe from any thread.
class ByteBudget {
 public:
  explicit ByteBudget(std::size_t bytes) : left_(bytes) {}

  // The bytes are given back when the share is destroyed; null where they do not fit. The budget must outlive its
  // shares.
  std::shared_ptr<const void> take(std::size_t bytes);

 private:
  std::atomic<std::size_t> left_;
};

}  // namespace tandem::cloud
