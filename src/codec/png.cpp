#include "png.hpp"

#include <fmt/format.h>
#include <spng.h>

#include <algorithm>
#include <array>
#include <memory>

namespace tandem::codec {
namespace {

constexpr std::size_t kMaxChunkBytes = 64U << 20U;  // of text and colour profiles, which we do not look at

struct ContextDeleter {
  void operator()(spng_ctx* context) const { spng_ctx_free(context); }
};

}  // namespace

bool is_png(std::span<const std::byte> file) {
  constexpr std::array<std::uint8_t, 8> kSignature{0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  return file.size() >= kSignature.size() &&
         std::ranges::equal(file.first(kSignature.size()), kSignature, {},
                            [](std::byte b) { return std::to_integer<std::uint8_t>(b); });
}

Result<Image> decode_png(std::span<const std::byte> file, std::size_t max_pixels) {
  const auto refuse = [](const std::string& why) {
    return fail(Errc::invalid_argument, "the PNG file cannot be read: " + why);
  };
  const std::unique_ptr<spng_ctx, ContextDeleter> context(spng_ctx_new(0));
  if (!context) return refuse("out of memory");
  spng_set_chunk_limits(context.get(), kMaxChunkBytes, kMaxChunkBytes);
  spng_ihdr header{};
  int error = spng_set_png_buffer(context.get(), file.data(), file.size());
  if (error == 0) error = spng_get_ihdr(context.get(), &header);
  if (error != 0) return refuse(spng_strerror(error));
  const std::size_t pixels = std::size_t{header.width} * header.height;
  if (pixels > max_pixels) {
    return refuse(fmt::format("{} by {} pixels, at most {} in all", header.width, header.height, max_pixels));
  }
  Image image{.width = static_cast<int>(header.width),
              .height = static_cast<int>(header.height),
              .rgb = std::vector<std::uint8_t>(3 * pixels)};
  error = spng_decode_image(context.get(), image.rgb.data(), image.rgb.size(), SPNG_FMT_RGB8, 0);
  if (error != 0) return refuse(spng_strerror(error));
  return image;
}

}  // namespace tandem::codec
