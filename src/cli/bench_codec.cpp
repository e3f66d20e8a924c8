// `tandem bench codec`: our coders beside PNG, zstd, JPEG XL and WebP on the features of real networks, in one run on
// one core.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>
#include <sstream>

#include "answers.hpp"
#include "bench_rows.hpp"
#include "boundary_tensors.hpp"
#include "inputs.hpp"
#include "plot.hpp"
#include "tandem/codec/codec.hpp"
#include "tandem/codec/measure.hpp"
#include "tandem/codec/prior.hpp"
#include "tandem/network/image_input.hpp"
#include "tandem/network/import.hpp"
#include "terminal.hpp"

namespace tandem::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kData =
    "TANDEM_BENCH_DATA";  // a folder with imagenet_models, imagenet_photos and imagenet_samples
constexpr const char* kPhotos = "TANDEM_BENCH_PHOTOS";  // how many photographs the figures are of
constexpr const char* kPlot = "TANDEM_BENCH_PLOT";      // a file to draw the means to: .svg or .png
constexpr std::size_t kUsualPhotos = 40;
constexpr std::size_t kPlacesPerNetwork = 5;
constexpr std::size_t kLeastValues = 6000;
constexpr const char* kSome = "TANDEM_BENCH_CODERS";  // which coders, beside those that all are held against
constexpr std::string_view kWithPrior = "tfc-prior";
const std::vector<std::string> kCoders{"tfc-fast", "tfc", "tfc-prior", "png", "zstd-3", "jxl-3", "jxl-7", "webp"};

// What coders on grids by channel lose is another thing than what the others do.
bool is_by_channel(const std::string& coder) {
  return coder.ends_with("-by-channel");
}

std::vector<std::string> coders_to_use() {
  const char* const told = std::getenv(kSome);
  if (told == nullptr) return kCoders;
  std::vector<std::string> coders{"png", "jxl-3"};
  std::istringstream names(told);
  for (std::string name; std::getline(names, name, ',');) {
    if (std::ranges::find(coders, name) == coders.end()) coders.push_back(name);
  }
  return coders;
}

std::size_t photos_to_use() {
  const char* const told = std::getenv(kPhotos);
  const long count = told == nullptr ? 0 : std::strtol(told, nullptr, 10);
  return count > 0 ? static_cast<std::size_t>(count) : kUsualPhotos;
}

// Networks of the folder; of one in several forms the one with float weights.
Result<std::vector<std::string>> networks_in(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string path = entry.path().string();
    if (!path.ends_with(".onnx") && !path.ends_with(".tflite")) continue;
    if (path.ends_with(".tflite") && fs::exists(fs::path(path).replace_extension(".fp32.onnx"))) continue;
    files.push_back(path);
  }
  if (files.empty())
    return fail(Errc::not_found, fmt::format("{}: no networks (.onnx, .tflite); set {}", folder, kData));
  std::ranges::sort(files);
  return files;
}

// Places where planes of floats cross, one of each shape, at even distances.
std::vector<int> places_in(const network::Network& network) {
  std::vector<int> places;
  std::set<std::vector<std::int64_t>> shapes;
  for (int k = 1; k < network.size(); ++k) {
    const auto& tensors = network.boundaries()[k].tensors;
    const network::TensorSpec& spec = tensors.front();
    const bool is_float = spec.type == network::ElementType::f32 || spec.type == network::ElementType::f16;
    if (tensors.size() != 1 || !is_float || spec.shape.size() != 4 || spec.elements() < kLeastValues) continue;
    if (shapes.insert(spec.shape).second) places.push_back(k);
  }
  std::vector<int> some;
  const std::size_t count = std::min(kPlacesPerNetwork, places.size());
  for (std::size_t i = 0; i < count; ++i) some.push_back(places[(2 * i + 1) * places.size() / (2 * count)]);
  return some;
}

Result<std::vector<Input>> inputs_from(const std::string& folder, std::size_t count, const network::Network& network,
                                       const Result<network::ImageInput>& image_input) {
  const auto files = images_in(folder, count);
  if (!files) return forward_error(files);
  std::vector<Input> inputs;
  for (const std::string& file : *files) {
    auto input = read_input(file, network, image_input);
    if (!input) return forward_error(input);
    input->image.reset();
    inputs.push_back(std::move(*input));
  }
  return inputs;
}

struct Sums {
  double bytes = 0;
  double values = 0;
  Milliseconds encode{};
  Milliseconds decode{};
};
using SumsOfCoders = std::map<std::string, Sums>;

double megabytes_per_second(double values, Milliseconds time) {
  return values / 1e3 / time.count();
}

