#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "matchers.hpp"
#include "random_problem.hpp"
#include "tandem/plan/plan.hpp"

namespace tandem::plan {
namespace {

using ::testing::HasSubstr;

Plan some_plan(std::uint64_t seed = 5, int layers = 8) {
  Random random(seed);
  return solve(random_problem(random, layers, Objective::latency));
}

RC_GTEST_PROP(PlanJson, SurvivesARoundTrip, ()) {
  const Plan plan = some_plan(*rc::gen::arbitrary<std::uint64_t>(), *rc::gen::inRange(1, 20));
  const Json json = to_json(plan);
  const auto back = from_json(parse_json(json.dump()).value());
  RC_ASSERT(back.has_value());
  RC_ASSERT(back->segments == plan.segments);
  RC_ASSERT(back->transfers == plan.transfers);
  RC_ASSERT(back->totals == plan.totals);
  RC_ASSERT(back->cloud_only == plan.cloud_only);
  RC_ASSERT(to_json(*back) == json);
}

TEST(PlanJson, KeepsTheKeysOfTheFormat) {
  const Json json = to_json(some_plan());
  for (const char* key : {"format", "objective", "feasible", "latency_ms", "energy_mj", "cloud_ms", "segments",
                          "transfers", "proven_optimal", "solver", "solve_us", "baselines"}) {
    EXPECT_TRUE(json.contains(key)) << key;
  }
  EXPECT_EQ(json["format"], "tandem.plan.v1");
  EXPECT_TRUE(json["baselines"]["device_only"].contains("latency_ms"));
}

TEST(PlanJson, APlanThatIsNotFeasibleIsAnAnswerToo) {
  Random random(1);
  Problem problem = random_problem(random, 2, Objective::latency);
  for (Crossing& c : problem.uploads) c.on_link = Milliseconds{HUGE_VAL};
  for (const int i : {1, 2}) problem.device_ms.at(i, 2) = HUGE_VAL;
  const Plan plan = solve(problem);
  ASSERT_FALSE(plan.feasible);
  const auto back = from_json(parse_json(to_json(plan).dump()).value());
  ASSERT_THAT(back, IsOk());
  EXPECT_FALSE(back->feasible);
  EXPECT_EQ(back->cloud_only.latency.count(), HUGE_VAL);
}

// A plan by hand, cut in the middle, to be damaged.
Json cut_plan() {
  return parse_json(R"({"format": "tandem.plan.v1", "objective": "latency", "feasible": true, "latency_ms": 10,
    "energy_mj": 3, "cloud_ms": 2, "proven_optimal": true, "solver": "s", "solve_us": 1,
    "segments": [{"first": 1, "last": 3, "place": "device"}, {"first": 4, "last": 9, "place": "cloud"}],
    "transfers": [{"after": 3, "direction": "up", "bytes": 100, "codec": "raw"},
                  {"after": 9, "direction": "down", "bytes": 10, "codec": "raw"}],
    "baselines": {"device_only": {"latency_ms": 20, "energy_mj": 5}, "cloud_only": {"latency_ms": 30, "energy_mj": 6}}})")
      .value();
}

TEST(PlanJson, ReadsAPlanWithTheFormatsOwnKeysAlone) {
  EXPECT_THAT(from_json(cut_plan()), IsOk());
}

TEST(PlanJson, RefusesWhatDoesNotHoldTogether) {
  const auto damaged = [](const char* pointer, const Json& value) {
    Json json = cut_plan();
    json[Json::json_pointer(pointer)] = value;
    return from_json(json);
  };
  const auto refused = [](const char* text) { return HasErrc(Errc::invalid_argument, HasSubstr(text)); };
  EXPECT_THAT(damaged("/format", "tandem.link.v1"), refused("field 'format'"));
  EXPECT_THAT(damaged("/objective", "speed"), refused("field 'objective': must be 'latency' or 'energy'"));
  EXPECT_THAT(damaged("/feasible", 1), refused("field 'feasible'"));
  EXPECT_THAT(damaged("/segments/1/first", 5), refused("field 'segments[1].first': must be 4"));
  EXPECT_THAT(damaged("/segments/0/first", 2), refused("field 'segments[0].first': must be 1"));
  EXPECT_THAT(damaged("/segments/1/last", 3), refused("field 'segments[1].last'"));
  EXPECT_THAT(damaged("/segments/1/last", 4.5), refused("whole number"));
  EXPECT_THAT(damaged("/segments/0/place", "edge"), refused("field 'segments[0].place'"));
  EXPECT_THAT(damaged("/segments/0", 3), refused("segments[0]"));
  EXPECT_THAT(damaged("/segments", Json::array()), refused("field 'segments'"));
  EXPECT_THAT(damaged("/transfers/0/after", 2), refused("field 'transfers[0]'"));
  EXPECT_THAT(damaged("/transfers/0/direction", "down"), refused("field 'transfers[0]'"));
  EXPECT_THAT(damaged("/transfers/0/bytes", -1), refused("field 'transfers[0].bytes'"));
  EXPECT_THAT(damaged("/transfers", Json::array()), refused("field 'transfers'"));
  EXPECT_THAT(damaged("/latency_ms", nullptr), refused("field 'latency_ms'"));
  EXPECT_THAT(damaged("/baselines", 1), refused("baselines.device_only"));
  EXPECT_THAT(from_json(Json("x")), refused("tandem.plan.v1"));
}

TEST(PlanJson, EveryMissingKeyIsNamed) {
  for (const char* key : {"objective", "feasible", "segments", "transfers", "latency_ms", "baselines", "solver"}) {
    Json json = cut_plan();
    json.erase(key);
    EXPECT_THAT(from_json(json), HasErrc(Errc::invalid_argument, HasSubstr(key))) << key;
  }
}

}  // namespace
}  // namespace tandem::plan
