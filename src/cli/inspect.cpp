// `tandem inspect`: what a network is made of, and what would cross at each place where it can be divided.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>
#include <numeric>

#include "command.hpp"
#include "network_option.hpp"
#include "tandem/base/json.hpp"
#include "terminal.hpp"

namespace tandem::cli {
namespace {

using network::Boundary;
using network::Layer;
using network::Network;
using network::TensorSpec;

struct InspectOptions {
  NetworkOptions network;
  bool json = false;
  bool boundaries = false;
};

Json json_of(const TensorSpec& tensor) {
  return {{"name", tensor.name},
          {"shape", tensor.shape},
          {"element_type", std::string(name_of(tensor.type))},
          {"bytes", tensor.bytes()}};
}

Json json_of(const std::vector<TensorSpec>& tensors) {
  Json list = Json::array();
  for (const TensorSpec& tensor : tensors) list.push_back(json_of(tensor));
  return list;
}

Json json_of(const Layer& layer) {
  return {{"name", layer.name},          {"type", layer.type},
          {"shape", layer.output.shape}, {"element_type", std::string(name_of(layer.output.type))},
          {"macs", layer.macs},          {"parameters", layer.parameters}};
}

// Code c stands for (c - zero_point) * scale.
Json json_of(const network::Quantization& grid) {
  return {{"scale", grid.scale()},
          {"zero_point", -grid.low / grid.scale()},
          {"low", grid.low},
          {"high", grid.high},
          {"levels", grid.levels}};
}

// The layer after which boundary `k` lies; empty at the input.
std::string layer_before(const Network& network, std::size_t k) {
  return k == 0 ? std::string() : network.layers()[network.blocks()[k - 1].last_layer].name;
}

Json json_of_boundary(const Network& network, std::size_t k) {
  const Boundary& boundary = network.boundaries()[k];
  const TensorSpec& tensor = boundary.tensors.front();
  Json json{{"after", k},
            {"layer", layer_before(network, k)},
            {"shape", tensor.shape},
            {"element_type", std::string(name_of(tensor.type))},
            {"bytes", boundary.bytes()}};
  if (boundary.tensors.size() > 1) json["tensors"] = json_of(boundary.tensors);
  if (boundary.quantization) json["quantization"] = json_of(*boundary.quantization);
  return json;
}

std::int64_t total(const Network& network, std::int64_t Layer::* what) {
  const auto& layers = network.layers();
  return std::accumulate(layers.begin(), layers.end(), std::int64_t{0},
                         [what](std::int64_t sum, const Layer& layer) { return sum + layer.*what; });
}

Json json_of(const Network& network) {
  Json json{{"name", network.name()},
            {"fingerprint", network.fingerprint()},
            {"inputs", json_of(network.boundaries().front().tensors)},
            {"outputs", json_of(network.boundaries().back().tensors)},
            {"macs", total(network, &Layer::macs)},
            {"parameters", total(network, &Layer::parameters)},
            {"layers", Json::array()},
            {"edges", Json::array()},
            {"blocks", Json::array()},
            {"boundaries", Json::array()}};
  for (const Layer& layer : network.layers()) json["layers"].push_back(json_of(layer));
  for (const network::Edge& edge : network.edges()) {
    json["edges"].push_back(
        {{"from", edge.from}, {"to", edge.to}, {"shape", edge.tensor.shape}, {"bytes", edge.tensor.bytes()}});
  }
  for (const network::Block& block : network.blocks()) {
    json["blocks"].push_back({{"name", block.name},
                              {"first_layer", block.first_layer},
                              {"last_layer", block.last_layer},
                              {"macs", block.macs},
                              {"parameters", block.parameters}});
  }
  for (std::size_t k = 0; k < network.boundaries().size(); ++k)
    json["boundaries"].push_back(json_of_boundary(network, k));
  return json;
}

std::string shapes_of(const std::vector<TensorSpec>& tensors) {
  std::vector<std::string> shapes;
  shapes.reserve(tensors.size());
  for (const TensorSpec& tensor : tensors) shapes.push_back(to_string(tensor));
  return fmt::format("{}", fmt::join(shapes, " "));
}

std::string crossing_of(const Boundary& boundary) {
  return fmt::format("{}{}", human_bytes(static_cast<double>(boundary.bytes())),
                     boundary.quantization ? " (8-bit)" : "");
}

std::string count_or_blank(std::int64_t count) {
  return count == 0 ? "" : human_count(static_cast<double>(count));
}

// The folders that all layers' names begin with, such as "MobilenetV2/": left out of tables, where names are long
// enough.
std::string shared_folder(const Network& network) {
  std::string_view shared = network.layers().front().name;
  for (const Layer& layer : network.layers()) {
    const auto differs = std::ranges::mismatch(shared, layer.name).in1;
    shared = shared.substr(0, static_cast<std::size_t>(differs - shared.begin()));
  }
  const auto slash = shared.rfind('/');
  return slash == std::string_view::npos ? std::string() : std::string(shared.substr(0, slash + 1));
}

// One row a layer. Bytes stand where the network can be divided: behind the last layer of each block.
std::string layer_table(const Network& network, int width) {
  using enum Table::Align;
  Table table({{"#"}, {"layer", left}, {"type", left}, {"output", left}, {"MACs"}, {"parameters"}, {"crosses"}});
  const auto& boundaries = network.boundaries();
  const std::size_t skip = shared_folder(network).size();
  table.row({"", "(input)", "", shapes_of(boundaries.front().tensors), "", "", crossing_of(boundaries.front())});
  for (int k = 1; k <= network.size(); ++k) {
    const network::Block& block = network.blocks()[k - 1];
    for (int i = block.first_layer; i <= block.last_layer; ++i) {
      const Layer& layer = network.layers()[i];
      const bool divides = i == block.last_layer;
      table.row({divides ? std::to_string(k) : "", layer.name.substr(skip), layer.type, to_string(layer.output),
                 count_or_blank(layer.macs), count_or_blank(layer.parameters),
                 divides ? crossing_of(boundaries[k]) : "│"});
    }
  }
  return table.text(width);
}

std::string boundary_table(const Network& network, int width) {
  using enum Table::Align;
  Table table({{"after"}, {"layer", left}, {"tensor", left}, {"bytes"}, {"MACs before"}});
  const std::size_t skip = shared_folder(network).size();
  std::int64_t macs = 0;
  for (int k = 0; k <= network.size(); ++k) {
    const Boundary& boundary = network.boundaries()[k];
    if (k > 0) macs += network.blocks()[k - 1].macs;
    table.row({std::to_string(k), k == 0 ? "(input)" : layer_before(network, k).substr(skip),
               shapes_of(boundary.tensors), crossing_of(boundary), count_or_blank(macs)});
  }
  return table.text(width);
}

Outcome run_inspect(const InspectOptions& options) {
  const auto network = network::load(options.network.reference, options.network.import);
  if (!network) return forward_error(network);
  if (options.json) {
    fmt::print("{}\n", json_of(*network).dump(2));
    return Exit::done;
  }
  fmt::print("{}: {} layers, {} places to divide, {} MACs, {} parameters, fingerprint {}\n", network->name(),
             network->layers().size(), network->size() + 1,
             human_count(static_cast<double>(total(*network, &Layer::macs))),
             human_count(static_cast<double>(total(*network, &Layer::parameters))), network->fingerprint());
  if (const std::string folder = shared_folder(*network); !folder.empty()) fmt::print("all within {}\n", folder);
  fmt::print("\n");
  const int width = terminal().width;
  fmt::print("{}", options.boundaries ? boundary_table(*network, width) : layer_table(*network, width));
  return Exit::done;
}

}  // namespace

void add_inspect(CLI::App& program, Outcome& outcome) {
  auto* command = program.add_subcommand("inspect", "a network's layers, and what crosses where it can be divided");
  auto options = std::make_shared<InspectOptions>();
  add_network_options(command, options->network);
  command->add_flag("--boundaries", options->boundaries, "only the places where the network can be divided");
  command->add_flag("--json", options->json, "machine-readable answer");
  example(command, "tandem inspect mobilenet_v2.tflite --boundaries");
  command->callback([options, &outcome] { outcome = run_inspect(*options); });
}

}  // namespace tandem::cli
