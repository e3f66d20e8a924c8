// `tandem codec`: priors for the codec of features, trained on a network's own tensors.
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "boundary_tensors.hpp"
#include "codec_commands.hpp"
#include "image_option.hpp"
#include "network_option.hpp"
#include "tandem/base/json.hpp"
#include "tandem/codec/codec.hpp"
#include "tandem/codec/prior.hpp"
#include "terminal.hpp"

namespace tandem::cli {
namespace {

struct TrainCommand {
  NetworkOptions network;
  ImageOptions image;
  std::string data;
  std::string output;
  std::vector<int> after;
  std::vector<int> bits{8};
  std::size_t samples = 40;
  bool json = false;
};

bool can_have_prior(const network::Boundary& boundary) {
  if (boundary.tensors.size() != 1) return false;
  const network::TensorSpec& spec = boundary.tensors.front();
  using network::ElementType;
  const bool is_float =
      spec.type == ElementType::f32 || spec.type == ElementType::f16 || spec.type == ElementType::bf16;
  return is_float && spec.shape.size() == 4 && spec.shape[0] == 1 && spec.shape[2] > 1 && spec.shape[3] > 1;
}

Result<std::vector<int>> boundaries_of(const network::Network& network, const TrainCommand& command) {
  std::vector<int> boundaries = command.after;
  if (boundaries.empty()) {
    for (int k = 1; k < network.size(); ++k) {
      if (can_have_prior(network.boundaries()[k])) boundaries.push_back(k);
    }
  }
  std::ranges::sort(boundaries);
  for (const int k : boundaries) {
    if (k < 1 || k >= network.size() || !can_have_prior(network.boundaries()[k])) {
      return fail(Errc::invalid_argument, fmt::format("--after {}: no place within {} where float planes cross; see "
                                                      "tandem inspect --boundaries",
                                                      k, network.name()));
    }
  }
  return boundaries;
}

Outcome run_train(const TrainCommand& command) {
  const auto network = network::load(command.network.reference, command.network.import);
  if (!network) return forward_error(network);
  const auto image_input = image_input_with(command.image, *network, command.network.reference);
  if (!image_input) return forward_error(image_input);
  const auto files = images_in(command.data, command.samples);
  if (!files) return forward_error(files);
  const auto boundaries = boundaries_of(*network, command);
  if (!boundaries) return forward_error(boundaries);
  std::vector<Input> inputs;
  for (const std::string& file : *files) {
    auto input = read_input(file, *network, image_input);
    if (!input) return forward_error(input);
    input->image.reset();
    inputs.push_back(std::move(*input));
  }
  Progress progress("training priors of " + network->name(), command.json);
  codec::Priors priors;
  Json rows = Json::array();
  Table table(
      {{"cut after"}, {"layer", Table::Align::left}, {"tensor", Table::Align::left}, {"bits"}, {"prior"}, {"hash"}});
  std::size_t done = 0;
  const Status visited = visit_boundaries(*network, *boundaries, inputs, [&](int k, auto tensors) -> Status {
    const network::Boundary& boundary = network->boundaries()[k];
    progress.update(static_cast<double>(done++) / static_cast<double>(boundaries->size()),
                    network->blocks()[k - 1].name);
    for (const int bits : command.bits) {
      auto prior = codec::train_prior(boundary.tensors.front(), tensors, bits, boundary.quantization);
      if (!prior) return forward_error(prior, fmt::format("cut after {}", k));
      const std::string hash = fmt::format("{:08x}", prior->hash());
      rows.push_back({{"after", k}, {"bits", bits}, {"bytes", prior->bytes().size()}, {"hash", hash}});
      table.row({std::to_string(k), network->blocks()[k - 1].name, to_string(boundary.tensors.front()),
                 std::to_string(bits), human_bytes(static_cast<double>(prior->bytes().size())), hash});
      priors.add({.boundary = k, .prior = std::move(*prior)});
    }
    return {};
  });
  if (!visited) return forward_error(visited);
  progress.finish();
  const std::string output =
      command.output.empty() ? codec::priors_path(command.network.reference).string() : command.output;
  if (const Status saved = codec::save(priors, output); !saved) return forward_error(saved);
  if (command.json) {
    fmt::print("{}\n", Json{{"file", output}, {"network", network->name()}, {"priors", rows}}.dump(2));
  } else {
    fmt::print("{}\nwritten to {}\n", table.text(terminal().width), output);
  }
  return Exit::done;
}

}  // namespace

void add_codec(CLI::App& program, Outcome& outcome) {
  auto* command =
      program.add_subcommand("codec", "the codec of features: priors and precisions for a network's own tensors");
  command->require_subcommand(1);
  example(command, "tandem codec train mobilenet_v2.tflite --data photographs/");
  auto* train =
      command->add_subcommand("train", "fit priors: filters and tables for the places where a network is cut");
  auto options = std::make_shared<TrainCommand>();
  add_network_options(train, options->network);
  add_image_options(train, options->image);
  train->add_option("--data", options->data, "a folder of JPEG or PNG files like those the network will see")
      ->required();
  train->add_option("--after", options->after, "only for cuts after these layers; else for all")->delimiter(',');
  train->add_option("--bits", options->bits, "precisions, 2 to 8")
      ->delimiter(',')
      ->check(CLI::Range(2, 8))
      ->default_str("8");
  train->add_option("--samples", options->samples, "images to train on, at most")
      ->check(CLI::Range(1, 10000))
      ->capture_default_str();
  train->add_option("--output", options->output, "the file; else NETWORK.priors");
  train->add_flag("--json", options->json, "machine-readable answer");
  example(train, "tandem codec train mobilenet_v2.tflite --data photographs/ --after 8,12 --bits 8,4");
  train->callback([options, &outcome] { outcome = run_train(*options); });
  add_codec_tune(command, outcome);
}

}  // namespace tandem::cli
