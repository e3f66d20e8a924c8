// `tandem codec tune`: how few bits each place of a network needs, by what coding does to its answers.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>

#include "answers.hpp"
#include "boundary_tensors.hpp"
#include "codec_commands.hpp"
#include "device_profile.hpp"
#include "image_option.hpp"
#include "network_option.hpp"
#include "tandem/base/clock.hpp"
#include "tandem/codec/codec.hpp"
#include "tandem/codec/image.hpp"
#include "tandem/profile/tuning.hpp"
#include "terminal.hpp"
#include "tuning_option.hpp"

namespace tandem::cli {
namespace {

using network::Tensor;
using profile::CodecTuning;
using profile::TunedCoding;

constexpr std::size_t kTimed = 8;  // inputs whose coding is timed, of all that are coded
constexpr double kHopeless = 10;   // times the loss allowed, from which fewer bits are not tried
constexpr double kLeastHopeless = 0.2;
constexpr int kFewBits = 5;  // for which a range without the most extreme values is tried, too
constexpr const char* kClipped = "@99.9";
constexpr const char* kByChannel = "c";

struct TuneCommand {
  NetworkOptions network;
  ImageOptions image;
  std::string data;
  std::string labels;
  int label_offset = 0;
  std::string output;
  std::string max_loss = "0.5%";
  std::vector<int> after;
  std::vector<int> bits{8, 6, 5, 4, 3, 2};
  std::size_t samples = 200;
  bool by_channel = false;
  bool json = false;
};

bool is_float(network::ElementType type) {
  using network::ElementType;
  return type == ElementType::f32 || type == ElementType::f16 || type == ElementType::bf16;
}

bool can_be_tuned(const network::Boundary& boundary) {
  return boundary.tensors.size() == 1 && is_float(boundary.tensors.front().type);
}

// What answers are held against: those of the undivided network, or the labels.
struct Truth {
  std::vector<int> answers;
  double reference = 1.0;  // how often the undivided network gives them

  [[nodiscard]] double loss(std::size_t right) const {
    return reference - static_cast<double>(right) / static_cast<double>(answers.size());
  }
};

// As codec names say them, behind "tfc". A place whose grid the network itself tells has no other.
std::vector<std::string> precisions_of(const network::Boundary& boundary, int bits, bool by_channel) {
  const std::string plain = fmt::format(":{}", bits);
  std::vector<std::string> precisions{bits == 8 ? "" : plain};
  if (boundary.quantization) return precisions;
  if (bits <= kFewBits) precisions.push_back(plain + kClipped);
  if (by_channel) precisions.push_back(plain + kByChannel);
  return precisions;
}

// Codes the tensors, and counts how often the answer is right: adds a row for each codec of that precision.
Result<double> measure_precision(const network::Boundary& boundary, int after, const std::string& precision,
                                 std::span<const Tensor> tensors, const Truth& truth, AnswersBehind& rest,
                                 std::vector<TunedCoding>& rows) {
  const Clock& clock = steady_clock();
  std::vector<std::string> codecs{"tfc" + precision, "tfc-fast" + precision};
  if (precision.empty()) codecs.emplace_back(codec::kLinear8);
  std::vector<TunedCoding> found;
  std::size_t right = 0;
  for (const std::string& name : codecs) {
    // All quantise alike: what one loses, the others do.
    const bool first = found.empty();
    TunedCoding& row = found.emplace_back(TunedCoding{.after = after, .codec = name});
    const std::size_t timed = std::min(tensors.size(), kTimed);
    for (std::size_t i = 0; i < tensors.size(); ++i) {
      const Instant start = clock.now();
      const auto coded = codec::encode(name, tensors[i].spec, tensors[i].data, boundary.quantization);
      if (!coded) return forward_error(coded, name);
      const Instant encoded = clock.now();
      row.bytes += static_cast<double>(coded->size()) / static_cast<double>(tensors.size());
      if (!first && i >= timed) continue;
      Tensor back(tensors[i].spec);
      if (const Status done = codec::decode(*coded, back.spec, back.data); !done) return forward_error(done, name);
      if (i < timed) {
        row.encode += (encoded - start) / static_cast<double>(timed);
        row.decode += (clock.now() - encoded) / static_cast<double>(timed);
      }
      if (!first) continue;
      const auto answer = rest.to(back);
      if (!answer) return forward_error(answer);
      right += *answer == truth.answers[i] ? 1 : 0;
    }
  }
  for (TunedCoding& row : found) {
    row.loss = truth.loss(right);
    rows.push_back(row);
  }
  return truth.loss(right);
}

// The JPEG that a cloud-only plan would send.
Status measure_jpeg(std::span<const Input> inputs, const Result<network::ImageInput>& image_input, const Truth& truth,
                    AnswersBehind& whole, std::vector<TunedCoding>& rows) {
  const Clock& clock = steady_clock();
  TunedCoding row{.after = 0, .codec = std::string(codec::kJpeg)};
  std::size_t right = 0;
  const auto count = static_cast<double>(inputs.size());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (!inputs[i].image || !image_input) return {};
    const codec::Image fitted = codec::fit(*inputs[i].image, *image_input);
    const Instant start = clock.now();
    const auto file = codec::encode_jpeg(fitted, kInputJpegQuality);
    if (!file) return forward_error(file);
    const Instant encoded = clock.now();
    const auto decoded = codec::decode_image(*file);
    if (!decoded) return forward_error(decoded);
    Tensor tensor(inputs[i].tensors.front().spec);
    if (const Status done = codec::to_tensor(*decoded, *image_input, tensor.spec, tensor.data); !done) return done;
    row.encode += (encoded - start) / count;
    row.decode += (clock.now() - encoded) / count;
    row.bytes += static_cast<double>(file->size()) / count;
    const auto answer = whole.to(tensor);
    if (!answer) return forward_error(answer);
    right += *answer == truth.answers[i] ? 1 : 0;
  }
  row.loss = truth.loss(right);
  rows.push_back(std::move(row));
  return {};
}

Result<Truth> truth_for(std::span<const Input> inputs, const TuneCommand& command, AnswersBehind& whole) {
  Truth truth;
  for (const Input& input : inputs) {
    const auto answer = whole.to(input.tensors.front());
    if (!answer) return forward_error(answer);
    truth.answers.push_back(*answer);
  }
  if (command.labels.empty()) return truth;
  const auto labels = read_class_numbers(command.labels);
  if (!labels) return forward_error(labels);
  std::size_t right = 0;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const std::string name = std::filesystem::path(inputs[i].name).filename().string();
    const auto found = labels->find(name);
    if (found == labels->end()) {
      return fail(Errc::invalid_argument, fmt::format("{}: no label of {}", command.labels, name));
    }
    const int label = found->second + command.label_offset;
    right += truth.answers[i] == label ? 1 : 0;
    truth.answers[i] = label;
  }
  truth.reference = static_cast<double>(right) / static_cast<double>(inputs.size());
  return truth;
}

