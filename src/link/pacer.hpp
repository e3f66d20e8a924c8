// When bytes that enter one direction of a link leave it: serialised one after the other at the link's rate, then on
// the way for the propagation delay. Pure arithmetic on absolute times, so that a late wake-up costs no rate.
//
//   Pacer pacer(Mbps{5.85}, Milliseconds{30});
//   Instant arrival = pacer.enter(now, 1500);
//
// Thread rule: one per thread.
#pragma once

#include <cstddef>

#include "tandem/base/clock.hpp"
#include "tandem/base/units.hpp"

namespace tandem::link {

class Pacer {
 public:
  Pacer(Mbps rate, Milliseconds delay) : rate_(rate), delay_(delay) {}

  // For bytes that enter from now on.
  void change(Mbps rate, Milliseconds delay);

  // The most bytes worth reading at once: about a millisecond's worth, since a chunk arrives only when its last byte
  // has left, but a packet at least.
  [[nodiscard]] std::size_t chunk_bytes() const;

  // How far ahead of time the link may be booked: two chunks, and enough that a late wake-up does not leave it idle.
  [[nodiscard]] Milliseconds look_ahead() const;
  [[nodiscard]] bool has_room(Instant now) const { return free_ - now < look_ahead(); }
  // When half of the look-ahead will have been used up: the time to book more.
  [[nodiscard]] Instant next_room() const { return free_ - look_ahead() / 2; }

  // Bytes that may be inside at once: the bandwidth-delay product, the look-ahead and a little.
  [[nodiscard]] std::size_t capacity() const;

  // Books the link for `bytes` and returns when the last of them arrives; never earlier than what entered before. An
  // idle link starts at `now` (it saves up no credit), one with a backlog where the last booking ended.
  Instant enter(Instant now, std::size_t bytes);

  // Whether bytes were waiting all the time since has_room() was last false.
  void set_backlogged(bool backlogged) { backlogged_ = backlogged; }

 private:
  Mbps rate_;
  Milliseconds delay_;
  Instant free_{};  // when the last byte booked will have left
  Instant last_arrival_{};
  bool backlogged_ = false;
};

}  // namespace tandem::link
