#include "tandem/plan/problem.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "matchers.hpp"
#include "tandem/base/random.hpp"
#include "tandem/plan/plan.hpp"
#include "tandem/profile/tuning.hpp"

namespace tandem::plan {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

profile::CostTable table(const std::string& device, double ms_per_layer, int layers = 3) {
  profile::CostTable t;
  t.network = "net";
  t.fingerprint = "0123456789abcdef";
  t.device = device;
  for (int i = 1; i <= layers; ++i) t.layers.push_back("layer" + std::to_string(i));
  t.boundary_bytes.assign(layers + 1, 8000);
  for (int first = 1; first <= layers; ++first) {
    for (int last = first; last <= layers; ++last) {
      const Milliseconds latency{ms_per_layer * (last - first + 1)};
      t.set({.first = first, .last = last}, {.latency = latency, .energy = Milliwatts{2000} * latency});
    }
  }
  t.busy_power = Milliwatts{2000};
  t.idle_power = Milliwatts{500};
  return t;
}

profile::CodecCosts codec_costs(int boundaries, double bytes, double encode, double decode) {
  return {.bytes = std::vector<double>(boundaries, bytes),
          .encode = std::vector<Milliseconds>(boundaries, Milliseconds{encode}),
          .decode = std::vector<Milliseconds>(boundaries, Milliseconds{decode})};
}

// 1000 bytes per millisecond up, 2000 down.
link::Link test_link() {
  return {.name = "test",
          .up = Mbps{8},
          .down = Mbps{16},
          .rtt = Milliseconds{10},
          .alpha_up = 100,
          .alpha_down = 50,
          .beta = Milliwatts{200}};
}

// Cutting after the first layer of three pays at 4 bits, unless a JPEG of the input does as well for less.
profile::CodecTuning tuning(double loss_of_four_bits, double loss_of_jpeg) {
  return {.network = "net",
          .fingerprint = "0123456789abcdef",
          .layers = 3,
          .samples = 100,
          .codings = {{.after = 0, .codec = "jpeg", .bytes = 1000, .loss = loss_of_jpeg},
                      {.after = 1, .codec = "tfc", .bytes = 3000, .loss = 0},
                      {.after = 1, .codec = "tfc:4", .bytes = 1500, .loss = loss_of_four_bits}}};
}

Plan plan_within(double max_loss, const profile::CodecTuning& tuning) {
  const auto problem =
      make_problem(profile::with_tuning(table("phone", 5), tuning, max_loss),
                   profile::with_tuning(table("server", 1), tuning, max_loss), test_link(), Objective::latency,
                   {.codec = "any", .constraints = {.pins = {{3, 3, Place::cloud}}}});
  return solve(*problem);
}

TEST(Tuning, ChoosesCutAndCodecTogetherWithinTheLoss) {
  const Plan few_bits = plan_within(0.01, tuning(0.01, 0.5));
  EXPECT_EQ(few_bits.transfers.front().after, 1);
  EXPECT_EQ(few_bits.transfers.front().crossing.codec, "tfc:4");
  const Plan many_bits = plan_within(0.001, tuning(0.01, 0.5));
  EXPECT_EQ(many_bits.transfers.front().crossing.codec, "tfc");
}

TEST(Tuning, RefusesACutThatLosesToSendingTheInputAsAJpeg) {
  const Plan plan = plan_within(0.01, tuning(0.01, 0.01));
  EXPECT_EQ(plan.transfers.front().after, 0);
  EXPECT_EQ(plan.transfers.front().crossing.codec, "jpeg");
}

TEST(MakeProblem, PricesRawCrossings) {
  const auto problem =
      make_problem(table("phone", 5), table("server", 1), test_link(), Objective::latency, {.codec = "raw"});
  ASSERT_THAT(problem, IsOk());
  EXPECT_EQ(problem->layers, 3);
  EXPECT_EQ(problem->device_ms.at(1, 3), 15);
  EXPECT_EQ(problem->cloud_ms.at(2, 3), 2);
  EXPECT_EQ(problem->cloud_mj.at(2, 3), 1);  // 500 mW for 2 ms
  const Crossing& up = problem->uploads[1];
  EXPECT_EQ(up.codec, "raw");
  EXPECT_EQ(up.bytes, 8000);
  EXPECT_DOUBLE_EQ(up.latency().count(), 8 + 5);
  EXPECT_DOUBLE_EQ(up.energy.value, 1.0 * 8 + 0.5 * 5);  // (100 * 8 + 200) mW for 8 ms, idle for half a round trip
  const Crossing& down = problem->downloads[1];
  EXPECT_DOUBLE_EQ(down.latency().count(), 4 + 5);
  EXPECT_DOUBLE_EQ(down.energy.value, 1.0 * 4 + 0.5 * 5);
}

TEST(MakeProblem, TakesCodecFiguresFromTheSideThatDoesTheWork) {
  profile::CostTable device = table("phone", 5), cloud = table("server", 1);
  device.codecs["linear8"] = codec_costs(4, 1000, 3, 2);
  cloud.codecs["linear8"] = codec_costs(4, 1111, 0.3, 0.2);
  const auto problem = make_problem(device, cloud, test_link(), Objective::latency, {.codec = "linear8"});
  ASSERT_THAT(problem, IsOk());
  const Crossing& up = problem->uploads[2];
  EXPECT_EQ(up.bytes, 1000);
  EXPECT_EQ(up.encode.count(), 3);
  EXPECT_EQ(up.decode.count(), 0.2);
  EXPECT_NEAR(up.energy.value, 1.0 * 1 + 2.0 * 3 + 0.5 * (5 + 0.2), 1e-12);
  const Crossing& down = problem->downloads[2];
  EXPECT_EQ(down.encode.count(), 0.3);
  EXPECT_EQ(down.decode.count(), 2);
  EXPECT_NEAR(down.energy.value, 1.0 * 0.5 + 2.0 * 2 + 0.5 * (5 + 0.3), 1e-12);
}

TEST(MakeProblem, CodingBehindTheFirstPieceHidesBehindTheLink) {
  const auto upload = [](double behind, double ahead = 1) {
    profile::CostTable device = table("phone", 5), cloud = table("server", 1);
    for (profile::CostTable* t : {&device, &cloud}) {
      t->codecs["tfc/4"] = codec_costs(4, 4000, 2, 1);
      t->codecs["tfc/4"].last_bytes.assign(4, 1000);
      t->codecs["tfc/4"].behind.assign(4, Milliseconds{behind});
      t->codecs["tfc/4"].ahead.assign(4, Milliseconds{ahead});
    }
    return make_problem(device, cloud, test_link(), Objective::latency, {.codec = "tfc/4"}).value();
  };
  const Problem quick = upload(3);  // 4 ms of bytes, half a round trip of 5
  EXPECT_DOUBLE_EQ(quick.uploads[1].latency().count(), 2 + (4 + 5) + 1);
  EXPECT_DOUBLE_EQ(quick.uploads[1].energy.value, 1.0 * 4 + 2.0 * (2 + 3) + 0.5 * (5 + 1));
  EXPECT_DOUBLE_EQ(quick.downloads[1].encode.count(), 2 + 3) << "answers do not go in parts";
  EXPECT_DOUBLE_EQ(quick.downloads[1].decode.count(), 1 + 1);
  const Problem slow = upload(20);  // the last piece, 1 ms of bytes, waits for its coding
  EXPECT_DOUBLE_EQ(slow.uploads[1].latency().count(), 2 + (20 + 1 + 5) + 1);
  const Problem slow_cloud = upload(3, 30);  // which is still at the first pieces when the last has come
  EXPECT_DOUBLE_EQ(slow_cloud.uploads[1].latency().count(), 2 + 30 + 1);
}

TEST(MakeProblem, EstimatesLinear8WhereTheTablesDoNotKnowIt) {
  const auto problem =
      make_problem(table("phone", 5), table("server", 1), test_link(), Objective::latency, {.codec = "linear8"});
  EXPECT_EQ(problem->uploads[1].bytes, 2000);
  EXPECT_EQ(problem->uploads[1].encode.count(), 0);
}

TEST(MakeProblem, AutoTakesTheCheapestCodecOfEachCrossingAndDirection) {
  profile::CostTable device = table("phone", 5), cloud = table("server", 1);
  device.codecs["linear8"] = codec_costs(4, 2000, 7, 0);  // saves 6 ms up, costs 7: not worth it; 3 ms down for nothing
  cloud.codecs["linear8"] = codec_costs(4, 2000, 0, 0);
  const auto problem = make_problem(device, cloud, test_link(), Objective::latency);
  EXPECT_EQ(problem->uploads[1].codec, "raw");
  EXPECT_EQ(problem->downloads[1].codec, "linear8");
}

TEST(MakeProblem, JpegCarriesTheInputUpAndNothingElse) {
  profile::CostTable device = table("phone", 5);
  profile::CodecCosts jpeg = codec_costs(4, 0, 0, 0);
  jpeg.bytes[0] = 500;
  device.codecs["jpeg"] = jpeg;
  const auto by_default = make_problem(device, table("server", 1), test_link(), Objective::latency);
  ASSERT_THAT(by_default, IsOk());
  EXPECT_NE(by_default->uploads[0].codec, "jpeg");
  for (const char* codec : {"any", "jpeg"}) {
    const auto problem = make_problem(device, table("server", 1), test_link(), Objective::latency, {.codec = codec});
    ASSERT_THAT(problem, IsOk());
    EXPECT_EQ(problem->uploads[0].codec, "jpeg");
    EXPECT_NE(problem->uploads[1].codec, "jpeg");
    EXPECT_NE(problem->downloads[0].codec, "jpeg");
  }
}

TEST(MakeProblem, RawCarriesEverything) {
  profile::CostTable device = table("phone", 5);
  device.codecs["raw"] = codec_costs(4, 0, 0, 0);
  device.codecs["linear8"] = codec_costs(4, 0, 0, 0);
  const auto problem = make_problem(device, table("server", 1), test_link(), Objective::latency);
  ASSERT_THAT(problem, IsOk());
  EXPECT_EQ(problem->uploads[1].codec, "raw");
  EXPECT_EQ(problem->uploads[1].bytes, 8000);
}

TEST(MakeProblem, RefusesWhatDoesNotFit) {
  const profile::CostTable device = table("phone", 5);
  const auto with = [&](const profile::CostTable& cloud, const link::Link& link, const char* codec = "auto") {
    return make_problem(device, cloud, link, Objective::latency, {.codec = codec});
  };
  profile::CostTable other = table("server", 1);
  other.fingerprint = "ffffffffffffffff";
  other.network = "other";
  EXPECT_THAT(with(other, test_link()),
              HasErrc(Errc::failed_precondition, AllOf(HasSubstr("'net'"), HasSubstr("'other'"))));
  profile::CostTable batched = table("server", 1);
  batched.batch = 8;
  EXPECT_THAT(with(batched, test_link()), HasErrc(Errc::failed_precondition, HasSubstr("batch 8")));
  EXPECT_THAT(with(table("server", 1), test_link(), "webp"),
              HasErrc(Errc::invalid_argument, AllOf(HasSubstr("'webp'"), HasSubstr("auto, any, raw, linear8"))));
  link::Link dead = test_link();
  dead.up = Mbps{0};
  EXPECT_THAT(with(table("server", 1), dead), HasErrc(Errc::invalid_argument, HasSubstr("above 0")));
  profile::CostTable torn = table("server", 1);
  torn.codecs["linear8"] = codec_costs(2, 1, 1, 1);
  EXPECT_THAT(with(torn, test_link()), HasErrc(Errc::invalid_argument, HasSubstr("4 boundaries")));
}

RC_GTEST_PROP(MakeProblem, TheOptimumNeverRisesWhenARateRises, ()) {
  Random random(*rc::gen::arbitrary<std::uint64_t>());
  const int layers = *rc::gen::inRange(1, 12);
  profile::CostTable device = table("phone", random.uniform(1, 20), layers);
  const profile::CostTable cloud = table("server", random.uniform(0.1, 2), layers);
  for (double& bytes : device.boundary_bytes) bytes = random.uniform(100, 200'000);
  link::Link link = test_link();
  const auto optimum = [&] {
    return solve(*make_problem(device, cloud, link, Objective::latency)).totals.latency.count();
  };
  const double before = optimum();
  (*rc::gen::arbitrary<bool>() ? link.up : link.down).value *= random.uniform(1, 10);
  RC_ASSERT(optimum() <= before + 1e-9);
}

TEST(MakeProblem, MemoryOfAGroupIsItsNumbersAndTheTensorsAtItsEnds) {
  profile::CostTable device = table("phone", 5), cloud = table("server", 1);
  const ProblemOptions limited{.constraints = {.device_memory = Bytes{1e6}}};
  EXPECT_THAT(make_problem(device, cloud, test_link(), Objective::latency, limited),
              HasErrc(Errc::failed_precondition, HasSubstr("parameters")));
  device.parameters = {10, 200, 3000};
  const auto problem = make_problem(device, cloud, test_link(), Objective::latency, limited);
  ASSERT_THAT(problem, IsOk());
  EXPECT_EQ(problem->device_bytes.at(1, 2), 4 * 210 + 2 * 8000);
  EXPECT_EQ(problem->device_bytes.at(3, 3), 4 * 3000 + 2 * 8000);
}

TEST(MakeProblem, LoadsMultiplyExecutionAndCodecWork) {
  profile::CostTable device = table("phone", 5), cloud = table("server", 1);
  device.codecs["linear8"] = codec_costs(4, 1000, 3, 2);
  cloud.codecs["linear8"] = codec_costs(4, 1000, 0.3, 0.2);
  const ProblemOptions options{.codec = "linear8", .loads = {.device = 2, .cloud = 10}};
  const auto problem = make_problem(device, cloud, test_link(), Objective::latency, options);
  ASSERT_THAT(problem, IsOk());
  EXPECT_EQ(problem->device_ms.at(1, 3), 30);
  EXPECT_EQ(problem->device_mj.at(1, 3), 60);
  EXPECT_EQ(problem->cloud_ms.at(2, 3), 20);
  EXPECT_EQ(problem->cloud_mj.at(2, 3), 10);
  EXPECT_EQ(problem->uploads[1].encode.count(), 6);
  EXPECT_EQ(problem->uploads[1].decode.count(), 2);
}

}  // namespace
}  // namespace tandem::plan
