#include "byte_budget.hpp"

namespace tandem::cloud {

std::shared_ptr<const void> ByteBudget::take(std::size_t bytes) {
  std::size_t left = left_.load();
  do {
    if (bytes > left) return nullptr;
  } while (!left_.compare_exchange_weak(left, left - bytes));
  return {this, [this, bytes](const void*) { left_ += bytes; }};
}

}  // namespace tandem::cloud
