#include "network_option.hpp"

#include <fmt/format.h>

#include <cctype>
#include <charconv>
#include <utility>
#include <vector>

namespace tandem::cli {
namespace {

using Shape = std::vector<std::int64_t>;

[[noreturn]] void refuse_shape(const std::string& text) {
  throw CLI::ValidationError("--shape", fmt::format("'{}' is not NAME=[1,3,224,224]", text));
}

// "1,3,224,224"
Shape parse_extents(std::string_view extents, const std::string& text) {
  Shape shape;
  while (!extents.empty()) {
    std::int64_t extent = 0;
    const auto [end, error] = std::from_chars(extents.data(), extents.data() + extents.size(), extent);
    if (error != std::errc{} || extent < 1) refuse_shape(text);
    shape.push_back(extent);
    extents.remove_prefix(static_cast<std::size_t>(end - extents.data()));
    if (extents.empty()) break;
    if (extents.front() != ',' || extents.size() == 1) refuse_shape(text);
    extents.remove_prefix(1);
  }
  if (shape.empty()) refuse_shape(text);
  return shape;
}

// The name may itself hold '=' and brackets; the shape is what stands in the last pair of brackets.
std::pair<std::string, Shape> parse_shape(const std::string& text) {
  std::string compact;
  for (const char c : text) {
    if (std::isspace(static_cast<unsigned char>(c)) == 0) compact += c;
  }
  const auto mark = compact.rfind("=[");
  if (mark == std::string::npos || mark == 0 || compact.back() != ']') refuse_shape(text);
  const std::string_view extents = std::string_view(compact).substr(mark + 2, compact.size() - mark - 3);
  return {compact.substr(0, mark), parse_extents(extents, text)};
}

}  // namespace

void add_import_options(CLI::App* command, network::ImportOptions& options) {
  command->add_option("--batch", options.batch, "samples per request, where the network leaves it open")
      ->check(CLI::Range(1, 65536))
      ->capture_default_str();
  command
      ->add_option_function<std::vector<std::string>>(
          "--shape",
          [&options](const std::vector<std::string>& texts) {
            for (const std::string& text : texts) options.shapes.insert(parse_shape(text));
          },
          "NAME=[1,3,224,224]: the shape of an input that the network leaves open; may be repeated")
      ->type_name("NAME=[...]")
      ->expected(1)
      ->take_all()
      ->allow_extra_args(false);
  command->add_option("--seed", options.seed, "of a zoo network's random weights")->capture_default_str();
}

void add_network_options(CLI::App* command, NetworkOptions& options) {
  command->add_option("network", options.reference, "a model (ONNX, TensorFlow Lite, OpenVINO IR, …) or zoo:NAME")
      ->required()
      ->type_name("NETWORK");
  add_import_options(command, options.import);
}

}  // namespace tandem::cli
