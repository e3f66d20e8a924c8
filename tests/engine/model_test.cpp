#include "tandem/engine/model.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <numeric>
#include <openvino/runtime/core.hpp>
#include <thread>

#include "matchers.hpp"
#include "small_network.hpp"

namespace tandem::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

void fill(std::span<float> values, float phase) {
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = std::sin(phase + static_cast<float>(i));
}

// By OpenVINO alone, with its defaults but for the precision.
std::vector<float> reference(const std::vector<float>& input) {
  ov::Core core;
  auto request =
      core.compile_model(small_model(), "CPU", ov::hint::inference_precision(ov::element::f32)).create_infer_request();
  std::ranges::copy(input, request.get_input_tensor().data<float>());
  request.infer();
  const float* output = request.get_output_tensor().data<float>();
  return {output, output + request.get_output_tensor().get_size()};
}

TEST(Model, SaysWhatItTakesAndGives) {
  const auto model = compile(small_model());
  ASSERT_THAT(model, IsOk());
  EXPECT_THAT(model->inputs(), ElementsAre(network::TensorSpec{.name = "input", .shape = {1, 3, 8, 8}}));
  EXPECT_THAT(model->outputs(), ElementsAre(network::TensorSpec{.name = "output", .shape = {1, 5}}));
  const std::size_t weights = (4 * 3 * 9 + 2 * 4 * 9 + 5 * 128) * sizeof(float);
  EXPECT_GE(model->memory_bytes(), weights);
  EXPECT_LE(model->memory_bytes(), weights + 4096);
}

TEST(Model, AnswersAsTheRuntimeDoes) {
  engine::Run run = compile(small_model())->new_run();
  std::vector<float> input(192);
  fill(input, 0.5F);
  std::ranges::copy(input, run.input<float>(0).begin());
  ASSERT_THAT(run.infer(), IsOk());
  const std::vector<float> expected = reference(input);
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(run.output<float>(0)[i], expected[i], 1e-6);
}

TEST(Model, PartsAnswerAsTheWhole) {
  const network::Network network = small_network();
  std::vector<float> input(192);
  fill(input, 1.0F);
  const std::vector<float> expected = reference(input);
  for (int k = 1; k < network.size(); ++k) {
    engine::Run head = compile(*network.cut({.first = 1, .last = k}))->new_run();
    engine::Run tail = compile(*network.cut({.first = k + 1, .last = network.size()}))->new_run();
    std::ranges::copy(input, head.input<float>(0).begin());
    ASSERT_THAT(head.infer(), IsOk());
    ASSERT_EQ(head.output_bytes(0).size(), tail.input_bytes(0).size());
    std::ranges::copy(head.output_bytes(0), tail.input_bytes(0).begin());
    ASSERT_THAT(tail.infer(), IsOk());
    for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(tail.output<float>(0)[i], expected[i], 1e-6) << k;
  }
}

TEST(Model, SpansStayValidAndRunsAreIndependent) {
  const Model model = compile(small_model()).value();
  engine::Run a = model.new_run();
  engine::Run b = model.new_run();
  const auto output = a.output<float>(0);
  fill(a.input<float>(0), 0.1F);
  fill(b.input<float>(0), 2.1F);
  ASSERT_THAT(a.infer(), IsOk());
  const std::vector<float> first(output.begin(), output.end());
  ASSERT_THAT(b.infer(), IsOk());
  EXPECT_TRUE(std::ranges::equal(first, output));
  engine::Run moved = std::move(a);
  EXPECT_EQ(moved.output<float>(0).data(), output.data());
  fill(moved.input<float>(0), 2.1F);
  ASSERT_THAT(moved.infer(), IsOk());
  EXPECT_TRUE(std::ranges::equal(b.output<float>(0), output));
}

