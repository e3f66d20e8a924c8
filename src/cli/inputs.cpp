#include "inputs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <numeric>
#include <regex>
#include <sstream>

#include "tandem/base/clock.hpp"
#include "tandem/base/file.hpp"
#include "tandem/base/number.hpp"
#include "tandem/base/random.hpp"

namespace tandem::cli {
namespace {

using network::ElementType;
using network::Tensor;
using network::TensorSpec;

template <class T>
T load_element(const Tensor& tensor, std::size_t index) {
  T value;
  std::memcpy(&value, tensor.data.data() + index * sizeof(T), sizeof(T));
  return value;
}

double half_to_double(std::uint16_t bits) {
  const int exponent = (bits >> 10U) & 0x1f;
  const int mantissa = bits & 0x3ff;
  double value = 0.0;
  if (exponent == 0)
    value = std::ldexp(mantissa, -24);
  else if (exponent == 31)
    value = mantissa == 0 ? INFINITY : NAN;
  else
    value = std::ldexp(1024 + mantissa, exponent - 25);
  return (bits & 0x8000U) != 0 ? -value : value;
}

// NumPy's name of an element type, as in a .npy header ('<f4').
std::string_view numpy_type(ElementType type) {
  switch (type) {
    case ElementType::f32: return "<f4";
    case ElementType::f64: return "<f8";
    case ElementType::f16: return "<f2";
    case ElementType::i8: return "|i1";
    case ElementType::u8: return "|u1";
    case ElementType::i16: return "<i2";
    case ElementType::u16: return "<u2";
    case ElementType::i32: return "<i4";
    case ElementType::u32: return "<u4";
    case ElementType::i64: return "<i8";
    case ElementType::u64: return "<u8";
    case ElementType::boolean: return "|b1";
    case ElementType::bf16: return "";
  }
  return "";
}

// .npy, versions 1 to 3: magic, version, header length, a Python dictionary as text, then the data.
Result<Tensor> read_npy(const std::string& path, const TensorSpec& spec) {
  auto content = read_file(path, spec.bytes() + (1U << 16U));
  if (!content) return forward_error(content);
  constexpr std::string_view kMagic = "\x93NUMPY";
  const auto bad = [&](const std::string& why) { return fail(Errc::invalid_argument, path + ": " + why); };
  if (content->size() < 12 || content->compare(0, kMagic.size(), kMagic) != 0) return bad("is not a .npy array");
  const auto byte = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>((*content)[i])); };
  const bool long_length = byte(6) >= 2;
  const std::size_t start = long_length ? 12 : 10;
  const std::size_t length = byte(8) + (byte(9) << 8U) + (long_length ? (byte(10) << 16U) + (byte(11) << 24U) : 0);
  if (length > content->size() - start) return bad("its header is cut off");
  const std::string header = content->substr(start, length);
  std::smatch match;
  static const std::regex kDescr("'descr': *'([^']*)'");
  static const std::regex kShape("'shape': *\\(([0-9, ]*)\\)");
  if (!std::regex_search(header, match, kDescr) || match[1].str() != numpy_type(spec.type)) {
    return bad(fmt::format("must hold {} ('{}')", network::name_of(spec.type), numpy_type(spec.type)));
  }
  if (header.find("'fortran_order': True") != std::string::npos) return bad("must be in C order");
  if (!std::regex_search(header, match, kShape)) return bad("its header names no shape");
  std::string shape = match[1];
  std::erase(shape, ' ');
  if (shape.ends_with(',')) shape.pop_back();
  if (shape != fmt::format("{}", fmt::join(spec.shape, ","))) {
    return bad(fmt::format("must be of shape {}, is [{}]", network::to_string(spec), shape));
  }
  Tensor tensor(spec);
  if (content->size() - start - length != tensor.data.size()) return bad("its data are cut off");
  std::memcpy(tensor.data.data(), content->data() + start + length, tensor.data.size());
  return tensor;
}

}  // namespace

double element(const Tensor& tensor, std::size_t index) {
  switch (tensor.spec.type) {
    case ElementType::f32: return load_element<float>(tensor, index);
    case ElementType::f64: return load_element<double>(tensor, index);
    case ElementType::f16: return half_to_double(load_element<std::uint16_t>(tensor, index));
    case ElementType::bf16:
      return std::bit_cast<float>(static_cast<std::uint32_t>(load_element<std::uint16_t>(tensor, index)) << 16U);
    case ElementType::i8: return load_element<std::int8_t>(tensor, index);
    case ElementType::u8:
    case ElementType::boolean: return load_element<std::uint8_t>(tensor, index);
    case ElementType::i16: return load_element<std::int16_t>(tensor, index);
    case ElementType::u16: return load_element<std::uint16_t>(tensor, index);
    case ElementType::i32: return load_element<std::int32_t>(tensor, index);
    case ElementType::u32: return load_element<std::uint32_t>(tensor, index);
    case ElementType::i64: return static_cast<double>(load_element<std::int64_t>(tensor, index));
    case ElementType::u64: return static_cast<double>(load_element<std::uint64_t>(tensor, index));
  }
  return 0.0;
}

