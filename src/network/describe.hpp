// The plain picture of an analysed model: names, layers, edges, blocks and boundaries.
#pragma once

#include <vector>

#include "boundaries.hpp"
#include "tandem/network/network.hpp"

namespace tandem::network {

struct Description {
  std::vector<Layer> layers;
  std::vector<Edge> edges;
  std::vector<Block> blocks;
  std::vector<Boundary> boundaries;
};

// Error: unimplemented for tensors between layers whose elements we do not carry.
Result<Description> describe(const ov::Model& model, const Graph& graph, const Partition& partition,
                             const std::vector<Crossing>& crossings);

}  // namespace tandem::network
