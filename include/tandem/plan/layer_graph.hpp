// A network's layers as a graph to plan, and plans that may divide inside blocks.
//
//   Result<LayerGraph> layers = layer_graph(network, device_table, cloud_table);
//   Result<GraphPlan> plan = solve_inside_blocks(*problem, *layers, {.link = link});
//
// Profiles measure groups of blocks as a runtime fuses them, and no layer inside a block of several. So there are two
// kinds of cost: where a block stays whole, the fused cost of its group, measured; where it is divided, the sum of its
// layers', each a modelled share of the block's. A plan that divides no block is optimal for the fused costs; one that
// does is optimal only if the shares are right, and is not called proven.
// Thread rule: values.
#pragma once

#include <vector>

#include "tandem/network/network.hpp"
#include "tandem/plan/graph_plan.hpp"

namespace tandem::plan {

struct LayerGraph {
  Graph graph;  // nodes are the network's layers, costs additive
  struct Block {
    int first = 0;  // of its layers, places in graph.nodes
    int last = 0;
    bool operator==(const Block&) const = default;
  };
  std::vector<Block> blocks;  // in order; each but the last hands on the result of one layer
};

// A block's cost is shared among its layers as their multiply-accumulates and the bytes they read and write are, ten of
// the former counting as much as one of the latter. Tensors cross uncompressed. `loads` as those of ProblemOptions.
// Error: failed_precondition, where a profile is of another network.
Result<LayerGraph> layer_graph(const network::Network& network, const profile::CostTable& device,
                               const profile::CostTable& cloud, const profile::LoadFactors& loads = {});

struct InsideBlocks {
  link::Link link;
  Milliwatts idle_power{};  // of the device while it waits
};

// The best schedule of groups of blocks and divided blocks: the shortest path of solve(chain), in which a block may
// also be taken by the minimum cut of its layers, from either place its input may be on to either place of its result.
// Groups and boundaries cost what `chain` says; inside a divided block tensors cross uncompressed. Limits are not kept.
// O(N^2) for N blocks, and four minimum cuts for each of several layers.
// Errors: invalid_argument (limits; blocks that do not fit the chain), as solve(GraphProblem).
Result<GraphPlan> solve_inside_blocks(const Problem& chain, const LayerGraph& layers, const InsideBlocks& options);

}  // namespace tandem::plan
