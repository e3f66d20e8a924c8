#include "model_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <openvino/frontend/manager.hpp>
#include <string_view>
#include <system_error>

#include "tflite_names.hpp"

namespace tandem::network {
namespace {

// Formats are told by their file's extension and their front ends asked directly: ov::Core would offer a damaged file
// to all others, which print what they think of it.
struct Format {
  std::string_view extension;
  const char* front_end;
  const char* title;
};

constexpr std::array kFormats{Format{".onnx", "onnx", "an ONNX model"},
                              Format{".prototxt", "onnx", "an ONNX model"},
                              Format{".tflite", "tflite", "a TensorFlow Lite model"},
                              Format{".pb", "tf", "a TensorFlow graph"},
                              Format{".pbtxt", "tf", "a TensorFlow graph"},
                              Format{".meta", "tf", "a TensorFlow graph"},
                              Format{".pdmodel", "paddle", "a PaddlePaddle model"},
                              Format{".json", "paddle", "a PaddlePaddle model"}};

constexpr const char* kIrTitle = "an OpenVINO model";

constexpr Format kFolder{"", "tf", "a TensorFlow SavedModel"};

const Format* format_of(const std::filesystem::path& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return &kFolder;
  const auto found = std::ranges::find(kFormats, path.extension().string(), &Format::extension);
  return found == kFormats.end() ? nullptr : &*found;
}

// Never destroyed: that would unload the front ends, and what they hold for the life of the process with them; a leak
// detector could then not say whose it is.
ov::frontend::FrontEndManager& front_ends() {
  static auto& manager = *new ov::frontend::FrontEndManager;
  return manager;
}

tl::unexpected<Error> damaged(const char* title) {
  return fail(Errc::invalid_argument, fmt::format("not {}, or a damaged one", title));
}

tl::unexpected<Error> refused(const char* title, const ov::Exception& error) {
  const std::string cause = first_cause(error);
  for (const char* no_more_to_say : {"malformed", "can't be parsed", "Unable to read the model"}) {
    if (cause.find(no_more_to_say) != std::string::npos) return damaged(title);
  }
  return fail(Errc::invalid_argument, cause);
}

Result<std::shared_ptr<ov::Model>> read_with(const Format& format, const std::string& path) try {
  const auto front_end = front_ends().load_by_framework(format.front_end);
  if (!front_end || !front_end->supported(path)) return damaged(format.title);
  const auto input = front_end->load(path);
  if (!input) return damaged(format.title);
  std::shared_ptr<ov::Model> model = front_end->convert(input);
  if (model->get_results().empty()) return damaged(format.title);
  return model;
} catch (const ov::Exception& error) {
  return refused(format.title, error);
}

// OpenVINO's XML begins with a declaration or its root element.
bool looks_like_ir(const std::filesystem::path& path) {
  std::array<char, 256> begin{};
  std::ifstream file(path, std::ios::binary);
  file.read(begin.data(), begin.size());
  const std::string_view text(begin.data(), static_cast<std::size_t>(file.gcount()));
  return text.find("<net") != std::string_view::npos || text.find("<?xml") != std::string_view::npos;
}

Result<std::shared_ptr<ov::Model>> read_ir(const std::filesystem::path& path) try {
  if (!looks_like_ir(path)) return damaged(kIrTitle);
  const std::filesystem::path weights = std::filesystem::path(path).replace_extension(".bin");
  std::error_code error;
  if (!std::filesystem::exists(weights, error)) {
    return fail(Errc::not_found, fmt::format("the weights '{}' are not beside it", weights.filename().string()));
  }
  return core().read_model(path.string(), weights.string());
} catch (const ov::Exception& error) {
  return refused(kIrTitle, error);
}

}  // namespace

Result<std::shared_ptr<ov::Model>> read_model_file(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return fail(Errc::not_found, "no such file");
  if (path.extension() == ".xml") return read_ir(path);
  const Format* format = format_of(path);
  if (format == nullptr) {
    return fail(
        Errc::invalid_argument,
        "not a model; .onnx, .tflite, .xml (OpenVINO), .pb and .pdmodel files and SavedModel folders can be read");
  }
  auto model = read_with(*format, path.string());
  if (model && path.extension() == ".tflite") restore_tflite_names(**model, front_ends(), path.string());
  return model;
}

}  // namespace tandem::network
