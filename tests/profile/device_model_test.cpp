#include "tandem/profile/device_model.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "matchers.hpp"
#include "tandem/base/random.hpp"
#include "tandem/network/import.hpp"
#include "tandem/profile/calibrate.hpp"

namespace tandem::profile {
namespace {

using ::testing::HasSubstr;

const network::Network& nin() {
  static const network::Network network = *network::load("zoo:nin");
  return network;
}

DeviceModel simple() {
  DeviceModel model{.name = "simple", .peak_gflops = {{"f32", 100.0}}, .memory_gb_per_s = 10.0};
  model.memory_efficiency = 0.5;
  model.efficiency.fill(0.5);
  model.launch = Milliseconds{0.1};
  model.busy_power = Milliwatts{2000};
  return model;
}

double alone(const DeviceModel& model, int first, int last, int batch = 1) {
  return modelled_latency(nin(), model, {.first = first, .last = last}, {.batch = batch}).count();
}

TEST(DeviceModel, ALayerTakesTheLongerOfArithmeticAndMemory) {
  const double macs = 101.6e6;  // conv1: 96 x 54 x 54 outputs of 11 x 11 x 3
  const double bytes = 4.0 * (3 * 224 * 224 + 96 * 54 * 54 + 96 * (11 * 11 * 3 + 1));
  DeviceModel model = simple();
  EXPECT_NEAR(alone(model, 1, 1), 2 * macs / 50e6 + 0.1, 0.01);
  model.peak_gflops["f32"] = 1e6;
  EXPECT_NEAR(alone(model, 1, 1), bytes / 5e6 + 0.1, 1e-6);
}

TEST(DeviceModel, AGroupIsCheaperThanItsPartsWhereActivationsFuse) {
  DeviceModel model = simple();
  model.call = Milliseconds{1.0};
  EXPECT_NEAR(alone(model, 1, 2), alone(model, 1, 1), 1e-9);  // conv1 and its relu
  EXPECT_LT(alone(model, 1, 29), alone(model, 1, 14) + alone(model, 15, 29));
  model.fuses_elementwise = false;
  model.call = Milliseconds{0};
  EXPECT_NEAR(alone(model, 1, 2), alone(model, 1, 1) + alone(model, 2, 2), 1e-9);
  EXPECT_NEAR(alone(model, 1, 29), alone(model, 1, 14) + alone(model, 15, 29), 1e-9);
}

TEST(DeviceModel, MoreSamplesCostMoreButNotInProportion) {
  const DeviceModel model = simple();
  for (int batch = 2; batch <= 10; ++batch) {
    EXPECT_GT(alone(model, 1, 29, batch), alone(model, 1, 29, batch - 1));
    EXPECT_LT(alone(model, 1, 29, batch), batch * alone(model, 1, 29));
  }
}

TEST(DeviceModel, AFasterDeviceIsNeverSlower) {
  Random random(9);
  for (int i = 0; i < 50; ++i) {
    DeviceModel slow = simple();
    slow.peak_gflops["f32"] = random.uniform(1, 1000);
    slow.memory_gb_per_s = random.uniform(1, 100);
    DeviceModel fast = slow;
    fast.peak_gflops["f32"] *= random.uniform(1, 4);
    fast.memory_gb_per_s *= random.uniform(1, 4);
    const int first = 1 + static_cast<int>(random.below(29)), last = first + static_cast<int>(random.below(30 - first));
    ASSERT_LE(alone(fast, first, last), alone(slow, first, last));
  }
}

TEST(DeviceModel, MakesAProfileThatSaysItIsModelled) {
  const auto table = model_profile(nin(), simple(), {.batch = 3});
  ASSERT_THAT(table, IsOk());
  EXPECT_EQ(table->energy_source, "modelled");
  EXPECT_THAT(table->device, HasSubstr("modelled"));
  EXPECT_EQ(table->batch, 3);
  EXPECT_EQ(table->group_count(), 29U * 30U / 2U);
  EXPECT_EQ(table->fingerprint, nin().fingerprint());
  EXPECT_DOUBLE_EQ(table->boundary_bytes.back(), 3 * 4000);
  const Cost cost = table->cost({.first = 3, .last = 17});
  EXPECT_DOUBLE_EQ(cost.energy.value, 2 * cost.latency.count());
  EXPECT_NEAR(cost.latency.count(), alone(simple(), 3, 17, 3), 1e-9);
  const auto read = from_json(to_json(*table));
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(read->parameters, table->parameters);
}

TEST(DeviceModel, RefusesWhatItCannotModel) {
  EXPECT_THAT(model_profile(nin(), simple(), {.precision = "f16"}), HasErrc(Errc::invalid_argument, HasSubstr("f16")));
  EXPECT_THAT(model_profile(nin(), simple(), {.batch = 0}), HasErrc(Errc::invalid_argument, HasSubstr("batch")));
}

TEST(DeviceModel, PresetsStateTheirSourcesAndAreReadBackTheSame) {
  for (const DeviceModel& preset : device_presets()) {
    for (const char* field : {"peak_gflops", "memory_gb_per_s", "efficiency", "launch_ms", "power_busy_mw"}) {
      EXPECT_TRUE(preset.sources.contains(field)) << preset.name << " " << field;
    }
    EXPECT_EQ(device_model_from_json(to_json(preset)).value(), preset);
    EXPECT_EQ(find_device_model(preset.name).value(), preset);
  }
  EXPECT_THAT(find_device_model("no-such"), HasErrc(Errc::not_found, HasSubstr("jetson-tx2")));
}

TEST(DeviceModel, ErrorsNameTheField) {
  const Json good = to_json(device_presets().front());
  const auto refused = [&good](const char* pointer, const Json& value, const char* field) {
    Json bad = good;
    bad[Json::json_pointer(pointer)] = value;
    EXPECT_THAT(device_model_from_json(bad), HasErrc(Errc::invalid_argument, HasSubstr(field))) << pointer;
  };
  refused("/format", "tandem.link.v1", "format");
  refused("/peak_gflops", 5, "peak_gflops");
  refused("/peak_gflops", Json::object(), "peak_gflops");
  refused("/peak_gflops/f32", 0, "peak_gflops.f32");
  refused("/peak_gflops/f12", 5, "peak_gflops.f12");
  refused("/memory_gb_per_s", -1, "memory_gb_per_s");
  refused("/memory_efficiency", 2, "memory_efficiency");
  refused("/efficiency", Json::object(), "efficiency.convolution");
  refused("/efficiency/deconvolution", 0, "efficiency.deconvolution");
  refused("/launch_ms", "short", "launch_ms");
  refused("/fuses_elementwise", 1, "fuses_elementwise");
  refused("/power_busy_mw", -3, "power_busy_mw");
  refused("/sources/peak_gflops", 3, "sources.peak_gflops");
}

TEST(DeviceModel, FeaturesTakeOneByteAValueOrWhatPngLeaves) {
  const CodecCosts plain = modelled_codec(nin(), FeatureCoding::eight_bit, 2);
  const CodecCosts png = modelled_codec(nin(), FeatureCoding::eight_bit_png, 2);
  EXPECT_DOUBLE_EQ(plain.bytes[0], 2 * 3 * 224 * 224);
  EXPECT_DOUBLE_EQ(plain.bytes[7], 2 * 96 * 27 * 27);
  EXPECT_DOUBLE_EQ(png.bytes[7], plain.bytes[7] / 3.5);
  EXPECT_DOUBLE_EQ(png.bytes.back(), plain.bytes.back()) << "a vector is not compressed";
}

// A machine that differs from the model in everything a calibration looks for.
CostTable measured_on(const DeviceModel& truth, double noise) {
  CostTable table = *model_profile(nin(), truth, {});
  Random random(5);
  for (const auto& [range, cost] : table.groups()) {
    Cost noisy = cost;
    noisy.latency *= random.uniform(1 - noise, 1 + noise);
    table.set(range, noisy);
  }
  return table;
}

TEST(Calibration, FindsTheMachineBehindAProfile) {
  DeviceModel truth = simple();
  truth.efficiency.fill(0.21);
  truth.memory_efficiency = 0.3;
  truth.launch = Milliseconds{0.4};
  truth.call = Milliseconds{0.9};
  const auto exact = calibrate(nin(), simple(), measured_on(truth, 0), {});
  ASSERT_THAT(exact, IsOk());
  EXPECT_LT(exact->held_out.median, 1e-3);
  EXPECT_GT(exact->held_out_before.median, 0.2);
  EXPECT_NEAR(exact->model.efficiency[0], 0.21, 0.01);
  EXPECT_NEAR(exact->model.call.count(), 0.9, 0.05);

  const auto noisy = calibrate(nin(), simple(), measured_on(truth, 0.05), {});
  ASSERT_THAT(noisy, IsOk());
  EXPECT_LT(noisy->held_out.median, 0.05);
  EXPECT_GT(noisy->held_out.groups, 60);
  EXPECT_EQ(noisy->fitted.groups + noisy->held_out.groups, 29 * 30 / 2);
}

TEST(Calibration, RefusesProfilesItCannotFitTo) {
  CostTable other = measured_on(simple(), 0);
  other.fingerprint = "of another network";
  EXPECT_THAT(calibrate(nin(), simple(), other, {}), HasErrc(Errc::failed_precondition, HasSubstr("fingerprint")));
  const CostTable few = *model_profile(nin(), simple(), {});
  CostTable bare;
  bare.network = few.network;
  bare.fingerprint = few.fingerprint;
  bare.layers = few.layers;
  bare.set({.first = 1, .last = 29}, few.cost({.first = 1, .last = 29}));
  EXPECT_THAT(calibrate(nin(), simple(), bare, {}), HasErrc(Errc::invalid_argument, HasSubstr("at least 8")));
  EXPECT_THAT(calibrate(nin(), simple(), few, {.precision = "i8"}), HasErrc(Errc::invalid_argument, HasSubstr("i8")));
}

}  // namespace
}  // namespace tandem::profile
