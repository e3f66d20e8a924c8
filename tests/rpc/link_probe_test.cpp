#include "tandem/rpc/link_probe.hpp"

#include <gmock/gmock.h>

#include <cstring>

#include "matchers.hpp"

namespace tandem::rpc {
namespace {

using ::testing::HasSubstr;

TEST(LinkProbe, AsksForWhatItSays) {
  for (const std::size_t down : {std::size_t{0}, std::size_t{1}, std::size_t{70'000}, kMaxLinkProbeBytes}) {
    const InferRequest request = link_probe_request(1234, down);
    EXPECT_EQ(request.inputs[1].payload.size(), 1234U);
    EXPECT_EQ(link_probe_bytes(request).value(), down);
    EXPECT_EQ(link_probe_answer(request, down).outputs.at(0).payload.size(), down);
  }
}

TEST(LinkProbe, RefusesWhatIsTooMuchEitherWay) {
  EXPECT_THAT(link_probe_bytes(link_probe_request(0, kMaxLinkProbeBytes + 1)),
              HasErrc(Errc::invalid_argument, HasSubstr("at most 262144 bytes")));
  InferRequest request = link_probe_request(0, 0);
  request.inputs[1].payload.resize(kMaxLinkProbeBytes + 1);
  request.inputs[1].spec.shape = {static_cast<std::int64_t>(kMaxLinkProbeBytes + 1)};
  EXPECT_THAT(link_probe_bytes(request), HasErrc(Errc::invalid_argument, HasSubstr("at most")));
}

TEST(LinkProbe, RefusesOtherInputsThanTheModels) {
  const InferRequest good = link_probe_request(10, 10);
  const auto refused = [](InferRequest request) {
    EXPECT_THAT(link_probe_bytes(request), HasErrc(Errc::invalid_argument, HasSubstr("takes 'answer_bytes'")));
  };
  refused(InferRequest{.model = good.model});
  InferRequest one = good;
  one.inputs.pop_back();
  refused(one);
  InferRequest renamed = good;
  renamed.inputs[0].spec.name = "bytes";
  refused(renamed);
  InferRequest coded = good;
  coded.inputs[1].codec = "linear8";
  refused(coded);
  InferRequest two = good;
  two.inputs[0].spec.shape = {2};
  two.inputs[0].payload.resize(16);
  refused(two);
  InferRequest negative = good;
  const std::int64_t minus = -1;
  std::memcpy(negative.inputs[0].payload.data(), &minus, sizeof minus);
  EXPECT_THAT(link_probe_bytes(negative), HasErrc(Errc::invalid_argument, HasSubstr("-1 down")));
}

}  // namespace
}  // namespace tandem::rpc
