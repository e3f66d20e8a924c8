// Which operations form which layer.
#pragma once

#include <string>
#include <vector>

#include "graph.hpp"
#include "tandem/base/result.hpp"

namespace tandem::network {

struct Partition {
  static constexpr int kNone = -1;

  struct Group {
    std::vector<int> ops;  // ascending places in the graph
    int main = kNone;      // the operation that does the work
    std::string name;      // where the model states it
  };

  std::vector<Group> groups;  // in topological order
  std::vector<int> group_of;  // per operation of the graph; kNone for constants, inputs and results
};

// As a runtime executes it: each main operation with the cheap ones around it, see is_follower.
// A tensor that others read as well is always the result of a group, so no group can lie across a boundary.
Partition partition_by_fusion(const Graph& graph);

// As the model states it, see layering.hpp. Error: invalid_argument with the name that no operation has.
Result<Partition> partition_as_stated(const Graph& graph, const std::vector<std::string>& layer_ends);

}  // namespace tandem::network