Result<std::vector<int>> places_of(const network::Network& network, const TuneCommand& command) {
  std::vector<int> places;
  for (int k = 0; k <= network.size(); ++k) {
    const bool wanted = command.after.empty() || std::ranges::find(command.after, k) != command.after.end();
    if (wanted && can_be_tuned(network.boundaries()[k])) places.push_back(k);
  }
  for (const int k : command.after) {
    if (std::ranges::find(places, k) != places.end()) continue;
    return fail(Errc::invalid_argument,
                fmt::format("--after {}: no place of {} where one tensor of floats crosses", k, network.name()));
  }
  return places;
}

Result<std::vector<Input>> inputs_of(const TuneCommand& command, const network::Network& network,
                                     const Result<network::ImageInput>& image_input) {
  const auto files = images_in(command.data, command.samples);
  if (!files) return forward_error(files);
  std::vector<Input> inputs;
  inputs.reserve(files->size());
  for (const std::string& file : *files) {
    auto input = read_input(file, network, image_input);
    if (!input) return forward_error(input);
    inputs.push_back(std::move(*input));
  }
  return inputs;
}

Result<CodecTuning> tune(const TuneCommand& command, const network::Network& network, double max_loss) {
  const auto image_input = image_input_with(command.image, network, command.network.reference);
  if (!image_input) return forward_error(image_input);
  const auto inputs = inputs_of(command, network, image_input);
  if (!inputs) return forward_error(inputs);
  const auto places = places_of(network, command);
  if (!places) return forward_error(places);
  auto whole = AnswersBehind::of(network, 0);
  if (!whole) return forward_error(whole);
  const auto truth = truth_for(*inputs, command, *whole);
  if (!truth) return forward_error(truth);

  CodecTuning tuning{.network = network.name(),
                     .fingerprint = network.fingerprint(),
                     .layers = network.size(),
                     .metric = command.labels.empty() ? "agreement" : "accuracy",
                     .samples = static_cast<int>(inputs->size()),
                     .reference = truth->reference,
                     .max_loss = max_loss,
                     .codings = {}};
  if (const Status done = measure_jpeg(*inputs, image_input, *truth, *whole, tuning.codings); !done) {
    return forward_error(done);
  }
  std::vector<int> bits = command.bits;
  std::ranges::sort(bits, std::greater<>());
  Progress progress("tuning the codec for " + network.name(), command.json);
  std::size_t done = 0;
  const auto steps = static_cast<double>(places->size() * bits.size());
  const Status visited = visit_boundaries(network, *places, *inputs, [&](int k, auto tensors) -> Status {
    auto rest = AnswersBehind::of(network, k);
    if (!rest) return forward_error(rest);
    bool hopeless = false;
    for (const int count : bits) {
      progress.update(static_cast<double>(done++) / steps, fmt::format("after {}, {} bits", k, count));
      if (hopeless) continue;
      double least = 1;
      const network::Boundary& boundary = network.boundaries()[k];
      for (const std::string& precision : precisions_of(boundary, count, command.by_channel)) {
        const auto loss = measure_precision(boundary, k, precision, tensors, *truth, *rest, tuning.codings);
        if (!loss) return forward_error(loss, fmt::format("cut after {}", k));
        least = std::min(least, *loss);
      }
      hopeless = least > std::max(kHopeless * max_loss, kLeastHopeless);
    }
    return {};
  });
  if (!visited) return forward_error(visited);
  progress.finish();
  return tuning;
}

