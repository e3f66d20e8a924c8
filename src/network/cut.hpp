// Cutting a part out of a model.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "graph.hpp"

namespace tandem::network {

// A tensor at an end of the part, as it shows in the new model.
struct End {
  Output tensor;
  TensorSpec spec;
};

// Between the inputs, each given anew, and the outputs.
struct Part {
  std::vector<End> inputs;
  // Where the input lies on a grid of 8-bit codes: the part begins with a fake-quantise of that grid, which changes no
  // value but lets the engine compute in low precision as it does in the whole network.
  std::optional<Quantization> input_quantization;
  std::vector<End> outputs;
};

// Copies the operations between the ends; constants share their memory with `graph`. Linear in operations.
std::shared_ptr<ov::Model> cut_out(const Graph& graph, const Part& part, const std::string& name);

// One model that holds all parts, which depend on nothing of each other: its inputs and outputs are theirs in order.
// Operation `op` of the graph is named `labels[op]`, where that is not empty.
std::shared_ptr<ov::Model> cut_out_all(const Graph& graph, std::span<const Part> parts,
                                       const std::vector<std::string>& labels, const std::string& name);

// All of a model, with what keeps state between calls in it; `part` names its ends.
std::shared_ptr<ov::Model> copy_whole(const ov::Model& model, const Part& part, const std::string& name);

}  // namespace tandem::network
