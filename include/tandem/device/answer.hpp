// What one request came to: the outputs, and where each part ran, what crossed, and what each step took.
// Thread rule: values.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "tandem/base/units.hpp"
#include "tandem/link/link.hpp"
#include "tandem/network/tensor.hpp"
#include "tandem/profile/load.hpp"

namespace tandem::device {

// One step, in order of execution.
struct Step {
  enum class Kind {
    prepare,  // an image is resized and turned into the input tensor
    device,   // layers first..last here
    encode,   // for the link; of what goes in pieces, the first
    upload,   // includes half the propagation delay and the protocol's overhead
    cloud,    // layers first..last there: queue, decoding, compute, encoding
    download,
    decode,
  };
  Kind kind = Kind::device;
  int first = 0;  // layers, for device and cloud
  int last = 0;
  Milliseconds time{};
  std::size_t bytes = 0;  // coded, for upload and download
  Milliseconds behind{};  // of an upload in pieces: coding that went on meanwhile
};

struct Answer {
  std::vector<network::Tensor> outputs;  // as boundary N of the network
  Milliseconds total{};
  std::vector<Step> steps;
  Milliseconds cloud_compute{};  // of the cloud's steps, what the networks themselves took
  Millijoules energy{};          // modelled: powers times the measured times, radio energy of the bytes
  link::Link link;               // as it is held to be after this request: see link/estimator.hpp
  profile::LoadFactors load;     // likewise, of device and cloud
  bool degraded = false;         // something that was planned for the cloud ran here
  std::string warning;           // why

  [[nodiscard]] Milliseconds time(Step::Kind kind) const;  // sum over the steps of a kind
  [[nodiscard]] std::size_t bytes(Step::Kind kind) const;
};

}  // namespace tandem::device