std::string text_of(const CodecTuning& tuning, const network::Network& network) {
  Table table({{"cut after"}, {"layer", Table::Align::left}, {"codec", Table::Align::left}, {"bytes"}, {"loss"}});
  int unusable = 0;
  for (int k = 0; k <= tuning.layers; ++k) {
    const bool tuned = std::ranges::any_of(tuning.codings, [k](const TunedCoding& one) { return one.after == k; });
    if (!tuned) continue;
    const TunedCoding* best = best_coding(tuning, k, tuning.max_loss);
    unusable += best == nullptr ? 1 : 0;
    if (best == nullptr) continue;
    table.row({std::to_string(k), k == 0 ? "input" : network.blocks()[k - 1].name, best->codec,
               human_bytes(best->bytes), fmt::format("{:.1f} %", 100 * best->loss)});
  }
  std::string text = table.text(terminal().width);
  if (unusable > 0) text += fmt::format("\n{} more places lose more with every codec: raw there\n", unusable);
  return text;
}

Outcome run_tune(const TuneCommand& command) {
  const auto max_loss = share_of(command.max_loss, "--max-loss");
  if (!max_loss) return forward_error(max_loss);
  const auto network = network::load(command.network.reference, command.network.import);
  if (!network) return forward_error(network);
  const auto tuning = tune(command, *network, *max_loss);
  if (!tuning) return forward_error(tuning);
  const std::string output = command.output.empty() ? command.network.reference + ".tuning.json" : command.output;
  if (const Status saved = profile::save(*tuning, output); !saved) return forward_error(saved);
  if (command.json) {
    fmt::print("{}\n", to_json(*tuning).dump(2));
  } else {
    fmt::print("{}: {} of {} images {:.1f} %; at most {:.2g} % may be lost\n\n{}\nwritten to {}\n", network->name(),
               tuning->metric, tuning->samples, 100 * tuning->reference, 100 * *max_loss, text_of(*tuning, *network),
               output);
  }
  return Exit::done;
}

}  // namespace

void add_codec_tune(CLI::App* codec, Outcome& outcome) {
  auto* command = codec->add_subcommand("tune", "the fewest bits at each place that keep the network's answers");
  auto options = std::make_shared<TuneCommand>();
  add_network_options(command, options->network);
  add_image_options(command, options->image);
  command->add_option("--data", options->data, "a folder of JPEG or PNG files like those the network will see")
      ->required();
  command->add_option("--max-loss", options->max_loss, "of answers that change (or of accuracy, with --labels)")
      ->type_name("SHARE")
      ->capture_default_str();
  command->add_option("--labels", options->labels, "a CSV file with columns file and class; else answers are compared")
      ->type_name("FILE");
  command->add_option("--label-offset", options->label_offset, "what to add to its class numbers")
      ->capture_default_str();
  command->add_option("--after", options->after, "only for cuts after these layers; else for all")->delimiter(',');
  command->add_option("--bits", options->bits, "precisions to try, 2 to 8")
      ->delimiter(',')
      ->check(CLI::Range(2, 8))
      ->default_str("8,6,5,4,3,2");
  command->add_flag("--by-channel", options->by_channel, "try a range for each channel, too");
  command->add_option("--samples", options->samples, "images, at most")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  command->add_option("--output", options->output, "the file; else NETWORK.tuning.json");
  command->add_flag("--json", options->json, "print tandem.tuning.v1");
  example(command, "tandem codec tune mobilenet_v2.tflite --data photographs/ --max-loss 0.5%");
  command->callback([options, &outcome] { outcome = run_tune(*options); });
}

}  // namespace tandem::cli
