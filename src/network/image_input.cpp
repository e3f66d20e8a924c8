#include "tandem/network/image_input.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <vector>

#include "tandem/base/file.hpp"

namespace tandem::network {
namespace {

constexpr const char* kFormat = "tandem.input.v1";
constexpr const char* kSidecarSuffix = ".input.json";
constexpr int kMaxExtent = 16384;
constexpr std::int64_t kChannels = 3;

// Of the ImageNet training set, per channel in RGB order, pixels in 0..255.
constexpr std::array kImageNetMean{123.675, 116.28, 103.53};
constexpr std::array kImageNetDeviation{58.395, 57.12, 57.375};

bool is_float(ElementType type) {
  return type == ElementType::f32 || type == ElementType::f16 || type == ElementType::bf16 || type == ElementType::f64;
}

// What the shape says alone.
Result<ImageInput> generic_input(const Network& network) {
  const std::vector<TensorSpec>& inputs = network.boundaries().front().tensors;
  if (inputs.size() != 1) {
    return fail(Errc::failed_precondition,
                fmt::format("'{}' takes {} inputs, not one image", network.name(), inputs.size()));
  }
  const TensorSpec& spec = inputs.front();
  const auto& shape = spec.shape;
  const bool first = shape.size() == 4 && shape[1] == kChannels;
  const bool last = shape.size() == 4 && shape[3] == kChannels;
  const std::int64_t height = first ? shape[2] : last ? shape[1] : 0;
  const std::int64_t width = first ? shape[3] : last ? shape[2] : 0;
  if (height < 1 || width < 1 || height > kMaxExtent || width > kMaxExtent) {
    return fail(Errc::failed_precondition,
                fmt::format("'{}' takes no image: its input '{}' is {}", network.name(), spec.name, to_string(spec)));
  }
  ImageInput input;
  input.width = static_cast<int>(width);
  input.height = static_cast<int>(height);
  input.layout = first ? ImageInput::Layout::nchw : ImageInput::Layout::nhwc;
  if (is_float(spec.type)) {
    input.mean = kImageNetMean;
    std::ranges::transform(kImageNetDeviation, input.scale.begin(), [](double deviation) { return 1.0 / deviation; });
  } else if (spec.type == ElementType::i8) {
    input.mean = {128, 128, 128};
  }
  return input;
}

// Where `key` is absent, `value` stays. One number stands for all channels.
void read_channels(JsonReader& reader, const char* key, std::array<double, 3>& value) {
  if (!reader.has(key)) return;
  const std::vector<double> numbers = reader.numbers(key);
  if (!reader.status()) return;
  if (numbers.size() == 1) {
    value.fill(numbers.front());
  } else if (numbers.size() == value.size()) {
    std::ranges::copy(numbers, value.begin());
  } else {
    reader.refuse(key, "must hold 1 number or 3, one per channel");
  }
}

// The first of `names` is the value 0.
bool read_choice(JsonReader& reader, const char* key, const std::array<const char*, 2>& names, bool fallback) {
  const std::string text = reader.text_or(key, names[fallback ? 1 : 0]);
  if (text != names[0] && text != names[1]) {
    reader.refuse(key, fmt::format("must be '{}' or '{}', is '{}'", names[0], names[1], text));
  }
  return text == names[1];
}

constexpr std::array kLayouts{"nchw", "nhwc"};
constexpr std::array kResizes{"stretch", "crop"};
constexpr std::array kOrders{"rgb", "bgr"};

bool same_geometry(const ImageInput& a, const ImageInput& b) {
  return a.width == b.width && a.height == b.height && a.layout == b.layout;
}

Result<ImageInput> read_sidecar(const std::filesystem::path& path, const Network& network, const ImageInput& generic) {
  const auto text = read_file(path);
  if (!text) return forward_error(text);
  const auto json = parse_json(*text);
  if (!json) return forward_error(json, path.string());
  auto input = image_input_from_json(*json, generic);
  if (!input) return forward_error(input, path.string());
  if (!same_geometry(*input, generic)) {
    return fail(Errc::failed_precondition,
                fmt::format("{}: says {}x{} {}, but the network takes {}", path.string(), input->width, input->height,
                            kLayouts[static_cast<std::size_t>(input->layout)],
                            to_string(network.boundaries().front().tensors.front())));
  }
  if (!input->labels.empty()) input->labels = (path.parent_path() / input->labels).string();
  return input;
}

}  // namespace

Result<ImageInput> image_input_from_json(const Json& json, const ImageInput& fallback) {
  JsonReader reader(json, kFormat);
  ImageInput input = fallback;
  input.width = reader.integer_or("width", fallback.width, 1, kMaxExtent);
  input.height = reader.integer_or("height", fallback.height, 1, kMaxExtent);
  const bool nhwc = read_choice(reader, "layout", kLayouts, fallback.layout == ImageInput::Layout::nhwc);
  input.layout = nhwc ? ImageInput::Layout::nhwc : ImageInput::Layout::nchw;
  const bool crop = read_choice(reader, "resize", kResizes, fallback.resize == ImageInput::Resize::crop);
  input.resize = crop ? ImageInput::Resize::crop : ImageInput::Resize::stretch;
  input.crop_ratio = reader.number_or("crop_ratio", fallback.crop_ratio, {.min = 0.01, .max = 1.0});
  input.bgr = read_choice(reader, "channels", kOrders, fallback.bgr);
  read_channels(reader, "mean", input.mean);
  read_channels(reader, "scale", input.scale);
  input.labels = reader.text_or("labels", fallback.labels);
  if (!reader.status()) return forward_error(reader.status());
  return input;
}

Json to_json(const ImageInput& input) {
  Json json{{"format", kFormat},
            {"width", input.width},
            {"height", input.height},
            {"layout", kLayouts[static_cast<std::size_t>(input.layout)]},
            {"resize", kResizes[static_cast<std::size_t>(input.resize)]},
            {"crop_ratio", input.crop_ratio},
            {"channels", kOrders[input.bgr ? 1 : 0]},
            {"mean", input.mean},
            {"scale", input.scale}};
  if (!input.labels.empty()) json["labels"] = input.labels;
  return json;
}

Result<ImageInput> image_input_for(const Network& network, const std::string& reference) {
  auto generic = generic_input(network);
  if (!generic) return generic;
  const std::filesystem::path sidecar = reference + kSidecarSuffix;
  std::error_code error;
  if (!std::filesystem::exists(sidecar, error)) return generic;
  return read_sidecar(sidecar, network, *generic);
}

}  // namespace tandem::network
