// Trained networks on real photographs: 8-bit transfer does not change what they see. Needs data that is not part of
// the repository and is skipped without it.
#include <gmock/gmock.h>

#include <algorithm>
#include <bit>
#include <cctype>
#include <cstdio>
#include <filesystem>

#include "tandem/codec/codec.hpp"
#include "tandem/codec/image.hpp"
#include "tandem/engine/model.hpp"
#include "tandem/network/image_input.hpp"
#include "tandem/network/import.hpp"

namespace tandem {
namespace {

namespace fs = std::filesystem;
using network::Tensor;
using network::TensorSpec;

const fs::path kData = TANDEM_SHARED_DATA;

std::vector<std::string> photographs() {
  std::vector<std::string> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(kData / "imagenet_photos" / "images", error)) {
    files.push_back(entry.path().string());
  }
  std::ranges::sort(files);
  return files;
}

// The class with the greatest value; ties go to the first, as they do for the user.
template <class T>
std::size_t greatest(std::span<const std::byte> bytes) {
  const std::span<const T> values(reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T));
  return static_cast<std::size_t>(std::ranges::max_element(values) - values.begin());
}

float from_half(std::uint16_t bits) {
  return static_cast<float>(std::bit_cast<_Float16>(bits));
}

std::size_t top1(const TensorSpec& spec, std::span<const std::byte> bytes) {
  switch (spec.type) {
    case network::ElementType::u8: return greatest<std::uint8_t>(bytes);
    case network::ElementType::i8: return greatest<std::int8_t>(bytes);
    case network::ElementType::f16: {
      const std::span<const std::uint16_t> values(reinterpret_cast<const std::uint16_t*>(bytes.data()),
                                                  bytes.size() / 2);
      return static_cast<std::size_t>(std::ranges::max_element(values, {}, from_half) - values.begin());
    }
    default: return greatest<float>(bytes);
  }
}

engine::Run compiled(const network::Network& network, network::BlockRange range) {
  return engine::compile(network.cut(range).value()).value().new_run();
}

struct Trained {
  const char* file;
  // SqueezeNet's own preprocessing; the quantised networks take pixels as their input's type says.
  bool caffe = false;
};

void PrintTo(const Trained& trained, std::ostream* out) {
  *out << trained.file;
}

class Photographs : public ::testing::TestWithParam<Trained> {};

TEST_P(Photographs, EightBitTransferKeepsTheAnswerOnNearlyAll) {
  const fs::path file = kData / "imagenet_models" / GetParam().file;
  const auto photos = photographs();
  if (!fs::exists(file) || photos.empty()) GTEST_SKIP() << "the trained networks and photographs are not here";
  const auto network = network::load(file.string()).value();
  auto input = network::image_input_for(network, file.string()).value();
  if (GetParam().caffe) {
    input.bgr = true;
    input.mean = {104, 117, 123};
    input.scale = {1, 1, 1};
  }
  const int n = network.size();
  engine::Run whole = compiled(network, {.first = 1, .last = n});
  const TensorSpec answer = network.boundaries().back().tensors.front();
  const TensorSpec pixels = network.boundaries().front().tensors.front();
  // Every boundary gets every (N - 1)th photograph.
  std::size_t equal = 0;
  for (int k = 1; k < n; ++k) {
    engine::Run head = compiled(network, {.first = 1, .last = k});
    engine::Run tail = compiled(network, {.first = k + 1, .last = n});
    const auto& boundary = network.boundaries()[static_cast<std::size_t>(k)];
    const TensorSpec& crossing = boundary.tensors.front();
    for (std::size_t i = static_cast<std::size_t>(k - 1); i < photos.size(); i += static_cast<std::size_t>(n - 1)) {
      const codec::Image photo = codec::fit(codec::read_image(photos[i]).value(), input);
      ASSERT_TRUE(codec::to_tensor(photo, input, pixels, whole.input_bytes(0)));
      std::ranges::copy(whole.input_bytes(0), head.input_bytes(0).begin());
      ASSERT_TRUE(whole.infer());
      ASSERT_TRUE(head.infer());
      const auto coded = codec::encode("linear8", crossing, head.output_bytes(0), boundary.quantization).value();
      ASSERT_TRUE(codec::decode(coded, crossing, tail.input_bytes(0)));
      ASSERT_TRUE(tail.infer());
      equal += top1(answer, whole.output_bytes(0)) == top1(answer, tail.output_bytes(0)) ? 1U : 0U;
    }
  }
  RecordProperty("equal", static_cast<int>(equal));
  std::printf("%s: top-1 equal on %zu of %zu photographs, over %d boundaries\n", GetParam().file, equal, photos.size(),
              n - 1);
  EXPECT_GE(static_cast<double>(equal), 0.98 * static_cast<double>(photos.size()));
}

INSTANTIATE_TEST_SUITE_P(
    Trained, Photographs,
    ::testing::Values(Trained{"mobilenet_v1_0.25_128_quant.tflite"}, Trained{"mobilenet_v1_0.25_128_quant.fp32.onnx"},
                      Trained{"mobilenet_v1_0.5_160_quant.tflite"}, Trained{"mcunet-512kb-2mb_imagenet.tflite"},
                      Trained{"mobilenet_v1_0.75_192_quant.tflite"}, Trained{"mobilenet_v2_1.0_224_quant.tflite"},
                      Trained{"mobilenet_v2_1.0_224_quant.fp32.onnx"}, Trained{"SqueezeNet_fp16.onnx", true}),
    [](const auto& test) {
      std::string name = test.param.file;
      std::ranges::replace_if(name, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
      return name;
    });

}  // namespace
}  // namespace tandem
