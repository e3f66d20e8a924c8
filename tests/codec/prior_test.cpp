#include "tandem/codec/prior.hpp"

#include <gmock/gmock.h>

#include <algorithm>

#include "matchers.hpp"
#include "prior_data.hpp"
#include "tandem/base/file.hpp"
#include "tandem/base/random.hpp"
#include "tandem/codec/codec.hpp"

namespace tandem::codec {
namespace {

using network::ElementType;
using network::Tensor;
using network::TensorSpec;
using ::testing::HasSubstr;

const TensorSpec kSpec{.name = "x", .type = ElementType::f32, .shape = {1, 12, 14, 28}};

// Each channel a mixture of the ones before, so that there is something to learn.
Tensor example_of(std::uint64_t seed) {
  Random random(seed);
  Tensor tensor(kSpec);
  const auto values = tensor.as<float>();
  constexpr std::size_t kPlane = std::size_t{14} * 28;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto noise = static_cast<float>(random.uniform(-1, 1));
    const float left = i % 28 == 0 ? 0.0F : values[i - 1];
    values[i] = i < kPlane ? 0.7F * left + noise : std::max(0.0F, 0.8F * values[i % kPlane] + 0.2F * noise);
  }
  return tensor;
}

Prior trained(int bits) {
  std::vector<Tensor> examples;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) examples.push_back(example_of(seed));
  return train_prior(kSpec, examples, bits).value();
}

TEST(Prior, SavesBytesAndComesBackExactly) {
  for (const int bits : {4, 8}) {
    Priors priors;
    priors.add({.boundary = 3, .prior = trained(bits)});
    const Tensor tensor = example_of(1000);
    const std::string codec = bits == 4 ? "tfc:4" : "tfc";
    const auto with = encode(codec, kSpec, tensor.data, {}, &priors).value();
    const auto without = encode(codec, kSpec, tensor.data).value();
    EXPECT_LT(with.size(), without.size());
    std::vector<std::byte> a(tensor.data.size());
    std::vector<std::byte> b(tensor.data.size());
    ASSERT_THAT(decode(with, kSpec, a, &priors), IsOk());
    ASSERT_THAT(decode(without, kSpec, b), IsOk());
    EXPECT_EQ(a, b) << "both hold the same codes";
    EXPECT_THAT(decode(with, kSpec, a), HasErrc(Errc::failed_precondition, HasSubstr(".priors")));
  }
}

TEST(Prior, IsTheSameFromItsBytes) {
  const Prior prior = trained(8);
  EXPECT_LE(prior.bytes().size(), kMostPriorBytes);
  const auto again = Prior::parse(prior.bytes());
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->hash(), prior.hash());
  EXPECT_EQ(again->data().model, prior.data().model);
}

TEST(Prior, RefusesDamage) {
  const Prior prior = trained(4);
  const std::vector<std::byte> bytes(prior.bytes().begin(), prior.bytes().end());
  for (std::size_t length = 0; length < bytes.size(); length += 7) {
    EXPECT_THAT(Prior::parse(std::span(bytes).first(length)), HasErrc(Errc::data_loss, HasSubstr("not a prior")));
  }
  Random random(1);
  for (int i = 0; i < 500; ++i) {
    auto damaged = bytes;
    for (int k = 0; k < 3; ++k) damaged[random.below(damaged.size())] = static_cast<std::byte>(random.next());
    const auto parsed = Prior::parse(damaged);
    if (parsed) {
      Priors priors;
      priors.add({.boundary = 0, .prior = *parsed});
      const Tensor tensor = example_of(2);
      const auto coded = encode("tfc:4", kSpec, tensor.data, {}, &priors).value();
      std::vector<std::byte> out(tensor.data.size());
      ASSERT_THAT(decode(coded, kSpec, out, &priors), IsOk()) << "an odd prior predicts badly, and is still exact";
    }
  }
}

TEST(Prior, FilesKeepAllOfThem) {
  Priors priors;
  priors.add({.boundary = 3, .prior = trained(8)});
  priors.add({.boundary = 3, .prior = trained(4)});
  priors.add({.boundary = 5, .prior = trained(8)});
  const auto path = testing::TempDir() + "some.priors";
  ASSERT_THAT(save(priors, path), IsOk());
  const auto loaded = load_priors(path);
  ASSERT_THAT(loaded, IsOk());
  ASSERT_EQ(loaded->all().size(), 3U);
  EXPECT_EQ(loaded->at(3).all().size(), 2U);
  EXPECT_TRUE(loaded->find(priors.all()[1].prior.hash()).has_value());
  ASSERT_THAT(write_file(path, "words and more words"), IsOk());
  EXPECT_THAT(load_priors(path), HasErrc(Errc::data_loss, HasSubstr(path)));
}

TEST(Prior, RefusesToLearnFromWhatItCannot) {
  EXPECT_THAT(train_prior(kSpec, {}, 8), HasErrc(Errc::invalid_argument, HasSubstr("needs tensors")));
  const std::vector<Tensor> one{example_of(1)};
  EXPECT_THAT(train_prior(kSpec, one, 9), HasErrc(Errc::invalid_argument, HasSubstr("9 bits")));
  TensorSpec other = kSpec;
  other.shape = {1, 6, 28, 28};
  EXPECT_THAT(train_prior(other, one, 8), HasErrc(Errc::invalid_argument, HasSubstr("is due")));
}

}  // namespace
}  // namespace tandem::codec
