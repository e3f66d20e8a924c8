#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <cstring>

#include "scalar.hpp"
#include "tandem/codec/image.hpp"

namespace tandem::codec {
namespace {

using network::ElementType;
using network::ImageInput;
using network::TensorSpec;

constexpr std::size_t kChannels = 3;

// What each of the 256 pixel values becomes, as bytes of the tensor's element type.
template <std::size_t width>
using PixelTable = std::array<std::array<std::byte, width>, 256>;

void put(ElementType type, float value, std::span<std::byte> out) {
  if (is_float(type)) return narrow(type, std::span(&value, 1), out);
  const float low = type == ElementType::i8 ? -128.0F : 0.0F;
  out[0] = static_cast<std::byte>(static_cast<int>(std::lround(std::clamp(value, low, low + 255.0F))));
}

template <std::size_t width>
PixelTable<width> pixel_table(ElementType type, double mean, double scale) {
  PixelTable<width> table;
  for (std::size_t pixel = 0; pixel < table.size(); ++pixel) {
    put(type, static_cast<float>((static_cast<double>(pixel) - mean) * scale), table[pixel]);
  }
  return table;
}

template <std::size_t width>
void fill(const Image& image, const ImageInput& input, ElementType type, std::span<std::byte> out) {
  const std::size_t pixels = image.rgb.size() / kChannels;
  const bool planar = input.layout == ImageInput::Layout::nchw;
  for (std::size_t channel = 0; channel < kChannels; ++channel) {
    const PixelTable<width> table = pixel_table<width>(type, input.mean[channel], input.scale[channel]);
    const std::uint8_t* source = image.rgb.data() + (input.bgr ? kChannels - 1 - channel : channel);
    std::byte* target = out.data() + width * (planar ? channel * pixels : channel);
    const std::size_t stride = width * (planar ? 1 : kChannels);
    for (std::size_t i = 0; i < pixels; ++i)
      std::memcpy(target + i * stride, table[source[i * kChannels]].data(), width);
  }
}

std::vector<std::int64_t> expected_shape(const ImageInput& input, std::int64_t batch) {
  if (input.layout == ImageInput::Layout::nchw) return {batch, kChannels, input.height, input.width};
  return {batch, input.height, input.width, kChannels};
}

}  // namespace

Status to_tensor(const Image& image, const ImageInput& input, const TensorSpec& spec, std::span<std::byte> out) {
  assert(image.width == input.width && image.height == input.height && out.size() == spec.bytes());
  const std::int64_t batch = spec.shape.empty() ? 0 : spec.shape[0];
  const bool is_pixel_type = is_float(spec.type) || spec.type == ElementType::u8 || spec.type == ElementType::i8;
  if (batch < 1 || !is_pixel_type || spec.shape != expected_shape(input, batch)) {
    return fail(Errc::failed_precondition,
                fmt::format("an image of {} by {} pixels does not make the network's input {} {}", input.width,
                            input.height, spec.name, to_string(spec)));
  }
  const std::size_t image_bytes = out.size() / static_cast<std::size_t>(batch);
  switch (network::size_of(spec.type)) {
    case 4: fill<4>(image, input, spec.type, out.first(image_bytes)); break;
    case 2: fill<2>(image, input, spec.type, out.first(image_bytes)); break;
    default: fill<1>(image, input, spec.type, out.first(image_bytes)); break;
  }
  for (std::size_t begin = image_bytes; begin < out.size(); begin += image_bytes) {
    std::ranges::copy(out.first(image_bytes), out.begin() + static_cast<std::ptrdiff_t>(begin));
  }
  return {};
}

}  // namespace tandem::codec
