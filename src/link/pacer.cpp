#include "pacer.hpp"

#include <algorithm>

namespace tandem::link {
namespace {

constexpr double kMinChunk = 1500;  // a packet
constexpr double kMaxChunk = 256 * 1024;
constexpr Milliseconds kChunkTime{1};
constexpr Milliseconds kMinLookAhead{4};
constexpr double kSlackBytes = 64 * 1024;
constexpr Milliseconds kMaxCredit{100};  // a process stopped for longer was not sending

double bytes_in(Mbps rate, Milliseconds time) {
  return 125.0 * rate.value * time.count();
}

}  // namespace

void Pacer::change(Mbps rate, Milliseconds delay) {
  rate_ = rate;
  delay_ = delay;
}

std::size_t Pacer::chunk_bytes() const {
  return static_cast<std::size_t>(std::clamp(bytes_in(rate_, kChunkTime), kMinChunk, kMaxChunk));
}

Milliseconds Pacer::look_ahead() const {
  return std::max(kMinLookAhead, 2 * (Bytes{static_cast<double>(chunk_bytes())} / rate_));
}

std::size_t Pacer::capacity() const {
  return static_cast<std::size_t>(bytes_in(rate_, delay_ + 2 * look_ahead()) + kSlackBytes);
}

Instant Pacer::enter(Instant now, std::size_t bytes) {
  const Instant start = std::max(free_, backlogged_ ? now - kMaxCredit : now);
  free_ = start + Bytes{static_cast<double>(bytes)} / rate_;
  last_arrival_ = std::max(last_arrival_, free_ + delay_);
  return last_arrival_;
}

}  // namespace tandem::link
