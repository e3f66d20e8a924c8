// What an operation costs and holds, from its shapes.
#pragma once

#include <cstdint>
#include <unordered_set>

#include "graph.hpp"

namespace tandem::network {

// Multiply-accumulates of convolutions, matrix products and recurrent cells (bodies of loops times their trips);
// 0 for everything else.
std::int64_t macs_of(const ov::Node& op);

// Counts trained numbers: weights, biases, scales and shifts, embeddings; not shapes, quantisation ranges or fixed
// scalars. A constant that several operations share counts for the first that is asked about.
class ParameterCounter {
 public:
  std::int64_t count(const ov::Node& op);

 private:
  std::unordered_set<const ov::Node*> counted_;
};

}  // namespace tandem::network
