// Images: read (JPEG, PNG), resized, and turned into a network's input tensor; JPEG coded as a baseline and a codec.
//
//   Result<Image> photo = codec::read_image("cat.jpg");
//   Image fitted = codec::fit(*photo, input);                         // resized and cropped, still 8-bit RGB
//   Status done = codec::to_tensor(fitted, input, spec, run.input_bytes(0));
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "tandem/base/result.hpp"
#include "tandem/network/image_input.hpp"
#include "tandem/network/tensor.hpp"

namespace tandem::codec {

// 8-bit RGB, row-major, interleaved.
struct Image {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> rgb;
};

// By content, JPEG or PNG, at most 100 megapixels. Errors: not_found, invalid_argument (neither, damaged, too large).
Result<Image> read_image(const std::filesystem::path& path);
Result<Image> decode_image(std::span<const std::byte> file);
Result<std::vector<std::byte>> encode_jpeg(const Image& image, int quality);

// Resizes with antialiasing (triangle filter over the source area; plain bilinear when enlarging) and crops.
Image fit(const Image& image, const network::ImageInput& input);

// Mean, scale, channel order, layout, element type; a batch repeats the image. Preconditions: the image has the input's
// size and out.size() == spec.bytes(). Error: failed_precondition where spec is not of that shape.
Status to_tensor(const Image& image, const network::ImageInput& input, const network::TensorSpec& spec,
                 std::span<std::byte> out);

}  // namespace tandem::codec
