#include "webp.hpp"

#include <fmt/format.h>
#include <webp/decode.h>
#include <webp/encode.h>

#include <memory>

namespace tandem::codec {
namespace {

constexpr std::size_t kColours = 3;  // WebP has no grey: all three are the same, which costs it nothing

struct WebPDeleter {
  void operator()(std::uint8_t* bytes) const { WebPFree(bytes); }
};

}  // namespace

Result<std::vector<std::byte>> encode_webp(const GreyImage& image) {
  if (image.width > WEBP_MAX_DIMENSION || image.height > WEBP_MAX_DIMENSION) {
    return fail(Errc::invalid_argument,
                fmt::format("{} by {} pixels are too many for WebP", image.width, image.height));
  }
  std::vector<std::uint8_t> rgb;
  rgb.reserve(kColours * image.pixels.size());
  for (const std::uint8_t pixel : image.pixels) rgb.insert(rgb.end(), kColours, pixel);
  const int width = static_cast<int>(image.width);
  std::uint8_t* made = nullptr;
  const std::size_t size = WebPEncodeLosslessRGB(rgb.data(), width, static_cast<int>(image.height),
                                                 width * static_cast<int>(kColours), &made);
  const std::unique_ptr<std::uint8_t, WebPDeleter> file(made);
  if (size == 0) return fail(Errc::internal, "libwebp could not code an image");
  const auto bytes = std::as_bytes(std::span(file.get(), size));
  return std::vector(bytes.begin(), bytes.end());
}

Result<std::vector<std::uint8_t>> decode_webp(std::span<const std::byte> file, std::size_t width, std::size_t height) {
  const auto damaged = [] { return fail(Errc::data_loss, "the WebP file is damaged"); };
  const auto* const data = reinterpret_cast<const std::uint8_t*>(file.data());
  int told_width = 0;
  int told_height = 0;
  if (WebPGetInfo(data, file.size(), &told_width, &told_height) == 0) return damaged();
  if (static_cast<std::size_t>(told_width) != width || static_cast<std::size_t>(told_height) != height) {
    return damaged();
  }
  std::vector<std::uint8_t> rgb(kColours * width * height);
  if (WebPDecodeRGBInto(data, file.size(), rgb.data(), rgb.size(), told_width * static_cast<int>(kColours)) ==
      nullptr) {
    return damaged();
  }
  std::vector<std::uint8_t> pixels(width * height);
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = rgb[kColours * i];
  return pixels;
}

}  // namespace tandem::codec
