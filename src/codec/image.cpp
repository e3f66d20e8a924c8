#include "tandem/codec/image.hpp"

#include <algorithm>
#include <cmath>

#include "jpeg.hpp"
#include "png.hpp"
#include "resize.hpp"
#include "tandem/base/file.hpp"

namespace tandem::codec {

Result<Image> decode_image(std::span<const std::byte> file, std::size_t max_pixels) {
  if (is_jpeg(file)) return decode_jpeg(file, max_pixels);
  if (is_png(file)) return decode_png(file, max_pixels);
  return fail(Errc::invalid_argument, "not an image: neither JPEG nor PNG");
}

Result<Image> read_image(const std::filesystem::path& path) {
  const Result<std::string> file = read_file(path);
  if (!file) return forward_error(file);
  Result<Image> image = decode_image(std::as_bytes(std::span(*file)), kMaxPixels);
  if (!image) return forward_error(image, path.string());
  return image;
}

Image fit(const Image& image, const network::ImageInput& input) {
  Box box{.left = 0, .top = 0, .width = static_cast<double>(image.width), .height = static_cast<double>(image.height)};
  if (input.resize == network::ImageInput::Resize::crop) {
    // The largest box of the input's proportions, of which the centre `crop_ratio` is kept.
    const double source_per_pixel = std::min(box.width / input.width, box.height / input.height) * input.crop_ratio;
    const double width = source_per_pixel * input.width;
    const double height = source_per_pixel * input.height;
    box = {.left = (box.width - width) / 2, .top = (box.height - height) / 2, .width = width, .height = height};
  }
  return resize(image, box, input.width, input.height);
}

}  // namespace tandem::codec
