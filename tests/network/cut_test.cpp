#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <chrono>

#include "matchers.hpp"
#include "models.hpp"

namespace tandem::network {
namespace {

using namespace testing;
using namespace ov::op;
using ::testing::HasSubstr;

// Head and tail at boundary `k` answer as the whole network.
double worst_at(const Network& network, int k, const std::vector<Tensor>& inputs, const std::vector<Tensor>& whole) {
  std::vector<Tensor> crossing = inputs;
  if (k > 0) crossing = run(network.cut({.first = 1, .last = k}).value(), inputs);
  for (std::size_t i = 0; i < crossing.size(); ++i) {
    EXPECT_EQ(crossing[i].spec.shape, network.boundaries()[k].tensors[i].shape) << "at boundary " << k;
    EXPECT_EQ(crossing[i].spec.type, network.boundaries()[k].tensors[i].type) << "at boundary " << k;
  }
  if (k < network.size()) crossing = run(network.cut({.first = k + 1, .last = network.size()}).value(), crossing);
  return relative_difference(whole, crossing);
}

void expect_same_at_every_boundary(const std::shared_ptr<ov::Model>& model, double tolerance) {
  const auto reference = model->clone();
  const auto network = Network::from_model(model, "test");
  ASSERT_THAT(network, IsOk());
  const auto inputs = random_inputs(*reference);
  const auto whole = run(reference, inputs);
  for (int k = 0; k <= network->size(); ++k)
    EXPECT_LE(worst_at(*network, k, inputs, whole), tolerance) << "boundary " << k;
}

TEST(Cut, AResidualNetworkAnswersTheSameAtEveryBoundary) {
  expect_same_at_every_boundary(residual_model(), 1e-5);
}

TEST(Cut, SeveralInputsAndOutputs) {
  ModelBuilder b;
  const Value left = b.conv(b.input("left", {1, 3, 4, 4}), 4, "left/conv");
  const Value right = b.conv(b.input("right", {1, 3, 4, 4}), 4, "right/conv");
  const Value sum = b.relu(b.add(left, right, "sum"));
  const Value next = b.relu(b.conv(sum, 4, "next"));
  expect_same_at_every_boundary(b.model({b.conv(next, 2, "a"), b.conv(next, 3, "b")}), 1e-5);
}

TEST(Cut, HalfPrecisionTensors) {
  ModelBuilder b;
  const Value x = b.relu(b.conv(b.input("x", {1, 3, 8, 8}, ov::element::f16), 4, "a"));
  expect_same_at_every_boundary(b.model({b.conv(b.relu(b.conv(x, 4, "b")), 4, "c")}), 5e-3);
}

TEST(Cut, FakeQuantisedTensors) {
  ModelBuilder b;
  const Value a = b.fake_quantize(b.relu(b.conv(b.fake_quantize(b.input("x", {1, 3, 8, 8}), -1, 1), 4, "a")), 0, 3);
  const Value c = b.fake_quantize(b.relu(b.conv(a, 4, "b")), 0, 4);
  // A value on the edge between two codes may fall to the other side where operations fuse differently.
  expect_same_at_every_boundary(b.model({b.conv(b.max_pool(c, "pool"), 4, "c")}), 2e-2);
}

TEST(Cut, TransposesAndPixels) {
  ModelBuilder b;
  const Value pixels = b.op<v0::Convert>("", b.input("pixels", {1, 8, 8, 3}, ov::element::u8), ov::element::f32);
  const Value image = b.transpose(b.scalar(pixels, 1.0F / 255, "Multiply"), {0, 3, 1, 2});
  const Value x = b.relu(b.conv(image, 4, "a"));
  expect_same_at_every_boundary(b.model({b.transpose(b.conv(x, 4, "b"), {0, 2, 3, 1})}), 1e-5);
}

TEST(Cut, EndsAreNamedAfterTheBoundary) {
  const auto network = Network::from_model(residual_model(), "test").value();
  const auto middle = network.cut({.first = 3, .last = 4}).value();
  EXPECT_EQ(middle->get_parameters().at(0)->get_friendly_name(), "pool");
  EXPECT_EQ(middle->input("pool").get_shape(), (ov::Shape{1, 8, 4, 4}));
  EXPECT_EQ(middle->output("last").get_shape(), (ov::Shape{1, 16, 4, 4}));
}

TEST(Cut, APartIsANetworkWithTheSameLayers) {
  const auto network = Network::from_model(residual_model(), "test").value();
  const auto part = Network::from_model(network.cut({.first = 3, .last = 6}).value(), "part").value();
  EXPECT_EQ(layer_names(part), std::vector<std::string>({"block/a", "block/b", "block/add", "last", "gap", "fc"}));
  EXPECT_EQ(part.boundaries().back(), network.boundaries()[6]);
}

TEST(Cut, KeepsTheGridOfAnIncomingTensor) {
  ModelBuilder b;
  const Value a = b.fake_quantize(b.relu(b.conv(b.input("x", {1, 3, 8, 8}), 4, "a")), 0, 3);
  const auto network = Network::from_model(b.model({b.conv(a, 4, "b")}), "test").value();
  const auto tail = Network::from_model(network.cut({.first = 2, .last = 2}).value(), "tail").value();
  EXPECT_EQ(tail.size(), 1);
  bool has_grid = false;
  for (const auto& op : tail.model()->get_ops()) has_grid = has_grid || ov::is_type<v0::FakeQuantize>(op);
  EXPECT_TRUE(has_grid);
}

TEST(Cut, SharesTheWeights) {
  ModelBuilder b;
  const Value x = b.relu(b.matmul(b.input("x", {1, 512}), 512, "a"));
  const auto network = Network::from_model(b.model({b.matmul(x, 512, "b")}), "test").value();
  const auto data_of = [](const ov::Model& model) {
    std::set<const void*> data;
    for (const auto& op : model.get_ops()) {
      const auto constant = ov::as_type_ptr<v0::Constant>(op);
      if (constant && constant->get_byte_size() > 1000) data.insert(constant->get_data_ptr());
    }
    return data;
  };
  EXPECT_EQ(data_of(*network.cut({.first = 1, .last = 2}).value()), data_of(*network.model()));
}

TEST(Cut, RefusesWhatIsNotThere) {
  const auto network = Network::from_model(residual_model(), "test").value();
  for (const BlockRange range : {BlockRange{0, 1}, BlockRange{1, 8}, BlockRange{3, 2}, BlockRange{-5, -1}}) {
    EXPECT_THAT(network.cut(range), HasErrc(Errc::invalid_argument, HasSubstr("has 1..7")));
  }
}

// A random graph of convolutions, activations, merges and skips.
std::shared_ptr<ov::Model> random_model(std::uint64_t seed) {
  Random random(seed);
  ModelBuilder b(seed);
  std::vector<Value> values{b.input("x", {1, 4, 4, 4})};
  const auto some = [&] { return values[values.size() - 1 - random.below(std::min<std::size_t>(values.size(), 3))]; };
  const std::uint64_t size = 3 + random.below(10);
  for (std::uint64_t i = 0; i < size; ++i) {
    switch (random.below(6)) {
      case 0: values.push_back(b.relu(some())); break;
      case 1: values.push_back(b.add(some(), some())); break;
      case 2: values.push_back(b.scalar(some(), 0.5F, "Multiply")); break;
      case 3: values.push_back(b.op<v0::Tanh>("", b.bias(some()))); break;
      default: values.push_back(b.op<v0::Tanh>("", b.conv(some(), 4, "")));
    }
  }
  std::vector<Value> outputs{values.back()};
  if (random.below(4) == 0) outputs.push_back(some());
  if (outputs.front() == values.front()) outputs.front() = b.relu(values.front());
  return b.model(outputs);
}

RC_GTEST_PROP(Cut, AnyGraphAnswersTheSameAtEveryBoundary, ()) {
  const auto model = random_model(*rc::gen::arbitrary<std::uint64_t>());
  const auto reference = model->clone();
  const auto network = Network::from_model(model, "random");
  RC_ASSERT(network.has_value());
  for (const Edge& edge : network->edges()) {
    RC_ASSERT(edge.to == -1 || edge.from < edge.to);
  }
  const auto inputs = random_inputs(*reference);
  const auto whole = run(reference, inputs);
  const int k = *rc::gen::inRange(0, network->size() + 1);
  RC_ASSERT(worst_at(*network, k, inputs, whole) < 1e-4);
}

TEST(CutApart, ExecutesEveryGroupFromAnInputOfItsOwnAndNamesItsOperationsByBlock) {
  const auto network = Network::from_model(residual_model(), "test");
  ASSERT_THAT(network, IsOk());
  const int half = network->size() / 2;
  const std::vector<BlockRange> groups{{.first = 1, .last = half}, {.first = half + 1, .last = network->size()}};
  const auto apart = network->cut_apart(groups);
  ASSERT_THAT(apart, IsOk());
  EXPECT_EQ((*apart)->get_parameters().size(), 2U);
  EXPECT_EQ((*apart)->get_parameters()[1]->get_friendly_name(), "input " + std::to_string(half + 1));
  EXPECT_EQ((*apart)->get_results()[0]->get_friendly_name(), "output " + std::to_string(half));
  const auto inputs = random_inputs(*network->model());
  const auto first = run(network->cut(groups[0]).value(), inputs);
  const auto second = run(network->cut(groups[1]).value(), first);
  const auto both = run(*apart, {inputs[0], first[0]});
  EXPECT_LT(relative_difference({first[0], second[0]}, both), 1e-5);
  for (const auto& op : (*apart)->get_ops()) {
    const std::string& name = op->get_friendly_name();
    if (op->get_type_name() != std::string("Convolution")) continue;
    EXPECT_EQ(name.substr(0, 6), "block ");
  }
  const BlockRange beyond{.first = 1, .last = network->size() + 1};
  EXPECT_THAT(network->cut_apart(std::span(&beyond, 1)),
              HasErrc(Errc::invalid_argument, HasSubstr("there are no layers")));
}

}  // namespace
}  // namespace tandem::network