Tensor random_tensor(const TensorSpec& spec, std::uint64_t seed) {
  Tensor tensor(spec);
  Random random(seed);
  switch (spec.type) {
    case ElementType::f32:
      for (float& value : tensor.as<float>()) value = static_cast<float>(random.uniform(-1, 1));
      break;
    case ElementType::f64:
      for (double& value : tensor.as<double>()) value = random.uniform(-1, 1);
      break;
    case ElementType::f16:
      // A sign, an exponent of 0.25 to 1, and any mantissa.
      for (auto& bits : tensor.as<std::uint16_t>()) {
        const std::uint64_t draw = random.next();
        bits = static_cast<std::uint16_t>((draw & 0x83ffU) | ((13U + (draw >> 32U) % 2U) << 10U));
      }
      break;
    case ElementType::bf16:
      for (auto& bits : tensor.as<std::uint16_t>()) {
        bits =
            static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(static_cast<float>(random.uniform(-1, 1))) >> 16U);
      }
      break;
    case ElementType::i8:
    case ElementType::u8:
      for (auto& value : tensor.as<std::uint8_t>()) value = static_cast<std::uint8_t>(random.next());
      break;
    default:
      // 0 or 1, the only values that are safe without knowing what they mean; all types here are little-endian.
      for (std::size_t i = 0; i < tensor.spec.elements(); ++i) {
        tensor.data[i * network::size_of(spec.type)] = static_cast<std::byte>(random.next() & 1U);
      }
  }
  return tensor;
}

Result<Input> read_input(const std::string& what, const network::Network& network,
                         const Result<network::ImageInput>& image_input) {
  const auto& specs = network.boundaries().front().tensors;
  Input input;
  input.name = what;
  if (what.starts_with("random:")) {
    const auto seed = parse_number<std::uint64_t>(std::string_view(what).substr(7));
    if (!seed) return fail(Errc::invalid_argument, what + ": a whole number must follow 'random:'");
    for (std::size_t i = 0; i < specs.size(); ++i) input.tensors.push_back(random_tensor(specs[i], *seed + i));
    return input;
  }
  if (what.ends_with(".npy")) {
    if (specs.size() != 1) {
      return fail(Errc::unimplemented,
                  fmt::format("{}: {} has {} inputs; an array serves one", what, network.name(), specs.size()));
    }
    auto tensor = read_npy(what, specs.front());
    if (!tensor) return forward_error(tensor);
    input.tensors.push_back(std::move(*tensor));
    return input;
  }
  auto image = codec::read_image(what);
  if (!image) return forward_error(image);
  if (!image_input) return forward_error(image_input, what);
  input.tensors.emplace_back(specs.front());
  const codec::Image fitted = codec::fit(*image, *image_input);
  if (const Status done = codec::to_tensor(fitted, *image_input, specs.front(), input.tensors.front().data); !done) {
    return forward_error(done, what);
  }
  input.image = std::move(*image);
  return input;
}

Milliseconds time_to_prepare(const Input& input, const Result<network::ImageInput>& image_input, double slowdown) {
  if (!input.image || !image_input) return Milliseconds{0};
  constexpr int kRuns = 3;
  const Clock& clock = steady_clock();
  Tensor tensor(input.tensors.front().spec);
  Milliseconds least = Milliseconds::max();
  for (int i = 0; i < kRuns; ++i) {
    const Instant start = clock.now();
    const bool fits = input.image->width == image_input->width && input.image->height == image_input->height;
    const codec::Image fitted = fits ? *input.image : codec::fit(*input.image, *image_input);
    // It has made this very tensor before.
    if (!codec::to_tensor(fitted, *image_input, tensor.spec, tensor.data)) return Milliseconds{0};
    least = std::min(least, clock.now() - start);
  }
  return least * slowdown;
}

Result<std::vector<std::string>> read_labels(const std::string& path) {
  auto content = read_file(path, 16U << 20U);
  if (!content) return forward_error(content);
  std::vector<std::string> labels;
  std::string line;
  std::istringstream lines(*content);
  while (std::getline(lines, line)) {
    if (line.ends_with('\r')) line.pop_back();
    labels.push_back(line);
  }
  return labels;
}

std::vector<TopEntry> top(const Tensor& output, const std::vector<std::string>& labels, int count) {
  // A row of classes: every other dimension is 1, or the first is the batch.
  const auto& shape = output.spec.shape;
  std::size_t classes = 1;
  for (std::size_t i = 1; i < shape.size(); ++i) {
    if (shape[i] != 1 && classes != 1) return {};
    classes = std::max(classes, static_cast<std::size_t>(shape[i]));
  }
  if (classes < 2) return {};
  std::vector<int> order(classes);
  std::iota(order.begin(), order.end(), 0);
  const auto shown = std::min(static_cast<std::size_t>(count), classes);
  std::ranges::partial_sort(order, order.begin() + static_cast<std::ptrdiff_t>(shown), [&](int a, int b) {
    const double first = element(output, static_cast<std::size_t>(a));
    const double second = element(output, static_cast<std::size_t>(b));
    return first != second ? first > second : a < b;
  });
  std::vector<TopEntry> entries;
  for (std::size_t i = 0; i < shown; ++i) {
    const auto index = static_cast<std::size_t>(order[i]);
    entries.push_back({.index = order[i],
                       .label = labels.size() == classes ? labels[index] : std::string(),
                       .score = element(output, index)});
  }
  return entries;
}

}  // namespace tandem::cli
