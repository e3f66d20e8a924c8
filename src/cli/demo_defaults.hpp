// What `tandem demo` and `tandem bench split` run when nothing else is asked for: the same pairs, so that the bench
// speaks about the demo.
#pragma once

#include <string>
#include <vector>

#include "device_profile.hpp"

namespace tandem::cli {

inline std::vector<std::string> default_demo_networks() {
  return {"zoo:resnet50", "zoo:alexnet", "zoo:chair"};
}
inline std::vector<std::string> default_demo_links() {
  return {"3g", "4g", "wifi"};
}

// A phone-class device: one core of a server does in 1 ms what it does in 10; 4 W while it computes, 0.3 W while it
// waits.
inline DeviceOptions default_demo_device() {
  return {.compile = {.threads = 1, .slowdown = 10.0}, .idle_mw = 300.0, .busy_mw = 4000.0};
}

}  // namespace tandem::cli
