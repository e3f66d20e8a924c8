#include "tandem/network/import.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <new>
#include <openvino/pass/constant_folding.hpp>
#include <openvino/pass/manager.hpp>

#include "model_file.hpp"
#include "names.hpp"
#include "openvino.hpp"
#include "tandem/network/zoo.hpp"

namespace tandem::network {
namespace {

using Shapes = std::map<std::string, std::vector<std::int64_t>>;

bool answers_to(const ov::op::v0::Parameter& parameter, const std::string& name) {
  const auto matches = [&](const std::string& own) { return own == name || cleaned(own) == name; };
  const auto& names = parameter.output(0).get_names();
  return matches(parameter.get_friendly_name()) || std::ranges::any_of(names, matches);
}

std::string shown_name(const ov::op::v0::Parameter& parameter) {
  return own_name(parameter).value_or(parameter.get_friendly_name());
}

Status check_shape_names(const ov::Model& model, const Shapes& shapes) {
  for (const auto& [name, shape] : shapes) {
    const auto& parameters = model.get_parameters();
    if (std::ranges::any_of(parameters, [&](const auto& parameter) { return answers_to(*parameter, name); })) continue;
    std::vector<std::string> names;
    for (const auto& parameter : parameters) names.push_back(shown_name(*parameter));
    return fail(Errc::invalid_argument,
                fmt::format("there is no input '{}' to give a shape to; there is {}", name, fmt::join(names, ", ")));
  }
  return {};
}

// An example that fits: open dimensions become 1 (batch), 3 (channels) and a size.
std::string shape_hint(const std::string& name, const ov::PartialShape& shape) {
  std::vector<std::string> extents{"1", "3", "224", "224"};
  if (shape.rank().is_static()) {
    extents.clear();
    for (std::size_t i = 0; i < shape.size(); ++i) {
      const std::string open = i == 0 ? "1" : shape.size() == 4 && i == 1 ? "3" : "224";
      extents.push_back(shape[i].is_static() ? std::to_string(shape[i].get_length()) : open);
    }
  }
  return fmt::format("--shape {}=[{}]", name, fmt::join(extents, ","));
}

Result<ov::PartialShape> static_shape(const ov::op::v0::Parameter& parameter, const ImportOptions& options) {
  for (const auto& [name, extents] : options.shapes) {
    if (!answers_to(parameter, name)) continue;
    if (std::ranges::any_of(extents, [](std::int64_t extent) { return extent < 1; })) {
      return fail(Errc::invalid_argument, fmt::format("the shape given to '{}' has a dimension below 1", name));
    }
    ov::PartialShape shape(std::vector<ov::Dimension>(extents.begin(), extents.end()));
    if (!parameter.get_partial_shape().compatible(shape)) {
      return fail(Errc::invalid_argument, fmt::format("input '{}' takes {}, not {}", name,
                                                      parameter.get_partial_shape().to_string(), shape.to_string()));
    }
    return shape;
  }
  ov::PartialShape shape = parameter.get_partial_shape();
  if (shape.rank().is_static() && shape.size() > 0 && shape[0].is_dynamic()) shape[0] = options.batch;
  if (shape.is_static()) return shape;
  const std::string name = shown_name(parameter);
  return fail(Errc::invalid_argument,
              fmt::format("the shape of input '{}' is open ({}); give it, for example with {}", name,
                          parameter.get_partial_shape().to_string(), shape_hint(name, shape)));
}

Status make_static(ov::Model& model, const ImportOptions& options) {
  if (options.batch < 1) return fail(Errc::invalid_argument, "the batch must be at least 1");
  if (const Status s = check_shape_names(model, options.shapes); !s) return s;
  std::map<ov::Output<ov::Node>, ov::PartialShape> shapes;
  bool changes = false;
  for (const auto& parameter : model.get_parameters()) {
    auto shape = static_shape(*parameter, options);
    if (!shape) return forward_error(shape);
    changes = changes || *shape != parameter->get_partial_shape();
    shapes.emplace(parameter->output(0), std::move(*shape));
  }
  if (changes) model.reshape(shapes);
  return {};
}

// Computes what follows from shapes, now static. Weights that are stored small (8 bits, float16) and unpacked by the
// engine stay small: it runs them in low precision, and the file may be larger than memory once unpacked.
void fold_constants(const std::shared_ptr<ov::Model>& model) {
  constexpr std::size_t kFewElements = 64;
  std::vector<Op> kept;
  for (const auto& op : model->get_ops()) {
    const bool unpacks =
        ov::is_type<ov::op::v0::Convert>(op) && ov::is_type<ov::op::v0::Constant>(op->get_input_node_ptr(0));
    if (!unpacks || !op->get_output_element_type(0).is_real()) continue;
    if (ov::shape_size(op->get_input_shape(0)) <= kFewElements) continue;
    ov::pass::disable_constant_folding(op);
    kept.push_back(op);
  }
  ov::pass::Manager passes;
  passes.register_pass<ov::pass::ConstantFolding>();
  passes.run_passes(model);
  for (const Op& op : kept) ov::pass::enable_constant_folding(op);
}

Result<Network> load_file(const std::filesystem::path& path, const ImportOptions& options) {
  const auto model = read_model_file(path);
  if (!model) return forward_error(model);
  if (const Status s = make_static(**model, options); !s) return forward_error(s);
  fold_constants(*model);
  return Network::from_model(*model, printable(path.stem().string()));
}

}  // namespace

Result<Network> load(const std::string& reference, const ImportOptions& options) try {
  constexpr std::string_view kZoo = "zoo:";
  if (reference.starts_with(kZoo)) {
    return zoo::build(std::string_view(reference).substr(kZoo.size()), {.batch = options.batch, .seed = options.seed});
  }
  auto network = load_file(reference, options);
  if (!network) return forward_error(network, reference);
  return network;
} catch (const std::bad_alloc&) {
  return fail(Errc::resource_exhausted, fmt::format("{}: needs more memory than there is, or is damaged", reference));
} catch (const std::exception& error) {
  return fail(Errc::invalid_argument, fmt::format("{}: {}", reference, first_cause(error)));
}

}  // namespace tandem::network
