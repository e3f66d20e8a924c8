// An ov::Model as a list of operations in an order that depends on its structure alone, so that layers, boundaries and
// fingerprints come out the same in every process.
#pragma once

#include <unordered_map>
#include <vector>

#include "openvino.hpp"

namespace tandem::network {

struct Graph {
  // Topological: depth first from the results (then state, then inputs nobody reads), inputs in order.
  std::vector<Op> ops;
  std::unordered_map<const ov::Node*, int> index;
  // Does not depend on any input: constants, and weights behind converts and transposes.
  std::vector<bool> constant;

  explicit Graph(const ov::Model& model);

  [[nodiscard]] int size() const { return static_cast<int>(ops.size()); }
  [[nodiscard]] int place(const ov::Node* op) const { return index.at(op); }
  [[nodiscard]] int place(const Output& output) const { return index.at(output.get_node()); }
  // An operation that belongs to a layer: neither constant nor an end of the network.
  [[nodiscard]] bool is_inner(int op) const;
  // The tensors that `op` reads and that depend on the network's input, each once, in order.
  [[nodiscard]] std::vector<Output> variable_inputs(int op) const;
  // Places of the operations that read `output`, each once, ascending. Those that no result depends on are left out.
  [[nodiscard]] std::vector<int> consumers(const Output& output) const;
};

}  // namespace tandem::network
