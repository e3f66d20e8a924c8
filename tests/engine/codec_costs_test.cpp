#include "tandem/engine/codec_costs.hpp"

#include <gmock/gmock.h>

#include <algorithm>

#include "matchers.hpp"
#include "small_network.hpp"
#include "tandem/codec/codec.hpp"

namespace tandem::engine {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

TEST(CodecCosts, AreWhatTheCodecMakesOfEachBoundarysTensor) {
  const network::Network network = small_network();
  const std::vector<Sample> samples{synthetic_sample(network, 5)};
  const auto costs = measure_codecs(network, samples, {"raw", "linear8"}, {});
  ASSERT_THAT(costs, IsOk());
  ASSERT_THAT(*costs, SizeIs(2));
  for (const auto& [codec, cost] : *costs) {
    ASSERT_THAT(cost.bytes, SizeIs(network.size() + 1));
    ASSERT_THAT(cost.encode, SizeIs(network.size() + 1));
    ASSERT_THAT(cost.decode, SizeIs(network.size() + 1));
    for (int k = 0; k <= network.size(); ++k) {
      // The boundary's tensor, by the whole prefix at once.
      network::Tensor tensor = samples[0][0];
      if (k > 0) {
        engine::Run run = compile(*network.cut({.first = 1, .last = k}))->new_run();
        std::ranges::copy(tensor.data, run.input_bytes(0).begin());
        ASSERT_THAT(run.infer(), IsOk());
        tensor = network::Tensor(network.boundaries()[k].tensors[0]);
        std::ranges::copy(run.output_bytes(0), tensor.data.begin());
      }
      const auto coded = codec::encode(codec, tensor.spec, tensor.data);
      ASSERT_THAT(coded, IsOk());
      EXPECT_NEAR(cost.bytes[k], static_cast<double>(coded->size()), 0.02 * static_cast<double>(coded->size()) + 4);
      EXPECT_GT(cost.encode[k].count(), 0);
      EXPECT_GT(cost.decode[k].count(), 0);
    }
  }
}

TEST(CodecCosts, WithoutSamplesSyntheticOnesAreTaken) {
  const auto costs = measure_codecs(small_network(), {}, {"raw"}, {});
  ASSERT_THAT(costs, IsOk());
  EXPECT_GE(costs->at("raw").bytes[0], 192 * 4);
}

TEST(CodecCosts, RefusesAnUnknownCodecAndAWrongSample) {
  const network::Network network = small_network();
  EXPECT_THAT(measure_codecs(network, {}, {"zip"}, {}), HasErrc(Errc::invalid_argument, HasSubstr("zip")));
  const std::vector<Sample> none{{}};
  EXPECT_THAT(measure_codecs(network, none, {"raw"}, {}), HasErrc(Errc::invalid_argument, HasSubstr("1 inputs")));
  const std::vector<Sample> other{{network::Tensor({.name = "input", .shape = {1, 3, 4, 4}})}};
  EXPECT_THAT(measure_codecs(network, other, {"raw"}, {}), HasErrc(Errc::invalid_argument, HasSubstr("[1,3,4,4]")));
}

}  // namespace
}  // namespace tandem::engine
