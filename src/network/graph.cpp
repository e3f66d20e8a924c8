#include "graph.hpp"

#include <algorithm>

namespace tandem::network {
namespace {

// Depth first without recursion: networks may be tens of thousands of operations deep.
void visit(const Op& root, Graph& graph) {
  struct Frame {
    Op op;
    std::size_t next_input = 0;
  };
  if (graph.index.contains(root.get())) return;
  constexpr int kOnStack = -1;
  graph.index.emplace(root.get(), kOnStack);
  std::vector<Frame> stack{{root}};
  while (!stack.empty()) {
    Frame& top = stack.back();
    if (top.next_input < top.op->get_input_size()) {
      Op input = top.op->get_input_node_shared_ptr(top.next_input++);
      if (graph.index.emplace(input.get(), kOnStack).second) stack.push_back({std::move(input)});
      continue;
    }
    graph.index[top.op.get()] = graph.size();
    graph.ops.push_back(std::move(top.op));
    stack.pop_back();
  }
}

}  // namespace

Graph::Graph(const ov::Model& model) {
  for (const auto& result : model.get_results()) visit(result, *this);
  for (const auto& sink : model.get_sinks()) visit(sink, *this);
  for (const auto& parameter : model.get_parameters()) visit(parameter, *this);

  constant.resize(ops.size());
  for (int i = 0; i < size(); ++i) {
    const Op& op = ops[i];
    // What keeps state reads something even though no input leads there.
    const bool varies = ov::is_type<ov::op::v0::Parameter>(op) || ov::is_type<ov::op::util::ReadValueBase>(op);
    constant[i] = !varies;
    for (std::size_t input = 0; constant[i] && input < op->get_input_size(); ++input) {
      constant[i] = constant[place(op->get_input_node_ptr(input))];
    }
  }
}

bool Graph::is_inner(int op) const {
  return !constant[op] && !ov::is_type<ov::op::v0::Parameter>(ops[op]) && !ov::is_type<ov::op::v0::Result>(ops[op]);
}

std::vector<Output> Graph::variable_inputs(int op) const {
  std::vector<Output> inputs;
  for (const Output& input : ops[op]->input_values()) {
    if (!constant[place(input)] && std::ranges::find(inputs, input) == inputs.end()) inputs.push_back(input);
  }
  return inputs;
}

std::vector<int> Graph::consumers(const Output& output) const {
  std::vector<int> places;
  for (const auto& input : output.get_target_inputs()) {
    const auto found = index.find(input.get_node());
    if (found != index.end()) places.push_back(found->second);
  }
  std::ranges::sort(places);
  places.erase(std::ranges::unique(places).begin(), places.end());
  return places;
}

}  // namespace tandem::network
