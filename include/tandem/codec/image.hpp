// Images: read (JPEG, PNG), resized, and turned into a network's input tensor; JPEG coded as a baseline and a codec.
//
//   Result<Image> photo = codec::read_image("cat.jpg");
//   Image fitted = codec::fit(*photo, input);                         // resized and cropped, still 8-bit RGB
//   Status done = codec::to_tensor(fitted, input, spec, run.input_bytes(0));
#pragma once

#include <cstddef>
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

inline constexpr std::size_t kMaxPixels = 100'000'000;

// By content, JPEG or PNG; the orientation a camera notes beside the pixels is not applied. Nothing is allocated for an
// image that claims over `max_pixels`. Errors: not_found, invalid_argument (neither, damaged, cut off, too large).
Result<Image> read_image(const std::filesystem::path& path);
Result<Image> decode_image(std::span<const std::byte> file, std::size_t max_pixels = kMaxPixels);

// `quality` 1..100, colours at half resolution (4:2:0). Error: invalid_argument.
Result<std::vector<std::byte>> encode_jpeg(const Image& image, int quality);

// Resizes with antialiasing (triangle filter over the source area; plain bilinear when enlarging) and crops.
// Preconditions: the image is not empty; the input's size is positive, its crop_ratio in (0, 1].
Image fit(const Image& image, const network::ImageInput& input);

// Mean, scale, channel order, layout, element type (f32, f16, bf16; u8 and i8 round and saturate); a batch repeats the
// image. Preconditions: the image has the input's size and out.size() == spec.bytes(). Error: failed_precondition where
// spec is not of that shape or type.
Status to_tensor(const Image& image, const network::ImageInput& input, const network::TensorSpec& spec,
                 std::span<std::byte> out);

}  // namespace tandem::codec
