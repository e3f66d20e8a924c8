// A split run answers as the whole network: every zoo network, every boundary, float transfer.
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "matchers.hpp"
#include "tandem/base/random.hpp"
#include "tandem/codec/codec.hpp"
#include "tandem/engine/model.hpp"
#include "tandem/network/zoo.hpp"

namespace tandem::network {
namespace {

constexpr double kTolerance = 1e-4;  // of the whole network's largest output

std::vector<std::byte> bytes_of(std::span<const std::byte> bytes) {
  return {bytes.begin(), bytes.end()};
}

std::vector<std::byte> random_input(const TensorSpec& spec) {
  Tensor tensor(spec);
  Random random(17);
  for (float& value : tensor.as<float>()) value = static_cast<float>(random.uniform(-1.7, 1.7));
  return tensor.data;
}

// Runs blocks `range` on `input`, one tensor in and one out.
std::vector<std::byte> run(const Network& network, BlockRange range, std::span<const std::byte> input) {
  engine::Run part = engine::compile(network.cut(range).value(), {.threads = 2}).value().new_run();
  std::ranges::copy(input, part.input_bytes(0).begin());
  EXPECT_THAT(part.infer(), IsOk());
  return bytes_of(part.output_bytes(0));
}

std::vector<std::byte> over_the_link(const TensorSpec& spec, std::span<const std::byte> data) {
  const auto coded = codec::encode(codec::kRaw, spec, data);
  EXPECT_THAT(coded, IsOk());
  std::vector<std::byte> back(spec.bytes());
  EXPECT_THAT(codec::decode(*coded, spec, back), IsOk());
  return back;
}

double relative_difference(std::span<const std::byte> a, std::span<const std::byte> b) {
  const std::span<const float> x{reinterpret_cast<const float*>(a.data()), a.size() / sizeof(float)};
  const std::span<const float> y{reinterpret_cast<const float*>(b.data()), b.size() / sizeof(float)};
  double largest = 0;
  double difference = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    largest = std::max<double>(largest, std::abs(x[i]));
    difference = std::max<double>(difference, std::abs(x[i] - y[i]));
  }
  return difference / largest;
}

class SplitZooNetwork : public ::testing::TestWithParam<zoo::Entry> {};

TEST_P(SplitZooNetwork, AnswersAsTheWholeAtEveryBoundary) {
  const Network network = zoo::build(GetParam().name).value();
  const int n = network.size();
  const auto input = random_input(network.boundaries().front().tensors.at(0));
  const auto whole = run(network, {.first = 1, .last = n}, input);
  for (int k = 1; k < n; ++k) {
    const auto sent = run(network, {.first = 1, .last = k}, input);
    const auto received = over_the_link(network.boundaries()[k].tensors.at(0), sent);
    const auto answer = run(network, {.first = k + 1, .last = n}, received);
    EXPECT_LE(relative_difference(whole, answer), kTolerance) << "after layer " << k;
  }
}

INSTANTIATE_TEST_SUITE_P(Zoo, SplitZooNetwork, ::testing::ValuesIn(zoo::entries().begin(), zoo::entries().end()),
                         [](const auto& network) { return std::string(network.param.name); });

}  // namespace
}  // namespace tandem::network
