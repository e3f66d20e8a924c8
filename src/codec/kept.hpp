// Vectors whose memory a thread keeps for its next ones. Large memory allocated anew comes from the kernel page by
// page, which takes as long again as coding a large tensor.
#pragma once

#include <array>
#include <cstddef>
#include <utility>
#include <vector>

namespace tandem::codec {

// What a kept vector holds at first is anything.
template <class T>
class Kept {
 public:
  explicit Kept(std::size_t count) {
    for (std::vector<T>& spare : spares()) {
      if (spare.capacity() > items_.capacity()) std::swap(spare, items_);
    }
    items_.resize(count);
  }
  Kept(std::size_t count, T value) : Kept(count) { items_.assign(count, value); }
  ~Kept() {
    constexpr std::size_t kMostBytes = std::size_t{8} * 1024 * 1024;
    if (items_.capacity() * sizeof(T) > kMostBytes) return;
    for (std::vector<T>& spare : spares()) {
      if (spare.capacity() < items_.capacity()) std::swap(spare, items_);
    }
  }
  Kept(Kept&& other) noexcept : items_(std::exchange(other.items_, {})) {}
  Kept& operator=(Kept&& other) noexcept {
    std::swap(items_, other.items_);
    return *this;
  }
  Kept(const Kept&) = delete;
  Kept& operator=(const Kept&) = delete;

  [[nodiscard]] std::vector<T>& operator*() { return items_; }
  [[nodiscard]] const std::vector<T>& operator*() const { return items_; }
  [[nodiscard]] T* data() { return items_.data(); }
  [[nodiscard]] const T* data() const { return items_.data(); }
  [[nodiscard]] std::size_t size() const { return items_.size(); }
  [[nodiscard]] const T& operator[](std::size_t i) const { return items_[i]; }
  [[nodiscard]] T& operator[](std::size_t i) { return items_[i]; }

 private:
  static constexpr std::size_t kSpares = 3;  // as many as are in use at a time
  static std::array<std::vector<T>, kSpares>& spares() {
    thread_local std::array<std::vector<T>, kSpares> all;
    return all;
  }

  std::vector<T> items_;
};

}  // namespace tandem::codec
