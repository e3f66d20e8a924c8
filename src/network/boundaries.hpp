// Where a network can be divided: after which layers exactly one tensor is still needed.
#pragma once

#include <optional>
#include <vector>

#include "partition.hpp"

namespace tandem::network {

struct Crossing {
  int after = 0;  // so many layers lie before it
  std::vector<Output> tensors;
};

// From the inputs (after 0) to the outputs (after all). A model that keeps state between calls has no others, nor do
// places have one where the tensor's elements are of a type that we do not carry. Linear in operations.
std::vector<Crossing> find_crossings(const ov::Model& model, const Graph& graph, const Partition& partition);

// The 8-bit codes that carry `tensor` exactly: it comes from a fake-quantise with one constant range and at most 256
// levels, perhaps through operations that keep values as they are (reshapes, selections, max pooling, concatenation of
// equals, clamps to values on the grid).
std::optional<Quantization> quantization_of(const Output& tensor);

}  // namespace tandem::network
