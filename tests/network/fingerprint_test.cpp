#include <gmock/gmock.h>

#include <thread>

#include "hash.hpp"
#include "models.hpp"
#include "tandem/network/layering.hpp"

namespace tandem::network {
namespace {

using namespace testing;
using ::testing::MatchesRegex;

std::string fingerprint(const std::shared_ptr<ov::Model>& model, const std::string& name = "test") {
  return Network::from_model(model, name).value().fingerprint();
}

TEST(Fingerprint, IsTheSameForTheSameNetwork) {
  const std::string first = fingerprint(residual_model());
  EXPECT_THAT(first, MatchesRegex("[0-9a-f]{16}"));
  fingerprint(residual_model(7));  // another network in between, so that automatic names differ
  EXPECT_EQ(fingerprint(residual_model(), "renamed"), first);
}

// Pinned: a fingerprint joins a profile to a network, perhaps on another machine and years later.
TEST(Fingerprint, IsTheSameInEveryProcess) {
  ModelBuilder b;
  EXPECT_EQ(fingerprint(b.model({b.relu(b.input("x", {1, 4}))})), "201a9a5c86785dc7");
}

TEST(Fingerprint, DoesNotDependOnNames) {
  const auto build = [](const std::string& name) {
    ModelBuilder b;
    return b.model({b.relu(b.conv(b.input(name, {1, 3, 8, 8}), 4, name))});
  };
  EXPECT_EQ(fingerprint(build("a")), fingerprint(build("b")));
}

TEST(Fingerprint, TellsWeightsShapesAttributesAndWiringApart) {
  const auto build = [](std::uint64_t seed, std::size_t size, std::size_t kernel, bool swap) {
    ModelBuilder b(seed);
    const Value x = b.input("x", {1, 4, size, size});
    const Value y = b.relu(x);
    const Value first = swap ? y : x;
    const Value second = swap ? x : y;
    return b.model({b.op<ov::op::v1::Subtract>("", b.conv(first, 4, "c", kernel), second)});
  };
  const std::string base = fingerprint(build(1, 8, 3, false));
  EXPECT_NE(base, fingerprint(build(2, 8, 3, false))) << "weights";
  EXPECT_NE(base, fingerprint(build(1, 16, 3, false))) << "shape";
  EXPECT_NE(base, fingerprint(build(1, 8, 1, false))) << "attribute";
  EXPECT_NE(base, fingerprint(build(1, 8, 3, true))) << "wiring";
  const auto clamp = [](double high) {
    ModelBuilder b;
    return b.model({b.op<ov::op::v0::Clamp>("", b.input("x", {1, 4}), 0.0, high)});
  };
  EXPECT_NE(fingerprint(clamp(6)), fingerprint(clamp(7)));
}

TEST(Fingerprint, TellsStatedLayersApart) {
  const auto stated = residual_model();
  set_layering(*stated, std::vector<std::string>{"pool", "probabilities"});
  EXPECT_NE(fingerprint(stated), fingerprint(residual_model()));
}

TEST(Fingerprint, MayBeAskedByManyThreads) {
  const auto network = Network::from_model(residual_model(), "test").value();
  std::vector<std::string> answers(4);
  std::vector<std::thread> threads;
  for (auto& answer : answers) threads.emplace_back([&] { answer = network.fingerprint(); });
  for (auto& thread : threads) thread.join();
  EXPECT_THAT(answers, ::testing::Each(network.fingerprint()));
}

TEST(Hash, EveryByteCounts) {
  std::vector<std::byte> data(100);
  const auto hash = [&] {
    Hash h;
    h.bytes(data);
    return h.value();
  };
  std::set<std::uint64_t> seen{hash()};
  for (auto& byte : data) {
    byte = std::byte{1};
    EXPECT_TRUE(seen.insert(hash()).second);
    byte = std::byte{0};
  }
  data.push_back({});
  EXPECT_TRUE(seen.insert(hash()).second) << "length";
}

}  // namespace
}  // namespace tandem::network