TEST(Model, IsSharedByThreads) {
  const Model model = compile(small_model()).value();
  std::vector<float> sums(4, 0.0F);
  std::vector<std::thread> threads;
  threads.reserve(sums.size());
  for (std::size_t i = 0; i < sums.size(); ++i) {
    threads.emplace_back([&, i] {
      engine::Run run = model.new_run();
      fill(run.input<float>(0), static_cast<float>(i));
      for (int n = 0; n < 20; ++n) {
        if (!run.infer()) return;
      }
      sums[i] = std::accumulate(run.output<float>(0).begin(), run.output<float>(0).end(), 0.0F);
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const float sum : sums) EXPECT_NEAR(sum, 1.0F, 1e-5F);
}

TEST(Model, InputsStartAsZeros) {
  engine::Run run = compile(small_model())->new_run();
  EXPECT_TRUE(std::ranges::all_of(run.input<float>(0), [](float value) { return value == 0.0F; }));
}

TEST(Model, SlowdownMakesAnInferenceTakeLonger) {
  const Model fast = compile(small_model()).value();
  const Model slow = compile(small_model(), {.slowdown = 100.5}).value();
  engine::Run a = fast.new_run();
  engine::Run b = slow.new_run();
  const auto least = [](engine::Run& run) {
    Milliseconds best = Milliseconds::max();
    for (int i = 0; i < 20; ++i) best = std::min(best, run.infer().value());
    return best;
  };
  // No upper bound: what is waited is a multiple of a run from cold caches, and the fast runs here are from warm ones.
  EXPECT_GT(least(b) / least(a), 50);
}

TEST(Model, RefusesWhatItCannotDo) {
  EXPECT_THAT(compile(small_model(), {.threads = 0}), HasErrc(Errc::invalid_argument, HasSubstr("threads")));
  EXPECT_THAT(compile(small_model(), {.slowdown = 0.5}), HasErrc(Errc::invalid_argument, HasSubstr("slowdown")));
  EXPECT_THAT(compile(small_model(), {.slowdown = std::nan("")}),
              HasErrc(Errc::invalid_argument, HasSubstr("slowdown")));
  if (!has_bf16()) {
    EXPECT_THAT(compile(small_model(), {.precision = Precision::bf16}),
                HasErrc(Errc::invalid_argument, HasSubstr("bf16")));
  }
}

TEST(Model, Bf16IsCloseToF32) {
  if (!has_bf16()) GTEST_SKIP() << "this processor does not compute in bf16";
  engine::Run run = compile(small_model(), {.precision = Precision::bf16})->new_run();
  std::vector<float> input(192);
  fill(input, 0.5F);
  std::ranges::copy(input, run.input<float>(0).begin());
  ASSERT_THAT(run.infer(), IsOk());
  const std::vector<float> expected = reference(input);
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(run.output<float>(0)[i], expected[i], 0.1);
}

// An operation that no runtime has a kernel for.
class Unknown : public ov::op::Op {
 public:
  OPENVINO_OP("Unknown", "test")
  Unknown() = default;
  explicit Unknown(const ov::Output<ov::Node>& x) : Op({x}) { constructor_validate_and_infer_types(); }
  void validate_and_infer_types() override {
    set_output_type(0, get_input_element_type(0), get_input_partial_shape(0));
  }
  std::shared_ptr<ov::Node> clone_with_new_inputs(const ov::OutputVector& inputs) const override {
    return std::make_shared<Unknown>(inputs.at(0));
  }
};

TEST(Model, AnOperationWithoutKernelIsNamedInOneLine) {
  const auto input = std::make_shared<ov::opset13::Parameter>(ov::element::f32, ov::Shape{2});
  const auto unknown = std::make_shared<Unknown>(input);
  unknown->set_friendly_name("mystery");
  const auto model = std::make_shared<ov::Model>(ov::OutputVector{unknown->output(0)}, ov::ParameterVector{input});
  const auto compiled = compile(model);
  EXPECT_THAT(compiled, HasErrc(Errc::unimplemented, HasSubstr("mystery")));
  EXPECT_EQ(compiled.error().message.find('\n'), std::string::npos);
}

}  // namespace
}  // namespace tandem::engine
