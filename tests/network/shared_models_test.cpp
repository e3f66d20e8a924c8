// Real networks in real formats; skipped where the shared data folder is absent.
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>

#include "matchers.hpp"
#include "models.hpp"
#include "tandem/network/import.hpp"

namespace tandem::network {
namespace {

using namespace testing;
using ::testing::HasSubstr;

std::string shared(const std::string& name) {
  return std::string(TANDEM_SHARED_DATA) + "/" + name;
}

#define SKIP_WITHOUT(path) \
  if (!std::filesystem::exists(path)) GTEST_SKIP() << (path) << " is not here"

constexpr const char* kMobileNetLite = "imagenet_models/mobilenet_v2_1.0_224_quant.tflite";
constexpr const char* kMobileNetOnnx = "imagenet_models/mobilenet_v2_1.0_224_quant.fp32.onnx";

TEST(SharedModels, MobileNetReadsTheSameFromBothFormats) {
  SKIP_WITHOUT(shared(kMobileNetLite));
  const auto lite = load(shared(kMobileNetLite)).value();
  const auto onnx = load(shared(kMobileNetOnnx)).value();
  EXPECT_EQ(lite.layers(), onnx.layers());
  EXPECT_EQ(lite.edges(), onnx.edges());
  EXPECT_EQ(lite.blocks(), onnx.blocks());
  ASSERT_EQ(lite.boundaries().size(), onnx.boundaries().size());
  for (std::size_t k = 0; k < lite.boundaries().size(); ++k) {
    EXPECT_EQ(lite.boundaries()[k].tensors, onnx.boundaries()[k].tensors) << "boundary " << k;
  }
}

TEST(SharedModels, MobileNetIsDividedOutsideItsResidualBlocks) {
  SKIP_WITHOUT(shared(kMobileNetLite));
  const auto network = load(shared(kMobileNetLite)).value();
  EXPECT_EQ(network.layers().size(), 65U);
  EXPECT_EQ(network.size(), 35);
  EXPECT_EQ(std::ranges::count(layer_types(network), "Add"), 10);
  EXPECT_EQ(network.layers()[0].name, "MobilenetV2/Conv/Relu6");
  EXPECT_EQ(network.layers()[9].name, "MobilenetV2/expanded_conv_2/add");
  for (int k = 1; k < network.size(); ++k) {
    EXPECT_TRUE(network.boundaries()[k].quantization.has_value()) << "boundary " << k;
    EXPECT_EQ(network.boundaries()[k].bytes(), network.boundaries()[k].tensors.at(0).elements());
  }
}

struct Expectation {
  const char* file;
  double mega_macs;
  int blocks;
};

class SharedModel : public ::testing::TestWithParam<Expectation> {};

TEST_P(SharedModel, IsReadWithCleanNamesAndItsKnownCost) {
  SKIP_WITHOUT(shared(GetParam().file));
  const auto network = load(shared(GetParam().file));
  ASSERT_THAT(network, IsOk());
  double macs = 0;
  for (const Layer& layer : network->layers()) {
    macs += static_cast<double>(layer.macs);
    EXPECT_THAT(layer.name,
                ::testing::Not(::testing::ContainsRegex("[;:]|__|prequant|WithoutBiases|^[A-Z][A-Za-z]*_[0-9]+$")));
  }
  EXPECT_NEAR(macs / 1e6, GetParam().mega_macs, 0.01 * GetParam().mega_macs + 0.5);
  EXPECT_EQ(network->size(), GetParam().blocks);
}

INSTANTIATE_TEST_SUITE_P(
    All, SharedModel,
    ::testing::Values(Expectation{"imagenet_models/mobilenet_v1_0.25_128_quant.tflite", 13.6, 30},
                      Expectation{"imagenet_models/mobilenet_v1_0.25_128_quant.fp32.onnx", 13.6, 30},
                      Expectation{"imagenet_models/mobilenet_v1_0.5_160_quant.tflite", 76.5, 30},
                      Expectation{"imagenet_models/mobilenet_v1_0.75_192_quant.tflite", 239, 30},
                      Expectation{"imagenet_models/mcunet-512kb-2mb_imagenet.tflite", 126, 33},
                      Expectation{"imagenet_models/mobilenet_v2_1.0_224_quant.tflite", 301, 35},
                      Expectation{"imagenet_models/mobilenet_v2_1.0_224_quant.fp32.onnx", 301, 35},
                      Expectation{"imagenet_models/SqueezeNet_fp16.onnx", 349, 23},
                      Expectation{"cifar10_models/resnet20_cifar10.onnx", 41, 12},
                      Expectation{"cifar10_models/resnet32_cifar10.onnx", 69, 18},
                      Expectation{"cifar10_models/resnet44_cifar10.onnx", 97, 24},
                      Expectation{"cifar10_models/resnet56_cifar10.onnx", 125, 30},
                      Expectation{"cifar10_models/mlperftiny_pretrainedResnet.tflite", 12.5, 7},
                      Expectation{"cifar10_models/mlperftiny_pretrainedResnet_large_float.tflite", 76.5, 7}));

// Through 8-bit codes and back, as the boundary's quantisation says.
Tensor through_codes(const Tensor& tensor, const Quantization& grid) {
  Tensor out = tensor;
  for (float& value : out.as<float>()) {
    const float steps = static_cast<float>(grid.levels - 1);
    const float code = std::clamp(std::round((value - grid.low) / (grid.high - grid.low) * steps), 0.0F, steps);
    const float decoded = code / steps * (grid.high - grid.low) + grid.low;
    EXPECT_NEAR(decoded, value, 1e-4F * (grid.high - grid.low)) << "the tensor is not on its grid";
    value = decoded;
  }
  return out;
}

// Runs the network block by block: every boundary is crossed.
std::vector<Tensor> run_in_blocks(const Network& network, std::vector<Tensor> tensors) {
  for (int k = 1; k <= network.size(); ++k) {
    tensors = run(network.cut({.first = k, .last = k}).value(), tensors);
    if (const auto& grid = network.boundaries()[k].quantization) tensors.at(0) = through_codes(tensors.at(0), *grid);
  }
  return tensors;
}

TEST(SharedModels, AFloatNetworkRunInBlocksAnswersAsTheWhole) {
  for (const char* file :
       {"cifar10_models/resnet20_cifar10.onnx", "cifar10_models/mlperftiny_pretrainedResnet.tflite"}) {
    SKIP_WITHOUT(shared(file));
    const auto network = load(shared(file)).value();
    const auto inputs = random_inputs(*network.model());
    EXPECT_LE(relative_difference(run(network.model(), inputs), run_in_blocks(network, inputs)), 1e-4) << file;
  }
}

TEST(SharedModels, AQuantisedNetworkRunInBlocksThroughCodesAnswersAsTheWhole) {
  const std::string file = shared("imagenet_models/mobilenet_v1_0.25_128_quant.tflite");
  SKIP_WITHOUT(file);
  const auto network = load(file).value();
  const auto inputs = random_inputs(*network.model());
  // Outputs are probabilities in 256 levels.
  const auto whole = run(network.model(), inputs);
  const auto split = run_in_blocks(network, inputs);
  for (std::size_t i = 0; i < whole[0].data.size(); ++i) {
    EXPECT_NEAR(static_cast<int>(whole[0].data[i]), static_cast<int>(split[0].data[i]), 8) << "class " << i;
  }
}

TEST(SharedModels, TheOrderOfLoadingLeavesNoTrace) {
  const std::string file = shared("cifar10_models/mlperftiny_pretrainedResnet.tflite");
  SKIP_WITHOUT(file);
  const auto first = load(file).value();
  ASSERT_THAT(load(shared("cifar10_models/resnet20_cifar10.onnx")), IsOk());
  const auto second = load(file).value();
  EXPECT_EQ(first.fingerprint(), second.fingerprint());
  EXPECT_EQ(first.layers(), second.layers());
}

TEST(SharedModels, TruncatedFilesAreRefusedInOneLine) {
  for (const std::string name : {"resnet20_cifar10.onnx", "mlperftiny_pretrainedResnet.tflite"}) {
    SKIP_WITHOUT(shared("cifar10_models/" + name));
    std::ifstream file(shared("cifar10_models/" + name), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    const std::string path = std::string(::testing::TempDir()) + "/truncated_" + name;
    for (const std::size_t size : {bytes.size() / 7, bytes.size() / 2, bytes.size() - 100}) {
      std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes.substr(0, size);
      EXPECT_THAT(load(path), HasErrc(Errc::invalid_argument, HasSubstr("damaged"))) << size << " bytes of " << name;
    }
    std::filesystem::remove(path);
  }
}

TEST(SharedModels, AnUnknownOnnxOperatorIsNamed) {
  SKIP_WITHOUT(shared("cifar10_models/resnet20_cifar10.onnx"));
  std::ifstream file(shared("cifar10_models/resnet20_cifar10.onnx"), std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(file), {}};
  const auto found = bytes.find("\x04Relu");
  ASSERT_NE(found, std::string::npos);
  bytes.replace(found, 5,
                "\x04"
                "Frob");
  const std::string path = std::string(::testing::TempDir()) + "/unknown.onnx";
  std::ofstream(path, std::ios::binary) << bytes;
  EXPECT_THAT(load(path), HasErrc(Errc::invalid_argument, HasSubstr("Frob")));
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace tandem::network
