#include "tandem/device/answer.hpp"

namespace tandem::device {

Milliseconds Answer::time(Step::Kind kind) const {
  Milliseconds sum{};
  for (const Step& step : steps) {
    if (step.kind == kind) sum += step.time;
  }
  return sum;
}

std::size_t Answer::bytes(Step::Kind kind) const {
  std::size_t sum = 0;
  for (const Step& step : steps) {
    if (step.kind == kind) sum += step.bytes;
  }
  return sum;
}

}  // namespace tandem::device
