#include "tiles.hpp"

#include <fmt/format.h>
#include <png.h>
#include <spng.h>

#include <algorithm>
#include <bit>
#include <memory>

#include "jpeg.hpp"

namespace tandem::codec {
namespace {

constexpr int kLevel = 6;
constexpr int kQuality = 20;  // of JPEG, chapter 4 of the dissertation

struct Grid {
  std::size_t columns;
  std::size_t rows;
};

Grid grid_of(std::size_t channels) {
  // ceil(log2(C) / 2) of a C that is no power of two is that of the next one.
  const auto log2 = static_cast<unsigned>(std::bit_width(channels - 1));
  const std::size_t columns = std::size_t{1} << ((log2 + 1) / 2);
  return {.columns = columns, .rows = (channels + columns - 1) / columns};
}

struct WriterDeleter {
  void operator()(png_struct* writer) const { png_destroy_write_struct(&writer, nullptr); }
};

struct ContextDeleter {
  void operator()(spng_ctx* context) const { spng_ctx_free(context); }
};

void append_to(png_struct* writer, png_byte* bytes, std::size_t count) {
  auto& out = *static_cast<std::vector<std::byte>*>(png_get_io_ptr(writer));
  const auto* begin = reinterpret_cast<const std::byte*>(bytes);
  out.insert(out.end(), begin, begin + count);
}

void untile(std::span<const std::uint8_t> pixels, const PlaneShape& shape, std::span<std::uint8_t> codes) {
  const Grid grid = grid_of(shape.channels);
  const std::size_t width = grid.columns * shape.width;
  for (std::size_t c = 0; c < shape.channels; ++c) {
    const std::uint8_t* const corner =
        pixels.data() + c / grid.columns * shape.height * width + c % grid.columns * shape.width;
    for (std::size_t y = 0; y < shape.height; ++y) {
      std::copy_n(corner + y * width, shape.width, codes.data() + c * shape.plane() + y * shape.width);
    }
  }
}

}  // namespace

GreyImage tile(std::span<const std::uint8_t> codes, const PlaneShape& shape) {
  const Grid grid = grid_of(shape.channels);
  GreyImage image{.width = grid.columns * shape.width, .height = grid.rows * shape.height, .pixels = {}};
  image.pixels.resize(image.width * image.height);
  for (std::size_t c = 0; c < shape.channels; ++c) {
    std::uint8_t* const corner =
        image.pixels.data() + c / grid.columns * shape.height * image.width + c % grid.columns * shape.width;
    for (std::size_t y = 0; y < shape.height; ++y) {
      std::copy_n(codes.data() + c * shape.plane() + y * shape.width, shape.width, corner + y * image.width);
    }
  }
  return image;
}

std::vector<std::byte> encode_tiles(std::span<const std::uint8_t> codes, const PlaneShape& shape) {
  const GreyImage image = tile(codes, shape);
  std::vector<std::byte> file;
  // Writing to memory cannot fail but for lack of it, which ends the program as it does elsewhere.
  const std::unique_ptr<png_struct, WriterDeleter> writer(
      png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr));
  png_info* info = png_create_info_struct(writer.get());
  png_set_write_fn(writer.get(), &file, append_to, nullptr);
  png_set_compression_level(writer.get(), kLevel);
  png_set_IHDR(writer.get(), info, static_cast<png_uint_32>(image.width), static_cast<png_uint_32>(image.height), 8,
               PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(writer.get(), info);
  for (std::size_t y = 0; y < image.height; ++y) {
    png_write_row(writer.get(), image.pixels.data() + y * image.width);
  }
  png_write_end(writer.get(), info);
  png_destroy_info_struct(writer.get(), &info);
  return file;
}

Status decode_tiles(std::span<const std::byte> file, const PlaneShape& shape, unsigned levels,
                    std::span<std::uint8_t> codes) {
  const auto damaged = [](const std::string& why) {
    return fail(Errc::data_loss, "the coded tensor's PNG file is damaged: " + why);
  };
  const std::unique_ptr<spng_ctx, ContextDeleter> context(spng_ctx_new(0));
  if (!context) return damaged("out of memory");
  spng_ihdr header{};
  int error = spng_set_png_buffer(context.get(), file.data(), file.size());
  if (error == 0) error = spng_get_ihdr(context.get(), &header);
  if (error != 0) return damaged(spng_strerror(error));
  const Grid grid = grid_of(shape.channels);
  const std::size_t width = grid.columns * shape.width;
  const std::size_t height = grid.rows * shape.height;
  if (header.width != width || header.height != height || header.bit_depth != 8 ||
      header.color_type != SPNG_COLOR_TYPE_GRAYSCALE) {
    return damaged(fmt::format("it is not a grey image of {} by {}", width, height));
  }
  std::vector<std::uint8_t> pixels(width * height);
  error = spng_decode_image(context.get(), pixels.data(), pixels.size(), SPNG_FMT_G8, 0);
  if (error != 0) return damaged(spng_strerror(error));
  untile(pixels, shape, codes);
  const bool within = std::ranges::all_of(codes, [levels](std::uint8_t code) { return code < levels; });
  return within ? Status() : damaged("a pixel is beyond the levels");
}

Result<std::vector<std::byte>> encode_lossy_tiles(std::span<const std::uint8_t> codes, const PlaneShape& shape) {
  return encode_grey_jpeg(tile(codes, shape), kQuality);
}

Status decode_lossy_tiles(std::span<const std::byte> file, const PlaneShape& shape, unsigned levels,
                          std::span<std::uint8_t> codes) {
  const Grid grid = grid_of(shape.channels);
  const auto image = decode_grey_jpeg(file, grid.columns * shape.width, grid.rows * shape.height);
  if (!image) return fail(Errc::data_loss, "the coded tensor is damaged: " + image.error().message);
  untile(image->pixels, shape, codes);
  // What is lost may lead beyond the levels.
  for (std::uint8_t& code : codes) code = static_cast<std::uint8_t>(std::min<unsigned>(code, levels - 1));
  return {};
}

}  // namespace tandem::codec
