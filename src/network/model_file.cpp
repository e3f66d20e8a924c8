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

constexpr Format kFolder{"", "tf", "a TensorFlow SavedModel"};

const Format* format_of(const std::filesystem::path& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return &kFolder;
  const auto found = std::ranges::find(kFormats, path.extension().string(), &Format::extension);
  return found == kFormats.end() ? nullptr : &*found;
}

ov::frontend::FrontEndManager& front_ends() {
  static ov::frontend::FrontEndManager manager;
  return manager;
}

Result<std::shared_ptr<ov::Model>> read_with(const Format& format, const std::string& path) try {
  const auto front_end = front_ends().load_by_framework(format.front_end);
  const auto damaged = [&] {
    return fail(Errc::invalid_argument, fmt::format("not {}, or a damaged one", format.title));
  };
  if (!front_end || !front_end->supported(path)) return damaged();
  const auto input = front_end->load(path);
  if (!input) return damaged();
  const std::shared_ptr<ov::Model> model = front_end->convert(input);
  if (model->get_results().empty()) return damaged();
  return model;
} catch (const ov::Exception& error) {
  const std::string cause = first_cause(error);
  const bool parsed = cause.find("operators") != std::string::npos;
  return fail(Errc::invalid_argument,
              parsed ? cause : fmt::format("not {}, or a damaged one: {}", format.title, cause));
}

// OpenVINO's XML begins with a declaration or its root element.
bool looks_like_ir(const std::filesystem::path& path) {
  std::array<char, 256> begin{};
  std::ifstream file(path, std::ios::binary);
  file.read(begin.data(), begin.size());
  const std::string_view text(begin.data(), static_cast<std::size_t>(file.gcount()));
  return text.find("<net") != std::string_view::npos || text.find("<?xml") != std::string_view::npos;
}

Result<std::shared_ptr<ov::Model>> read_ir(const std::filesystem::path& path) {
  if (!looks_like_ir(path)) return fail(Errc::invalid_argument, "not an OpenVINO model");
  const std::filesystem::path weights = std::filesystem::path(path).replace_extension(".bin");
  std::error_code error;
  if (!std::filesystem::exists(weights, error)) {
    return fail(Errc::not_found, fmt::format("the weights '{}' are not beside it", weights.filename().string()));
  }
  return core().read_model(path.string(), weights.string());
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