// Geometric means over the places of one number of bits.
class Means {
 public:
  void add(int bits, const SumsOfCoders& sums) {
    for (const auto& [coder, one] : sums) {
      auto& mean = means_[{bits, coder}];
      ++mean.places;
      for (const auto& [baseline, other] : sums) mean.logs["to_" + baseline] += std::log(one.bytes / other.bytes);
      mean.logs["share"] += std::log(one.bytes * 8 / (one.values * bits));
      mean.logs["encode_mb_per_s"] += std::log(megabytes_per_second(one.values, one.encode));
      mean.logs["decode_mb_per_s"] += std::log(megabytes_per_second(one.values, one.decode));
      mean.worst = std::max(mean.worst, one.bytes / std::min(sums.at("png").bytes, sums.at("jxl-3").bytes));
    }
  }
  // Bytes over those of PNG against the speed of encoding, a panel for each number of bits.
  [[nodiscard]] PlotPage plot() const {
    PlotPage page{.title = "features of real networks, one core", .columns = 2, .panel_width = 620};
    for (const auto& [key, mean] : means_) {
      const std::string title = fmt::format("{} bits, geometric mean of {} places", key.first, mean.places);
      if (page.panels.empty() || page.panels.back().title != title) {
        page.panels.push_back({.title = title,
                               .x = {.label = "encode (MB/s)", .logarithmic = true},
                               .y = {.label = "bytes over those of PNG"}});
      }
      const auto value = [&](const char* what) { return std::exp(mean.logs.at(what) / mean.places); };
      page.panels.back().series.push_back(
          {.name = key.second, .x = {value("encode_mb_per_s")}, .y = {value("to_png")}, .style = Plot::Style::points});
    }
    return page;
  }

  void append_rows(Json& rows) const {
    for (const auto& [key, mean] : means_) {
      Json row{{"name", fmt::format("geometric mean of {} places, {} bits, {}", mean.places, key.first, key.second)},
               {"bits", key.first},
               {"coder", key.second},
               {"worst_to_better_image", mean.worst}};
      for (const auto& [what, sum] : mean.logs) row[what] = std::exp(sum / mean.places);
      rows.push_back(std::move(row));
    }
  }

 private:
  struct Mean {
    int places = 0;
    double worst = 0;
    std::map<std::string, double> logs;
  };
  std::map<std::pair<int, std::string>, Mean> means_;
};

Result<SumsOfCoders> measure_place(const network::Boundary& boundary, std::span<const network::Tensor> tensors,
                                   int bits, const codec::Priors& priors) {
  SumsOfCoders sums;
  const std::vector<std::string> coders = coders_to_use();
  for (const network::Tensor& tensor : tensors) {
    const auto measured = codec::measure_coders(coders, {.spec = boundary.tensors.front(),
                                                         .data = tensor.data,
                                                         .bits = bits,
                                                         .grid = boundary.quantization,
                                                         .priors = &priors});
    if (!measured) return forward_error(measured);
    for (const codec::CoderFigures& one : *measured) {
      Sums& sum = sums[one.coder];
      sum.bytes += one.bytes;
      sum.values += static_cast<double>(tensor.spec.elements());
      sum.encode += one.encode;
      sum.decode += one.decode;
    }
  }
  return sums;
}

// How often the first answer is the label: of the network as it is, and behind tensors that were coded; and how often
// those two agree.
struct Accuracy {
  double whole = 0;
  double coded = 0;
  double agreement = 0;

  void divide_by(double count) {
    whole /= count;
    coded /= count;
    agreement /= count;
  }
};

Result<Accuracy> accuracy_at(const network::Boundary& boundary, std::span<const network::Tensor> tensors,
                             const std::string& name, std::span<const int> labels, AnswersBehind& rest) {
  Accuracy accuracy;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const auto coded = codec::encode(name, tensors[i].spec, tensors[i].data, boundary.quantization);
    if (!coded) return forward_error(coded);
    network::Tensor back(tensors[i].spec);
    if (const Status done = codec::decode(*coded, back.spec, back.data); !done) return forward_error(done);
    const auto whole = rest.to(tensors[i]);
    if (!whole) return forward_error(whole);
    const auto answer = rest.to(back);
    if (!answer) return forward_error(answer);
    accuracy.whole += *whole == labels[i] ? 1 : 0;
    accuracy.coded += *answer == labels[i] ? 1 : 0;
    accuracy.agreement += *answer == *whole ? 1 : 0;
  }
  accuracy.divide_by(static_cast<double>(tensors.size()));
  return accuracy;
}

// In the network's own numbers: one with a class more than there are labels has the background before them.
Result<std::vector<int>> labels_of(std::span<const Input> photos, const std::string& file,
                                   const network::Network& network) {
  const auto numbers = read_class_numbers(file);
  if (!numbers) return forward_error(numbers);
  constexpr std::size_t kClasses = 1000;
  const std::size_t outputs = network.boundaries().back().tensors.front().elements();
  std::vector<int> labels;
  for (const Input& photo : photos) {
    const auto found = numbers->find(fs::path(photo.name).filename().string());
    if (found == numbers->end()) return fail(Errc::invalid_argument, fmt::format("{}: no {}", file, photo.name));
    labels.push_back(found->second + (outputs == kClasses + 1 ? 1 : 0));
  }
  return labels;
}

