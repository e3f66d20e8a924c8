#include "tandem/codec/image.hpp"

#include <gmock/gmock.h>
#include <spng.h>

#include <rapidcheck/gtest.h>
#include <cmath>
#include <cstdlib>
#include <memory>

#include "matchers.hpp"
#include "tandem/base/file.hpp"
#include "tandem/base/random.hpp"

namespace tandem::codec {
namespace {

using network::ElementType;
using network::ImageInput;
using network::TensorSpec;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Smooth, so that JPEG keeps it well.
Image gradient(int width, int height) {
  Image image{.width = width, .height = height, .rgb = {}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      image.rgb.push_back(static_cast<std::uint8_t>(x * 255 / width));
      image.rgb.push_back(static_cast<std::uint8_t>(y * 255 / height));
      image.rgb.push_back(static_cast<std::uint8_t>((x + y) * 127 / (width + height)));
    }
  }
  return image;
}

std::vector<std::byte> png_of(const Image& image) {
  const std::unique_ptr<spng_ctx, void (*)(spng_ctx*)> context(spng_ctx_new(SPNG_CTX_ENCODER), spng_ctx_free);
  spng_set_option(context.get(), SPNG_ENCODE_TO_BUFFER, 1);
  spng_ihdr header{.width = static_cast<std::uint32_t>(image.width),
                   .height = static_cast<std::uint32_t>(image.height),
                   .bit_depth = 8,
                   .color_type = SPNG_COLOR_TYPE_TRUECOLOR,
                   .compression_method = 0,
                   .filter_method = 0,
                   .interlace_method = 0};
  spng_set_ihdr(context.get(), &header);
  spng_encode_image(context.get(), image.rgb.data(), image.rgb.size(), SPNG_FMT_PNG, SPNG_ENCODE_FINALIZE);
  std::size_t bytes = 0;
  int error = 0;
  auto* file = static_cast<std::byte*>(spng_get_png_buffer(context.get(), &bytes, &error));
  std::vector<std::byte> result(file, file + bytes);
  std::free(file);
  return result;
}

TEST(Image, JpegComesBackNearlyTheSame) {
  const Image image = gradient(61, 47);
  const auto file = encode_jpeg(image, 95);
  ASSERT_THAT(file, IsOk());
  const auto decoded = decode_image(*file);
  ASSERT_THAT(decoded, IsOk());
  EXPECT_EQ(decoded->width, 61);
  EXPECT_EQ(decoded->height, 47);
  double error = 0;
  for (std::size_t i = 0; i < image.rgb.size(); ++i) error += std::abs(image.rgb[i] - decoded->rgb[i]);
  EXPECT_LT(error / static_cast<double>(image.rgb.size()), 2.0);
}

TEST(Image, PngComesBackTheSame) {
  const Image image = gradient(33, 20);
  const auto decoded = decode_image(png_of(image));
  ASSERT_THAT(decoded, IsOk());
  EXPECT_EQ(decoded->rgb, image.rgb);
}

TEST(Image, RefusesWhatIsNoImage) {
  EXPECT_THAT(decode_image({}), HasErrc(Errc::invalid_argument, HasSubstr("neither JPEG nor PNG")));
  EXPECT_THAT(read_image("/nowhere.jpg"), HasErrc(Errc::not_found, HasSubstr("/nowhere.jpg")));
  const auto path = testing::TempDir() + "not_an_image.png";
  ASSERT_THAT(write_file(path, "words"), IsOk());
  EXPECT_THAT(read_image(path), HasErrc(Errc::invalid_argument, HasSubstr(path)));
}

TEST(Image, RefusesEveryTruncation) {
  const auto jpeg = encode_jpeg(gradient(40, 30), 80).value();
  const auto png = png_of(gradient(40, 30));
  for (std::size_t length = 0; length < jpeg.size() - 2; ++length) {
    EXPECT_THAT(decode_image(std::span(jpeg).first(length)), HasErrc(Errc::invalid_argument, HasSubstr(""))) << length;
  }
  for (std::size_t length = 0; length + 16 < png.size(); ++length) {
    EXPECT_THAT(decode_image(std::span(png).first(length)), HasErrc(Errc::invalid_argument, HasSubstr(""))) << length;
  }
}

TEST(Image, RefusesMorePixelsThanAllowedBeforeAllocating) {
  const auto jpeg = encode_jpeg(gradient(40, 30), 80).value();
  EXPECT_THAT(decode_image(jpeg, 1199), HasErrc(Errc::invalid_argument, HasSubstr("40 by 30")));
  EXPECT_THAT(decode_image(png_of(gradient(40, 30)), 1199), HasErrc(Errc::invalid_argument, HasSubstr("40 by 30")));
}

RC_GTEST_PROP(Image, SurvivesDamage, (std::uint64_t seed)) {
  static const auto jpeg = encode_jpeg(gradient(40, 30), 80).value();
  static const auto png = png_of(gradient(40, 30));
  Random random(seed);
  for (auto file : {jpeg, png}) {
    for (std::uint64_t i = 0; i < 1 + random.below(5); ++i)
      file[random.below(file.size())] = static_cast<std::byte>(random.next());
    const auto image = decode_image(file, 1'000'000);
    if (image) RC_ASSERT(image->rgb.size() == static_cast<std::size_t>(3 * image->width * image->height));
  }
}

TEST(Image, RefusesAQualityThatIsNone) {
  EXPECT_THAT(encode_jpeg(gradient(2, 2), 0), HasErrc(Errc::invalid_argument, HasSubstr("quality 0")));
  EXPECT_THAT(encode_jpeg(Image{}, 50), HasErrc(Errc::invalid_argument, HasSubstr("cannot be coded")));
}

TEST(Image, FitStretchesOrCutsTheCentre) {
  const Image wide = gradient(200, 100);
  ImageInput input{.width = 50, .height = 50, .resize = ImageInput::Resize::stretch, .labels = {}};
  const Image stretched = fit(wide, input);
  EXPECT_LT(stretched.rgb[0], 10) << "the left edge is still there";
  input.resize = ImageInput::Resize::crop;
  input.crop_ratio = 1.0;
  const Image cropped = fit(wide, input);
  EXPECT_NEAR(cropped.rgb[0], 255 / 4.0, 3) << "a quarter is cut on the left";
  EXPECT_LT(cropped.rgb[1], 10) << "nothing is cut at the top";
  input.crop_ratio = 0.5;
  EXPECT_NEAR(fit(wide, input).rgb[1], 255 / 4.0, 3);
}

Image two_pixels() {
  return {.width = 2, .height = 1, .rgb = {1, 2, 3, 11, 12, 13}};
}

std::vector<float> tensor_of(const ImageInput& input, const std::vector<std::int64_t>& shape) {
  const TensorSpec spec{.name = "x", .type = ElementType::f32, .shape = shape};
  std::vector<float> values(spec.elements());
  EXPECT_THAT(to_tensor(two_pixels(), input, spec, std::as_writable_bytes(std::span(values))), IsOk());
  return values;
}

TEST(ToTensor, FollowsLayoutOrderMeanAndScale) {
  ImageInput input{.width = 2, .height = 1, .labels = {}};
  EXPECT_THAT(tensor_of(input, {1, 3, 1, 2}), ElementsAre(1, 11, 2, 12, 3, 13));
  input.bgr = true;
  EXPECT_THAT(tensor_of(input, {1, 3, 1, 2}), ElementsAre(3, 13, 2, 12, 1, 11));
  input.mean = {3, 2, 1};
  input.scale = {1, 2, 0.5};
  EXPECT_THAT(tensor_of(input, {1, 3, 1, 2}), ElementsAre(0, 10, 0, 20, 0, 5));
  input.layout = ImageInput::Layout::nhwc;
  EXPECT_THAT(tensor_of(input, {1, 1, 2, 3}), ElementsAre(0, 0, 0, 10, 20, 5));
  EXPECT_THAT(tensor_of(input, {2, 1, 2, 3}), ElementsAre(0, 0, 0, 10, 20, 5, 0, 0, 0, 10, 20, 5));
}

TEST(ToTensor, SaturatesIntegers) {
  const ImageInput input{.width = 2, .height = 1, .mean = {0, 0, 12}, .scale = {20, -20, 200}, .labels = {}};
  const TensorSpec bytes{.name = "x", .type = ElementType::u8, .shape = {1, 3, 1, 2}};
  std::vector<std::uint8_t> unsigned_values(6);
  ASSERT_THAT(to_tensor(two_pixels(), input, bytes, std::as_writable_bytes(std::span(unsigned_values))), IsOk());
  EXPECT_THAT(unsigned_values, ElementsAre(20, 220, 0, 0, 0, 200));
  const TensorSpec signed_bytes{.name = "x", .type = ElementType::i8, .shape = {1, 3, 1, 2}};
  std::vector<std::int8_t> signed_values(6);
  ASSERT_THAT(to_tensor(two_pixels(), input, signed_bytes, std::as_writable_bytes(std::span(signed_values))), IsOk());
  EXPECT_THAT(signed_values, ElementsAre(20, 127, -40, -128, -128, 127));
}

TEST(ToTensor, RefusesAnInputThatIsNoImageOfThatSize) {
  const ImageInput input{.width = 2, .height = 1, .labels = {}};
  for (const TensorSpec& spec : {TensorSpec{.name = "x", .type = ElementType::f32, .shape = {1, 3, 2, 1}},
                                 TensorSpec{.name = "x", .type = ElementType::f32, .shape = {6}},
                                 TensorSpec{.name = "x", .type = ElementType::i32, .shape = {1, 3, 1, 2}},
                                 TensorSpec{.name = "x", .type = ElementType::f32, .shape = {}}}) {
    std::vector<std::byte> out(spec.bytes());
    EXPECT_THAT(to_tensor(two_pixels(), input, spec, out), HasErrc(Errc::failed_precondition, HasSubstr("2 by 1")));
  }
}

}  // namespace
}  // namespace tandem::codec
