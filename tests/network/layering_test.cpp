#include "tandem/network/layering.hpp"

#include <gmock/gmock.h>

#include <filesystem>

#include "matchers.hpp"
#include "models.hpp"
#include "tandem/network/import.hpp"

namespace tandem::network {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// conv1, relu1, fc: three layers by statement, where a runtime sees two.
std::shared_ptr<ov::Model> stated_chain() {
  ModelBuilder b;
  const Value conv = b.bias(b.conv(b.input("x", {1, 3, 4, 4}), 4, "conv1/kernel"), "conv1");
  const Value flat = b.op<ov::op::v1::Reshape>("flatten", b.relu(conv, "relu1"),
                                               ov::op::v0::Constant::create(ov::element::i64, {2}, {1, 64}), false);
  auto model = b.model({b.bias(b.matmul(flat, 5, "fc/weights"), "fc; \"quoted\"")});
  set_layering(*model, std::vector<std::string>{"conv1", "relu1", "fc; \"quoted\""});
  return model;
}

TEST(Layering, WinsOverWhatARuntimeFuses) {
  const auto network = Network::from_model(stated_chain(), "test").value();
  EXPECT_THAT(layer_names(network), ElementsAre("conv1", "relu1", "fc; \"quoted\""));
  EXPECT_THAT(layer_types(network), ElementsAre("Convolution", "Relu", "MatMul"));
  EXPECT_EQ(network.size(), 3);
  EXPECT_EQ(network.layers()[1].parameters, 0);
}

TEST(Layering, TravelsThroughFiles) {
  const auto path = std::filesystem::path(::testing::TempDir()) / "stated.xml";
  const auto network = Network::from_model(stated_chain(), "test").value();
  ASSERT_THAT(save_ir(*network.model(), path), IsOk());
  const auto read = load(path.string());
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(layer_names(*read), layer_names(network));
  EXPECT_EQ(read->fingerprint(), network.fingerprint());
}

TEST(Layering, PartsStateTheirsToo) {
  const auto network = Network::from_model(stated_chain(), "test").value();
  const auto part = Network::from_model(network.cut({.first = 1, .last = 2}).value(), "part").value();
  EXPECT_THAT(layer_names(part), ElementsAre("conv1", "relu1"));
}

TEST(Layering, HoldsForGraphs) {
  const auto model = residual_model();
  const std::vector<std::string> ends{"pool", "block/a", "block/b", "block/add", "gap", "probabilities"};
  set_layering(*model, ends);
  const auto network = Network::from_model(model, "test").value();
  EXPECT_EQ(layer_names(network), ends);
  EXPECT_EQ(network.size(), 4) << "the residual block is one";
}

TEST(Layering, WhatFollowsTheLastEndBelongsToIt) {
  const auto model = residual_model();
  set_layering(*model, std::vector<std::string>{"pool", "fc"});
  const auto network = Network::from_model(model, "test").value();
  EXPECT_THAT(layer_names(network), ElementsAre("pool", "fc"));
  EXPECT_EQ(to_string(network.layers()[1].output), "f32[1,5]");
}

TEST(Layering, IsRefusedWhereItDoesNotFit) {
  const auto model = residual_model();
  set_layering(*model, std::vector<std::string>{"nowhere"});
  EXPECT_THAT(Network::from_model(model, "test"), HasErrc(Errc::invalid_argument, HasSubstr("'nowhere'")));
  model->set_rt_info(std::string("[1, 2"), "tandem", "layers");
  EXPECT_THAT(layering_of(*model), HasErrc(Errc::invalid_argument, HasSubstr("not valid JSON")));
  model->set_rt_info(std::string("{}"), "tandem", "layers");
  EXPECT_THAT(layering_of(*model), HasErrc(Errc::invalid_argument, HasSubstr("no list of names")));
}

TEST(Layering, AnEmptyStatementIsNone) {
  const auto model = residual_model();
  EXPECT_THAT(layering_of(*model).value(), IsEmpty());
  set_layering(*model, {});
  EXPECT_THAT(layering_of(*model).value(), IsEmpty());
}

}  // namespace
}  // namespace tandem::network
