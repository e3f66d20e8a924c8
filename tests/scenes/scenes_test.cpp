#include <gmock/gmock.h>

#include <cmath>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "matchers.hpp"
#include "render.hpp"
#include "tandem/codec/image.hpp"

namespace tandem::scenes {
namespace {

constexpr Film kSmall = {.width = 40, .height = 30, .samples = 1};

codec::Image picture(std::uint64_t seed, std::string_view light) {
  return render(arrange(seed, light_named(light).value()), kSmall);
}

double mean_difference(const codec::Image& a, const codec::Image& b) {
  double sum = 0.0;
  for (std::size_t i = 0; i < a.rgb.size(); ++i) sum += std::abs(a.rgb[i] - b.rgb[i]);
  return sum / static_cast<double>(a.rgb.size());
}

TEST(Shape, DistancesAreThoseOfGeometry) {
  EXPECT_NEAR(distance({.form = Form::sphere, .half_size = {2, 2, 2}}, {5, 0, 0}), 3.0, 1e-12);
  EXPECT_NEAR(distance({.form = Form::box, .half_size = {1, 1, 1}}, {4, 5, 0}), 5.0, 0.03);
  EXPECT_NEAR(distance({.form = Form::cylinder, .half_size = {1, 2, 0}}, {0, 5, 0}), 3.0, 1e-12);
  EXPECT_NEAR(distance({.form = Form::torus, .half_size = {3, 1, 0}}, {2, 0, 0}), -1.0, 1e-12);
  EXPECT_LT(distance({.form = Form::cone, .half_size = {1, 1, 0}}, {0, 0, 0}), 0.0);
}

TEST(Shape, TurningForthAndBackChangesNothing) {
  const Shape shape{.center = {1, 2, 3}, .turn = 0.7};
  const Vector back = turn_to_world(shape, to_local(shape, {4, 5, 6}));
  EXPECT_NEAR(length(back - Vector{3, 3, 3}), 0.0, 1e-12);
}

TEST(Scenes, TheSameSeedMakesTheSamePicture) {
  EXPECT_EQ(picture(3, "noon").rgb, picture(3, "noon").rgb);
}

TEST(Scenes, SeedAndLightEachChangeThePicture) {
  EXPECT_GT(mean_difference(picture(3, "noon"), picture(4, "noon")), 10.0);
  EXPECT_GT(mean_difference(picture(3, "noon"), picture(3, "dusk")), 10.0);
}

TEST(Scenes, ThingsStandOnTheGroundOrOnEachOther) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    for (const Thing& thing : arrange(seed, light_named("noon").value()).things) {
      EXPECT_GE(thing.shape.center.y, thing.shape.half_size.y - 1e-9);
    }
  }
}

TEST(Scenes, TheShippedPicturesAreWhatTheGeneratorMakes) {
  const std::vector<std::pair<int, std::string>> shipped = {{1, "morning"},    {4, "overcast"}, {7, "evening"},
                                                            {10, "afternoon"}, {17, "noon"},    {19, "dusk"}};
  for (const auto& [seed, light] : shipped) {
    const auto file =
        std::string(TANDEM_SCENES_DIR) + (seed < 10 ? "/0" : "/") + std::to_string(seed) + "-" + light + ".jpg";
    const auto image = codec::read_image(file);
    ASSERT_THAT(image, IsOk());
    network::ImageInput size;
    size.width = kSmall.width;
    size.height = kSmall.height;
    const codec::Image fitted = codec::fit(*image, size);
    const codec::Image small = render(arrange(static_cast<std::uint64_t>(seed), light_named(light).value()),
                                      {.width = kSmall.width, .height = kSmall.height, .samples = 4});
    EXPECT_LT(mean_difference(fitted, small), 7.0) << file;
  }
}

}  // namespace
}  // namespace tandem::scenes
