#include <algorithm>
#include <cmath>
#include <vector>

#include "fill.hpp"
#include "tandem/base/random.hpp"
#include "tandem/engine/codec_costs.hpp"

namespace tandem::engine {
namespace {

using network::ElementType;
using network::Tensor;
using network::TensorSpec;

// One channel of an image, row-major.
struct Plane {
  std::size_t height = 0;
  std::size_t width = 0;
  std::vector<float> values;
};

// Adds noise of one octave: random values on a grid of cells * cells, interpolated linearly.
void add_octave(Plane& plane, std::size_t cells, float amplitude, Random& random) {
  const std::size_t side = cells + 1;
  std::vector<float> grid(side * side);
  for (float& value : grid) value = amplitude * static_cast<float>(random.uniform(-1.0, 1.0));
  for (std::size_t y = 0; y < plane.height; ++y) {
    const float v = static_cast<float>(y * cells) / static_cast<float>(plane.height);
    const auto row = static_cast<std::size_t>(v);
    const float below = v - static_cast<float>(row);
    for (std::size_t x = 0; x < plane.width; ++x) {
      const float u = static_cast<float>(x * cells) / static_cast<float>(plane.width);
      const auto column = static_cast<std::size_t>(u);
      const float right = u - static_cast<float>(column);
      const float* corner = grid.data() + row * side + column;
      const float top = std::lerp(corner[0], corner[1], right);
      const float bottom = std::lerp(corner[side], corner[side + 1], right);
      plane.values[y * plane.width + x] += std::lerp(top, bottom, below);
    }
  }
}

void standardise(std::vector<float>& values) {
  double sum = 0;
  double squares = 0;
  for (const float value : values) {
    sum += value;
    squares += static_cast<double>(value) * value;
  }
  const auto count = static_cast<double>(values.size());
  const double mean = sum / count;
  const double deviation = std::sqrt(std::max(squares / count - mean * mean, 1e-12));
  for (float& value : values) value = static_cast<float>((value - mean) / deviation);
}

// Amplitude falls as one over the frequency, as it does in photographs on average.
Plane natural_plane(std::size_t height, std::size_t width, Random& random) {
  Plane plane{.height = height, .width = width, .values = std::vector<float>(height * width)};
  for (std::size_t cells = 2; cells <= std::max(height, width); cells *= 2) {
    add_octave(plane, cells, 1.0F / static_cast<float>(cells), random);
  }
  standardise(plane.values);
  return plane;
}

struct ImageShape {
  std::size_t height = 0;
  std::size_t width = 0;
  bool channels_last = false;
};

std::optional<ImageShape> image_shape(const TensorSpec& spec) {
  constexpr std::int64_t kColours = 3;
  if (spec.shape.size() != 4) return std::nullopt;
  const auto extent = [&](std::size_t i) { return static_cast<std::size_t>(spec.shape[i]); };
  if (spec.shape[1] == kColours) return ImageShape{.height = extent(2), .width = extent(3), .channels_last = false};
  if (spec.shape[3] == kColours) return ImageShape{.height = extent(1), .width = extent(2), .channels_last = true};
  return std::nullopt;
}

// The three colours of each image of the batch share most of their light and differ a little.
std::vector<float> image_values(const TensorSpec& spec, const ImageShape& shape, Random& random) {
  constexpr std::size_t kColours = 3;
  constexpr float kColourfulness = 0.3F;
  std::vector<float> values(spec.elements());
  const std::size_t pixels = shape.height * shape.width;
  for (std::size_t image = 0; image * kColours * pixels < values.size(); ++image) {
    const Plane light = natural_plane(shape.height, shape.width, random);
    float* begin = values.data() + image * kColours * pixels;
    for (std::size_t colour = 0; colour < kColours; ++colour) {
      const Plane tint = natural_plane(shape.height, shape.width, random);
      for (std::size_t i = 0; i < pixels; ++i) {
        float& place = shape.channels_last ? begin[i * kColours + colour] : begin[colour * pixels + i];
        place = light.values[i] + kColourfulness * tint.values[i];
      }
    }
  }
  standardise(values);
  return values;
}

// Pixels as an 8-bit image has them: values of zero mean and unit deviation, spread over the type's range.
template <class T>
void to_pixels(std::span<const float> values, int middle, std::span<T> out) {
  constexpr float kDeviation = 50.0F;
  std::ranges::transform(values, out.begin(), [middle](float value) {
    const float pixel = std::clamp(std::round(value * kDeviation), -128.0F, 127.0F);
    return static_cast<T>(static_cast<int>(pixel) + middle);
  });
}

Tensor tensor_like(const TensorSpec& spec, Random& random) {
  Tensor tensor(spec);
  const auto shape = image_shape(spec);
  if (shape && (spec.type == ElementType::f32 || spec.type == ElementType::u8 || spec.type == ElementType::i8)) {
    const std::vector<float> values = image_values(spec, *shape, random);
    if (spec.type == ElementType::f32) std::ranges::copy(values, tensor.as<float>().begin());
    if (spec.type == ElementType::u8) to_pixels(values, 128, tensor.as<std::uint8_t>());
    if (spec.type == ElementType::i8) to_pixels(values, 0, tensor.as<std::int8_t>());
  } else {
    fill_plausibly(spec.type, tensor.data, random);
  }
  return tensor;
}

}  // namespace

Sample synthetic_sample(const network::Network& network, std::uint64_t seed) {
  Random random(seed);
  Sample sample;
  for (const TensorSpec& spec : network.boundaries().front().tensors) sample.push_back(tensor_like(spec, random));
  return sample;
}

}  // namespace tandem::engine
