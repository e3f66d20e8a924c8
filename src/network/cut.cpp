#include "cut.hpp"

#include <map>

namespace tandem::network {
namespace {

using Replacement = std::map<Output, Output>;

// The operations that `part`'s outputs need and its inputs do not give.
std::vector<bool> needed(const Graph& graph, const Part& part, const Replacement& given) {
  std::vector<bool> need(graph.size(), false);
  for (const End& end : part.outputs) {
    if (!given.contains(end.tensor)) need[graph.place(end.tensor)] = true;
  }
  for (int op = graph.size() - 1; op >= 0; --op) {
    if (!need[op]) continue;
    for (const Output& input : graph.ops[op]->input_values()) {
      if (!given.contains(input)) need[graph.place(input)] = true;
    }
  }
  return need;
}

Output regridded(const Output& input, const Quantization& grid) {
  const auto bound = [](float value) { return ov::op::v0::Constant::create(ov::element::f32, ov::Shape{}, {value}); };
  const auto low = bound(grid.low);
  const auto high = bound(grid.high);
  return std::make_shared<ov::op::v0::FakeQuantize>(input, low, high, low, high, grid.levels);
}

Op copy_of(const Op& op, const ov::OutputVector& inputs) {
  Op copy = op->clone_with_new_inputs(inputs);
  copy->set_friendly_name(op->get_friendly_name());
  copy->get_rt_info() = op->get_rt_info();
  return copy;
}

void name_parameter(ov::op::v0::Parameter& parameter, const std::string& name) {
  parameter.set_friendly_name(name);
  parameter.output(0).set_names({name});
}

void name_result(ov::op::v0::Result& result, const std::string& name) {
  result.set_friendly_name(name);
  result.output(0).get_tensor().set_names({name});
}

struct Ends {
  ov::ParameterVector parameters;
  ov::ResultVector results;
};

// Adds the part's copy to `ends`. `labels`: new names of operations, see cut_out_all(); none keeps them all.
void copy_part(const Graph& graph, const Part& part, const std::vector<std::string>& labels, Ends& ends) {
  Replacement replacement;
  for (const End& end : part.inputs) {
    const auto parameter =
        std::make_shared<ov::op::v0::Parameter>(end.tensor.get_element_type(), end.tensor.get_shape());
    name_parameter(*parameter, end.spec.name);
    ends.parameters.push_back(parameter);
    Output input = parameter->output(0);
    if (part.input_quantization) input = regridded(input, *part.input_quantization);
    replacement.emplace(end.tensor, input);
  }

  const std::vector<bool> need = needed(graph, part, replacement);
  for (int op = 0; op < graph.size(); ++op) {
    if (!need[op]) continue;
    ov::OutputVector inputs;
    for (const Output& input : graph.ops[op]->input_values()) inputs.push_back(replacement.at(input));
    const Op copy = copy_of(graph.ops[op], inputs);
    if (!labels.empty() && !labels[op].empty()) copy->set_friendly_name(labels[op]);
    // Does not replace an input of the part, whose operation may be needed for another of its results.
    for (const Output& output : graph.ops[op]->outputs()) replacement.emplace(output, copy->output(output.get_index()));
  }

  for (const End& end : part.outputs) {
    ends.results.push_back(std::make_shared<ov::op::v0::Result>(replacement.at(end.tensor)));
    name_result(*ends.results.back(), end.spec.name);
  }
}

}  // namespace

std::shared_ptr<ov::Model> cut_out(const Graph& graph, const Part& part, const std::string& name) {
  return cut_out_all(graph, std::span(&part, 1), {}, name);
}

std::shared_ptr<ov::Model> cut_out_all(const Graph& graph, std::span<const Part> parts,
                                       const std::vector<std::string>& labels, const std::string& name) {
  Ends ends;
  for (const Part& part : parts) copy_part(graph, part, labels, ends);
  return std::make_shared<ov::Model>(ends.results, ends.parameters, name);
}

std::shared_ptr<ov::Model> copy_whole(const ov::Model& model, const Part& part, const std::string& name) {
  std::shared_ptr<ov::Model> copy = model.clone();
  for (std::size_t i = 0; i < part.inputs.size(); ++i)
    name_parameter(*copy->get_parameters()[i], part.inputs[i].spec.name);
  for (std::size_t i = 0; i < part.outputs.size(); ++i) name_result(*copy->get_results()[i], part.outputs[i].spec.name);
  copy->set_friendly_name(name);
  return copy;
}

}  // namespace tandem::network
