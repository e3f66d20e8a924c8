#include "tandem/base/clock.hpp"

#include <thread>

namespace tandem {
namespace {

class SteadyClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override { return Instant(std::chrono::steady_clock::now().time_since_epoch()); }
  void sleep_until(Instant when) const override {
    std::this_thread::sleep_for(std::chrono::duration_cast<std::chrono::nanoseconds>(when - now()));
  }
};

}  // namespace

const Clock& steady_clock() {
  static const SteadyClock clock;
  return clock;
}

}  // namespace tandem
