// Coders side by side: each gives back what it got, and is counted with all its headers.
#include "tandem/codec/measure.hpp"

#include <gmock/gmock.h>

#include "matchers.hpp"
#include "tandem/base/random.hpp"
#include "webp.hpp"

namespace tandem::codec {
namespace {

using ::testing::HasSubstr;

TEST(MeasuredCoders, AllGiveBackWhatTheyGot) {
  const network::TensorSpec spec{.name = "x", .type = network::ElementType::f32, .shape = {1, 5, 20, 30}};
  Random random(1);
  std::vector<float> values(spec.elements());
  for (float& value : values) value = static_cast<float>(random.uniform(-1, 1));
  const std::vector<std::string> coders{
      "tfc", "tfc-fast", "tfc-prior", "tfc-by-channel", "tfc-fast-by-channel", "png", "zstd-3", "jxl-3", "webp"};
  for (const int bits : {8, 4}) {
    const auto figures =
        measure_coders(coders, {.spec = spec, .data = std::as_bytes(std::span(values)), .bits = bits}).value();
    ASSERT_EQ(figures.size(), coders.size());
    for (std::size_t i = 0; i < coders.size(); ++i) {
      EXPECT_EQ(figures[i].coder, coders[i]);
      EXPECT_GT(figures[i].bytes, 3000.0 * bits / 8) << coders[i] << ": it is noise";
    }
    // Five channels with 35 bits each, and the levels, instead of the ten bytes of one range.
    EXPECT_NEAR(figures[4].bytes, figures[1].bytes + 2 + 22 - 10, 40);
  }
  EXPECT_THAT(measure_coders({"lzma"}, {.spec = spec, .data = std::as_bytes(std::span(values))}),
              HasErrc(Errc::invalid_argument, HasSubstr("lzma")));
}

TEST(WebP, LosesNothingAndNoticesWhatIsNoneOfIts) {
  GreyImage image{.width = 31, .height = 7, .pixels = {}};
  for (std::size_t i = 0; i < image.width * image.height; ++i) image.pixels.push_back(static_cast<std::uint8_t>(i * i));
  const auto file = encode_webp(image).value();
  EXPECT_EQ(decode_webp(file, 31, 7).value(), image.pixels);
  EXPECT_THAT(decode_webp(file, 7, 31), HasErrc(Errc::data_loss, HasSubstr("WebP")));
  EXPECT_THAT(decode_webp(std::span(file).first(file.size() / 2), 31, 7), HasErrc(Errc::data_loss, HasSubstr("WebP")));
  EXPECT_THAT(decode_webp({}, 31, 7), HasErrc(Errc::data_loss, HasSubstr("WebP")));
  const GreyImage wide{.width = 20'000, .height = 1, .pixels = std::vector<std::uint8_t>(20'000)};
  EXPECT_THAT(encode_webp(wide), HasErrc(Errc::invalid_argument, HasSubstr("too many for WebP")));
}

}  // namespace
}  // namespace tandem::codec
