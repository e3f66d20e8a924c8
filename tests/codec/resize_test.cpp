#include "resize.hpp"

#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>
#include <algorithm>
#include <cmath>

#include "tandem/base/random.hpp"

namespace tandem::codec {
namespace {

Image random_image(int width, int height, std::uint64_t seed) {
  Random random(seed);
  Image image{
      .width = width, .height = height, .rgb = std::vector<std::uint8_t>(static_cast<std::size_t>(3 * width * height))};
  for (auto& value : image.rgb) value = static_cast<std::uint8_t>(random.next());
  return image;
}

Box whole(const Image& image) {
  return {.width = static_cast<double>(image.width), .height = static_cast<double>(image.height)};
}

// The definition: a weighted mean over all pixels, weights falling linearly with distance in either axis.
double naive_pixel(const Image& image, const Box& box, int width, int height, int x, int y, int channel) {
  const double scale_x = box.width / width;
  const double scale_y = box.height / height;
  double sum = 0;
  double weights = 0;
  for (int row = 0; row < image.height; ++row) {
    for (int column = 0; column < image.width; ++column) {
      const double dx = std::fabs(column + 0.5 - (box.left + (x + 0.5) * scale_x)) / std::max(1.0, scale_x);
      const double dy = std::fabs(row + 0.5 - (box.top + (y + 0.5) * scale_y)) / std::max(1.0, scale_y);
      const double weight = std::max(0.0, 1 - dx) * std::max(0.0, 1 - dy);
      const int at = (row * image.width + column) * 3 + channel;
      sum += weight * image.rgb[static_cast<std::size_t>(at)];
      weights += weight;
    }
  }
  return sum / weights;
}

RC_GTEST_PROP(Resize, IsTheWeightedMeanOfItsDefinition, (std::uint64_t seed)) {
  const Image image = random_image(*rc::gen::inRange(1, 20), *rc::gen::inRange(1, 20), seed);
  Random random(seed);
  Box box = whole(image);
  box.left = random.uniform(0, box.width / 3);
  box.top = random.uniform(0, box.height / 3);
  box.width *= random.uniform(0.2, 0.6);
  box.height *= random.uniform(0.2, 0.6);
  const int width = *rc::gen::inRange(1, 24);
  const int height = *rc::gen::inRange(1, 24);
  const Image resized = resize(image, box, width, height);
  RC_ASSERT(resized.rgb.size() == static_cast<std::size_t>(3 * width * height));
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (int c = 0; c < 3; ++c) {
        const double expected = naive_pixel(image, box, width, height, x, y, c);
        RC_ASSERT(std::fabs(resized.rgb[static_cast<std::size_t>((y * width + x) * 3 + c)] - expected) <= 0.51);
      }
    }
  }
}

TEST(Resize, KeepsAnImageOfTheSameSize) {
  const Image image = random_image(17, 9, 4);
  EXPECT_EQ(resize(image, whole(image), 17, 9).rgb, image.rgb);
}

TEST(Resize, DoesNotAliasAChequerboard) {
  Image board = random_image(64, 64, 5);
  for (std::size_t i = 0; i < board.rgb.size(); ++i) board.rgb[i] = (i / 3 % 64 + i / 3 / 64) % 2 == 0 ? 0 : 255;
  for (const auto value : resize(board, whole(board), 16, 16).rgb) EXPECT_NEAR(value, 127.5, 3);
}

}  // namespace
}  // namespace tandem::codec
