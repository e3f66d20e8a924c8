#include "tandem/network/image_input.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "matchers.hpp"
#include "models.hpp"

namespace tandem::network {
namespace {

using namespace testing;
using ::testing::DoubleNear;
using ::testing::HasSubstr;

Network network_with_input(const ov::Shape& shape, ov::element::Type type = ov::element::f32) {
  ModelBuilder b;
  return Network::from_model(b.model({b.op<ov::op::v0::Abs>("", b.input("x", shape, type))}), "net").value();
}

class Sidecar : public ::testing::Test {
 protected:
  void write(const std::string& content) const { std::ofstream(reference_ + ".input.json") << content; }
  void TearDown() override { std::filesystem::remove(reference_ + ".input.json"); }
  std::string reference_ = std::string(::testing::TempDir()) + "/sidecar_model.onnx";
};

TEST(ImageInput, TheShapeSaysSizeAndLayout) {
  const auto first = image_input_for(network_with_input({1, 3, 20, 30}), "zoo:x").value();
  EXPECT_EQ(first.width, 30);
  EXPECT_EQ(first.height, 20);
  EXPECT_EQ(first.layout, ImageInput::Layout::nchw);
  EXPECT_THAT(first.mean[0], DoubleNear(123.675, 1e-9));
  const auto last = image_input_for(network_with_input({1, 20, 30, 3}), "zoo:x").value();
  EXPECT_EQ(last.width, 30);
  EXPECT_EQ(last.layout, ImageInput::Layout::nhwc);
}

TEST(ImageInput, IntegersTakePixels) {
  const auto pixels = image_input_for(network_with_input({1, 8, 8, 3}, ov::element::i32), "zoo:x").value();
  EXPECT_EQ(pixels.mean, (std::array<double, 3>{0, 0, 0}));
  EXPECT_EQ(pixels.scale, (std::array<double, 3>{1, 1, 1}));
  const auto shifted = image_input_for(network_with_input({1, 8, 8, 3}, ov::element::i8), "zoo:x").value();
  EXPECT_EQ(shifted.mean, (std::array<double, 3>{128, 128, 128}));
}

TEST(ImageInput, SaysWhyANetworkTakesNoImage) {
  EXPECT_THAT(image_input_for(network_with_input({1, 825}), "zoo:x"),
              HasErrc(Errc::failed_precondition, HasSubstr("f32[1,825]")));
  EXPECT_THAT(image_input_for(network_with_input({1, 4, 8, 8}), "zoo:x"),
              HasErrc(Errc::failed_precondition, HasSubstr("no image")));
}

TEST(ImageInput, JsonIsReadBack) {
  ImageInput input;
  input.width = 30;
  input.layout = ImageInput::Layout::nhwc;
  input.resize = ImageInput::Resize::crop;
  input.bgr = true;
  input.mean = {1, 2, 3};
  input.scale = {0.5, 0.25, 0.125};
  input.labels = "labels.txt";
  EXPECT_EQ(image_input_from_json(to_json(input)).value(), input);
}

TEST(ImageInput, JsonThatIsWrongNamesTheField) {
  const auto refused = [](const Json& fields) {
    Json json{{"format", "tandem.input.v1"}};
    json.update(fields);
    return image_input_from_json(json);
  };
  EXPECT_THAT(refused({{"width", 0}}), HasErrc(Errc::invalid_argument, HasSubstr("'width'")));
  EXPECT_THAT(refused({{"layout", "chw"}}), HasErrc(Errc::invalid_argument, HasSubstr("'layout'")));
  EXPECT_THAT(refused({{"resize", 3}}), HasErrc(Errc::invalid_argument, HasSubstr("'resize'")));
  EXPECT_THAT(refused({{"mean", {1, 2}}}), HasErrc(Errc::invalid_argument, HasSubstr("'mean'")));
  EXPECT_THAT(refused({{"crop_ratio", 0}}), HasErrc(Errc::invalid_argument, HasSubstr("'crop_ratio'")));
  EXPECT_THAT(refused({{"format", "tandem.input.v2"}}), HasErrc(Errc::invalid_argument, HasSubstr("'format'")));
  EXPECT_THAT(image_input_from_json(Json::array()), HasErrc(Errc::invalid_argument, HasSubstr("object")));
}

TEST_F(Sidecar, SaysWhatTheShapeDoesNot) {
  write(R"({"format": "tandem.input.v1", "mean": [127.5], "scale": [0.5], "channels": "bgr", "labels": "l.txt"})");
  const auto input = image_input_for(network_with_input({1, 3, 20, 30}), reference_);
  ASSERT_THAT(input, IsOk());
  EXPECT_EQ(input->width, 30);
  EXPECT_TRUE(input->bgr);
  EXPECT_EQ(input->mean, (std::array<double, 3>{127.5, 127.5, 127.5}));
  EXPECT_EQ(input->labels, (std::filesystem::path(::testing::TempDir()) / "l.txt").string());
}

TEST_F(Sidecar, MustFitTheNetwork) {
  write(R"({"format": "tandem.input.v1", "width": 31})");
  EXPECT_THAT(image_input_for(network_with_input({1, 3, 20, 30}), reference_),
              HasErrc(Errc::failed_precondition, HasSubstr("31x20")));
}

TEST_F(Sidecar, IsNamedWhereItIsBroken) {
  write("{");
  EXPECT_THAT(image_input_for(network_with_input({1, 3, 20, 30}), reference_),
              HasErrc(Errc::invalid_argument, HasSubstr("sidecar_model.onnx.input.json")));
}

}  // namespace
}  // namespace tandem::network