Status measure_network(const std::string& file, const std::string& data, Means& means, Json& rows, Progress& progress,
                       double fraction) {
  const auto network = network::load(file);
  if (!network) return forward_error(network);
  const auto image_input = network::image_input_for(*network, file);
  const std::vector<int> places = places_in(*network);
  const auto samples = inputs_from(data + "/imagenet_samples/images", photos_to_use() * 3 / 2, *network, image_input);
  if (!samples) return forward_error(samples);
  const auto photos = inputs_from(data + "/imagenet_photos/images", photos_to_use(), *network, image_input);
  if (!photos) return forward_error(photos);
  const auto labels = labels_of(*photos, data + "/imagenet_photos/labels.csv", *network);
  if (!labels) return forward_error(labels);
  std::map<std::pair<int, int>, codec::Priors> priors;
  const std::vector<std::string> coders = coders_to_use();
  const bool with_prior = std::ranges::find(coders, kWithPrior) != coders.end();
  const std::vector<int> to_train = with_prior ? places : std::vector<int>();
  const Status trained = visit_boundaries(*network, to_train, *samples, [&](int k, auto tensors) -> Status {
    const network::Boundary& boundary = network->boundaries()[k];
    for (const int bits : {8, 4}) {
      progress.update(fraction, fmt::format("{}: training for a cut after {}", network->name(), k));
      auto prior = codec::train_prior(boundary.tensors.front(), tensors, bits, boundary.quantization);
      if (!prior) return forward_error(prior);
      priors[{k, bits}].add({.boundary = k, .prior = std::move(*prior)});
    }
    return {};
  });
  if (!trained) return forward_error(trained);
  return visit_boundaries(*network, places, *photos, [&](int k, auto tensors) -> Status {
    const network::Boundary& boundary = network->boundaries()[k];
    auto rest = AnswersBehind::of(*network, k);
    if (!rest) return forward_error(rest);
    for (const int bits : {8, 4}) {
      const auto by_tensor =
          accuracy_at(boundary, tensors, fmt::format("{}:{}", codec::kButterfly, bits), *labels, *rest);
      if (!by_tensor) return forward_error(by_tensor);
      const auto by_channel =
          std::ranges::any_of(coders, is_by_channel)
              ? accuracy_at(boundary, tensors, fmt::format("{}:{}c", codec::kTfcFast, bits), *labels, *rest)
              : by_tensor;
      if (!by_channel) return forward_error(by_channel);
      progress.update(fraction, fmt::format("{}: measuring a cut after {}", network->name(), k));
      const auto sums = measure_place(boundary, tensors, bits, priors[{k, bits}]);
      if (!sums) return forward_error(sums);
      means.add(bits, *sums);
      for (const auto& [coder, one] : *sums) {
        const Accuracy& accuracy = is_by_channel(coder) ? *by_channel : *by_tensor;
        const auto count = static_cast<double>(tensors.size());
        rows.push_back({{"name", fmt::format("{} after {}, {} bits, {}", network->name(), k, bits, coder)},
                        {"network", network->name()},
                        {"after", k},
                        {"tensor", to_string(boundary.tensors.front())},
                        {"bits", bits},
                        {"coder", coder},
                        {"bytes", one.bytes / count},
                        {"share", one.bytes * 8 / (one.values * bits)},
                        {"to_png", one.bytes / sums->at("png").bytes},
                        {"to_jxl-3", one.bytes / sums->at("jxl-3").bytes},
                        {"encode_mb_per_s", megabytes_per_second(one.values, one.encode)},
                        {"decode_mb_per_s", megabytes_per_second(one.values, one.decode)},
                        {"accuracy", accuracy.coded},
                        {"whole_accuracy", accuracy.whole},
                        {"agreement", accuracy.agreement}});
      }
    }
    return {};
  });
}

}  // namespace

Result<Json> codec_bench_rows(const BenchScope& /*scope*/) {
  const char* const told = std::getenv(kData);
  if (told == nullptr) {
    return fail(Errc::not_found,
                fmt::format("set {} to a folder with imagenet_models, imagenet_photos and imagenet_samples", kData));
  }
  const char* const plot = std::getenv(kPlot);
  if (plot != nullptr) {
    if (const Status fits = check_plot_path(plot); !fits) return forward_error(fits);
  }
  const std::string data = told;
  const auto files = networks_in(data + "/imagenet_models");
  if (!files) return forward_error(files);
  Json rows = Json::array();
  Means means;
  Progress progress("coding features", false);
  for (std::size_t i = 0; i < files->size(); ++i) {
    const Status measured = measure_network((*files)[i], data, means, rows, progress,
                                            static_cast<double>(i) / static_cast<double>(files->size()));
    if (!measured) return forward_error(measured, (*files)[i]);
  }
  progress.finish();
  means.append_rows(rows);
  if (plot != nullptr) {
    if (const Status drawn = write_plot(means.plot(), plot); !drawn) return forward_error(drawn);
  }
  return rows;
}

}  // namespace tandem::cli
