#include "counters.hpp"

#include <charconv>
#include <chrono>
#include <openvino/runtime/properties.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "fill.hpp"
#include "runtime.hpp"
#include "tandem/base/clock.hpp"
#include "tandem/base/random.hpp"

namespace tandem::engine {
namespace {

// Where the time of an executed operation belongs.
struct Owner {
  enum class Part { inside, start, end } part;
  int block;
};

// "block 12 op 3" -> 12, as Network::cut_apart() names them.
std::optional<int> number_after(std::string_view name, std::string_view word) {
  if (!name.starts_with(word)) return std::nullopt;
  int number = 0;
  const char* digits = name.data() + word.size();
  return std::from_chars(digits, name.data() + name.size(), number).ec == std::errc() ? std::optional(number)
                                                                                      : std::nullopt;
}

std::string text_of(const ov::Node& node, const char* key) {
  const auto found = node.get_rt_info().find(key);
  return found == node.get_rt_info().end() ? std::string() : found->second.as<std::string>();
}

// The first of the layers that were fused: the one that does the work, whose time does not depend much on the others.
std::optional<Owner> stated_owner(const ov::Node& node) {
  const std::string names = text_of(node, "originalLayersNames");
  std::optional<Owner> owner;
  for (std::size_t begin = 0; begin < names.size();) {
    const std::size_t comma = std::min(names.find(',', begin), names.size());
    const auto block = number_after(std::string_view(names).substr(begin, comma - begin), "block ");
    if (block && (!owner || *block < owner->block)) owner = Owner{Owner::Part::inside, *block};
    begin = comma + 1;
  }
  return owner;
}

using Owners = std::unordered_map<const ov::Node*, Owner>;

// What the runtime inserted belongs to the end of a group where only its output reads it, to the start where it reads
// nothing but an input, and else to the layer that reads it.
Owners owners_of(const ov::NodeVector& executed) {
  Owners owners;
  std::unordered_map<const ov::Node*, int> from_input;  // first block of the group
  for (const auto& node : executed) {
    if (const auto first = number_after(node->get_friendly_name(), "input ")) {
      from_input.emplace(node.get(), *first);
      continue;
    }
    if (stated_owner(*node) || node->get_input_size() == 0) continue;
    const auto source = from_input.find(node->get_input_node_ptr(0));
    if (source != from_input.end()) from_input.emplace(node.get(), source->second);
  }
  for (auto it = executed.rbegin(); it != executed.rend(); ++it) {
    const ov::Node* node = it->get();
    if (const auto stated = stated_owner(*node)) {
      owners.emplace(node, *stated);
    } else if (const auto last = number_after(node->get_friendly_name(), "output ")) {
      owners.emplace(node, Owner{Owner::Part::end, *last});
    } else if (const auto input = from_input.find(node); input != from_input.end()) {
      owners.emplace(node, Owner{Owner::Part::start, input->second});
    } else {
      for (const auto& output : node->outputs()) {
        for (const auto& reader : output.get_target_inputs()) {
          const auto found = owners.find(reader.get_node());
          if (found != owners.end()) owners.emplace(node, found->second);
        }
      }
    }
  }
  return owners;
}

}  // namespace

struct CountedGroups::Data {
  int blocks = 0;
  ov::CompiledModel compiled;
  ov::InferRequest request;
  std::vector<ov::Tensor> inputs;
};

CountedGroups::CountedGroups(std::unique_ptr<Data> data) : data_(std::move(data)) {}
CountedGroups::CountedGroups(CountedGroups&&) noexcept = default;
CountedGroups& CountedGroups::operator=(CountedGroups&&) noexcept = default;
CountedGroups::~CountedGroups() = default;

Result<CountedGroups> CountedGroups::compile(const network::Network& network,
                                             std::span<const network::BlockRange> groups,
                                             const CompileOptions& options) {
  auto model = network.cut_apart(groups);
  if (!model) return forward_error(model);
  try {
    auto data = std::make_unique<Data>();
    data->blocks = network.size();
    ov::AnyMap settings = properties(options);
    settings.insert(ov::enable_profiling(true));
    data->compiled = runtime().compile_model(std::shared_ptr<const ov::Model>(std::move(*model)), "CPU", settings);
    data->request = data->compiled.create_infer_request();
    Random random(1);
    for (std::size_t i = 0; i < data->compiled.inputs().size(); ++i) {
      const auto& port = data->compiled.inputs()[i];
      ov::Tensor& tensor = data->inputs.emplace_back(port.get_element_type(), port.get_shape());
      const auto type = network::element_type_of(port.get_element_type().get_type_name());
      OPENVINO_ASSERT(type.has_value(), "elements of type ", port.get_element_type(), " are not supported");
      fill_plausibly(*type, {static_cast<std::byte*>(tensor.data()), tensor.get_byte_size()}, random);
      data->request.set_input_tensor(i, tensor);
    }
    return CountedGroups(std::move(data));
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& error) {
    return fail(Errc::unimplemented, "the runtime cannot execute this network: " + reason(error));
  }
}

Result<Milliseconds> CountedGroups::infer() try {
  const Instant start = steady_clock().now();
  data_->request.infer();
  return steady_clock().now() - start;
} catch (const std::bad_alloc&) {
  throw;
} catch (const std::exception& error) {
  return fail(Errc::internal, "inference failed: " + reason(error));
}

Result<Counters> CountedGroups::read() const try {
  std::unordered_map<std::string, Milliseconds> times;
  for (const auto& counted : data_->request.get_profiling_info()) times[counted.node_name] += counted.real_time;
  const auto size = static_cast<std::size_t>(data_->blocks) + 1;
  Counters counters{std::vector<Milliseconds>(size), std::vector<Milliseconds>(size), std::vector<Milliseconds>(size)};
  const auto graph = data_->compiled.get_runtime_model();
  for (const auto& [node, owner] : owners_of(graph->get_ordered_ops())) {
    const auto time = times.find(node->get_friendly_name());
    if (time == times.end()) continue;
    auto& part = owner.part == Owner::Part::inside  ? counters.inside
                 : owner.part == Owner::Part::start ? counters.start
                                                    : counters.end;
    part.at(static_cast<std::size_t>(owner.block)) += time->second;
  }
  return counters;
} catch (const std::bad_alloc&) {
  throw;
} catch (const std::exception& error) {
  return fail(Errc::internal, "reading the runtime's counters: " + reason(error));
}

}  // namespace tandem::engine
