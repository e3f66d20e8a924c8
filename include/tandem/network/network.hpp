// A neural network as a graph of layers, and the chain of boundaries along which it can be divided.
//
//   Result<Network> network = network::load("mobilenet.onnx");      // or "zoo:resnet50"
//   for (const Boundary& b : network->boundaries()) fmt::print("{} bytes\n", b.bytes());
//   Result<std::shared_ptr<ov::Model>> tail = network->cut({.first = 8, .last = network->size()});
//
// A layer is what a runtime executes as one unit: a convolution with its bias, batch norm and activation. Layers form
// a DAG. A boundary is a place where exactly one tensor crosses (all inputs before the first layer, all outputs after
// the last). What lies between two neighbouring boundaries is a block: one layer, or a branchy part that is divided as
// a whole. Blocks are the "layers 1..N" of chapter 2 of the dissertation and of profiles and plans.
//
// Thread rule: immutable; copies share the graph; any thread may call any function.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tandem/base/result.hpp"
#include "tandem/network/tensor.hpp"

namespace ov {
class Model;
}

namespace tandem::network {

struct Layer {
  std::string name;             // the model's own name, unique within the network
  std::string type;             // of the main operation: "Convolution", "MatMul", "Add", …
  TensorSpec output;            // its (first) result
  std::int64_t macs = 0;        // multiply-accumulates of convolutions and matrix products
  std::int64_t parameters = 0;  // trained numbers

  bool operator==(const Layer&) const = default;
};

// `from`, `to`: 0-based places in layers(); from == -1 is the network's input, to == -1 its output.
struct Edge {
  int from = -1;
  int to = -1;
  TensorSpec tensor;

  bool operator==(const Edge&) const = default;
};

struct Boundary {
  std::vector<TensorSpec> tensors;  // one, but for networks of several inputs or outputs
  // Set where the tensor is fake-quantised to at most 256 levels: 8 bits carry it exactly.
  std::optional<Quantization> quantization;

  // Uncompressed, in the network's own type: 4 per float32 value, 1 per quantised code.
  [[nodiscard]] std::size_t bytes() const;
  bool operator==(const Boundary&) const = default;
};

// Layers first_layer..last_layer (0-based, inclusive) of layers().
struct Block {
  std::string name;  // of its only layer, or "first … last" of a branchy part
  int first_layer = 0;
  int last_layer = 0;
  std::int64_t macs = 0;
  std::int64_t parameters = 0;

  bool operator==(const Block&) const = default;
};

// Consecutive blocks, 1-based, inclusive, as in the dissertation: L_first..L_last.
struct BlockRange {
  int first = 1;
  int last = 1;
  bool operator==(const BlockRange&) const = default;
};

class Network {
 public:
  // Analyses `model`, whose shapes must be static, and takes it over. A model may state its own layering, as the zoo
  // does (see layering.hpp). Errors: invalid_argument (dynamic shape, no input or output), with the operation's name.
  static Result<Network> from_model(std::shared_ptr<ov::Model> model, std::string name);

  [[nodiscard]] const std::string& name() const;
  [[nodiscard]] const std::vector<Layer>& layers() const;  // in topological order
  [[nodiscard]] const std::vector<Edge>& edges() const;
  [[nodiscard]] const std::vector<Block>& blocks() const;         // N of them
  [[nodiscard]] const std::vector<Boundary>& boundaries() const;  // N + 1: [k] lies after block k, [0] is the input
  [[nodiscard]] int size() const { return static_cast<int>(blocks().size()); }
  // 16 hex digits over operations, shapes, attributes and weights; names do not count. The same in every process.
  [[nodiscard]] const std::string& fingerprint() const;
  [[nodiscard]] std::shared_ptr<const ov::Model> model() const;

  // The sub-network of the blocks `range` as a model of its own, sharing weights with this one: its inputs are
  // boundary first-1, its outputs boundary last, with those boundaries' names, types and shapes.
  // Error: invalid_argument where the range does not lie within 1..N.
  [[nodiscard]] Result<std::shared_ptr<ov::Model>> cut(BlockRange range) const;

  // One model that executes several groups, each from an input of its own: for a runtime's counters, which then tell
  // where many groups spend their time. Its operations are named by the block they belong to ("block 12 op 3"), its
  // ends by the first or last block of their group ("input 12", "output 14").
  // Errors: invalid_argument where a range does not lie within 1..N; unimplemented where a network that keeps state
  // would be divided.
  [[nodiscard]] Result<std::shared_ptr<ov::Model>> cut_apart(std::span<const BlockRange> ranges) const;

 private:
  struct Data;
  explicit Network(std::shared_ptr<const Data> data) : data_(std::move(data)) {}
  [[nodiscard]] Status check_range(BlockRange range) const;
  std::shared_ptr<const Data> data_;
};

}  // namespace tandem::network
