// A network that is small enough to be profiled in a moment.
#pragma once

#include <string>

namespace tandem::e2e {

struct Pools {
  int layers = 4;
  int channels = 4;
  bool classifies = false;  // the last layer leaves one value of each channel, as of a class
};

// A chain of poolings of 16 by 16 values, in OpenVINO's format: FILE, which ends in .xml, and the empty file of its
// weights beside it.
void write_pools(const std::string& file, const Pools& pools);

}  // namespace tandem::e2e
