// What people call the cut of a plan: how many layers run on the device.
#pragma once

#include "tandem/plan/plan.hpp"

namespace tandem::cli {

inline int cut_of(const plan::Plan& plan) {
  int layers = 0;
  for (const plan::Segment& segment : plan.segments) {
    if (segment.place == plan::Place::device) layers += segment.last - segment.first + 1;
  }
  return layers;
}

}  // namespace tandem::cli
