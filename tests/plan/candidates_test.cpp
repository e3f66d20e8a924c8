#include "tandem/plan/candidates.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "matchers.hpp"
#include "tandem/base/random.hpp"

namespace tandem::plan {
namespace {

using ::testing::HasSubstr;

std::vector<Candidate> butterfly() {
  auto table = load_candidates(TANDEM_CANDIDATES "/resnet50_butterfly.json");
  EXPECT_THAT(table, IsOk());
  return *table;
}

// Table 3.3 has no round trip.
link::Link plain(const char* name) {
  link::Link link = *link::find(name);
  link.rtt = Milliseconds{0};
  return link;
}

struct Row {
  const char* link;
  const char* location;
  double latency, energy, bytes;
};
constexpr Row kTable35[] = {
    {"3g", "RB8", 14.3, 13.1, 980}, {"4g", "RB1", 5.2, 9.8, 3136}, {"wifi", "RB1", 2.4, 4.8, 3136}};

TEST(Candidates, Table34GivesTheChoicesOfTable35) {
  const auto table = butterfly();
  for (const Row& row : kTable35) {
    for (const Objective objective : {Objective::latency, Objective::energy}) {
      const Selection selection = select(table, *link::find(row.link), {.objective = objective, .least_accuracy = 74});
      ASSERT_TRUE(selection.chosen);
      const Candidate& chosen = table[*selection.chosen];
      EXPECT_EQ(chosen.location, row.location) << row.link;
      EXPECT_EQ(chosen.bytes, row.bytes);
      EXPECT_DOUBLE_EQ(selection.costs[*selection.chosen].latency.count(), row.latency);
      EXPECT_DOUBLE_EQ(selection.costs[*selection.chosen].energy.value, row.energy);
    }
  }
}

// The figures of a row that do not depend on the link, and bytes over rate, are Table 3.4 again.
TEST(Candidates, LatenciesFromDeviceLinkAndCloudAreThoseOfTable34) {
  auto table = butterfly();
  for (const Row& row : kTable35) {
    std::vector<double> printed;
    for (const Candidate& candidate : table) {
      for (const MeasuredCost& cost : candidate.measured) {
        if (cost.link == row.link) printed.push_back(cost.latency.count());
      }
    }
    ASSERT_EQ(printed.size(), 16U);
    auto predicted = table;
    for (Candidate& candidate : predicted) candidate.measured.clear();
    const Selection selection = select(predicted, plain(row.link), {});
    EXPECT_EQ(table[*selection.chosen].location, row.location) << row.link;
    for (std::size_t i = 0; i < printed.size(); ++i) {
      EXPECT_NEAR(selection.costs[i].latency.count(), printed[i], 0.25) << row.link << " " << table[i].location;
    }
  }
}

// Section 3.3.3: a busy server moves the cut deeper, a busy device moves it back.
TEST(Candidates, ABusyCloudMovesTheCutDeeper) {
  auto table = butterfly();
  for (Candidate& candidate : table) candidate.measured.clear();
  const auto chosen = [&](double device_load, double cloud_load) {
    return *select(table, plain("wifi"), {.device_load = device_load, .cloud_load = cloud_load}).chosen;
  };
  std::size_t before = chosen(1, 1);
  for (const double load : {10.0, 30.0, 100.0, 1000.0}) {
    EXPECT_GE(chosen(1, load), before);
    before = chosen(1, load);
  }
  EXPECT_EQ(table[before].location, "RB16");
  EXPECT_LE(chosen(1000, 1000), before);
}

TEST(Candidates, LoadsAddToWhatWasMeasured) {
  const Candidate candidate{.location = "x",
                            .device = Milliseconds{4},
                            .device_energy = Millijoules{8},
                            .bytes = 100,
                            .cloud = Milliseconds{2},
                            .measured = {{"4g", Milliseconds{10}, Millijoules{20}}}};
  const Totals totals = cost_of(candidate, *link::find("4g"), {.device_load = 2, .cloud_load = 3});
  EXPECT_DOUBLE_EQ(totals.latency.count(), 10 + 4 + 4);
  EXPECT_DOUBLE_EQ(totals.energy.value, 20 + 8);
  EXPECT_DOUBLE_EQ(totals.cloud.count(), 6);
}

TEST(Candidates, WhatStaysOnTheDeviceNeedsNoLink) {
  const Candidate local{.location = "all", .device = Milliseconds{15.7}, .device_energy = Millijoules{20.5}};
  EXPECT_DOUBLE_EQ(cost_of(local, *link::find("3g"), {}).latency.count(), 15.7);
  const Candidate sends{.location = "x", .device = Milliseconds{1}, .bytes = 125, .cloud = Milliseconds{1}};
  const link::Link link{.name = "l", .up = Mbps{1}, .down = Mbps{1}, .rtt = Milliseconds{30}};
  EXPECT_DOUBLE_EQ(cost_of(sends, link, {}).latency.count(), 1 + 1 + 30 + 1);
}

TEST(Candidates, TheChoiceIsTheLeastOfThoseAccurateEnough) {
  Random random(1);
  for (int i = 0; i < 2000; ++i) {
    std::vector<Candidate> table;
    for (std::uint64_t k = 0; k <= random.below(12); ++k) {
      table.push_back({.location = std::to_string(k),
                       .device = Milliseconds{random.uniform(0, 20)},
                       .device_energy = Millijoules{random.uniform(0, 50)},
                       .bytes = random.below(3) == 0 ? 0 : random.uniform(1, 5000),
                       .cloud = Milliseconds{random.uniform(0, 5)},
                       .accuracy = random.uniform()});
    }
    const SelectionOptions options{.objective = i % 2 == 0 ? Objective::latency : Objective::energy,
                                   .device_load = random.uniform(0.5, 4),
                                   .cloud_load = random.uniform(0.5, 4),
                                   .least_accuracy = random.uniform()};
    const link::Link link = plain("4g");
    const Selection selection = select(table, link, options);
    for (std::size_t k = 0; k < table.size(); ++k) {
      if (table[k].accuracy < options.least_accuracy) continue;
      ASSERT_TRUE(selection.chosen);
      const auto cost = [&](std::size_t at) {
        return i % 2 == 0 ? selection.costs[at].latency.count() : selection.costs[at].energy.value;
      };
      ASSERT_LE(cost(*selection.chosen), cost(k));
    }
    if (!selection.chosen) continue;
    ASSERT_GE(table[*selection.chosen].accuracy, options.least_accuracy);
    const Plan plan = plan_of(table, *selection.chosen, link, options);
    ASSERT_EQ(plan.totals, selection.costs[*selection.chosen]);
    ASSERT_THAT(from_json(to_json(plan)), IsOk());
  }
}

TEST(Candidates, NoneAccurateEnoughIsAnAnswerWithTheNearest) {
  const auto table = butterfly();
  const Selection selection = select(table, plain("3g"), {.least_accuracy = 76});
  EXPECT_FALSE(selection.chosen);
  EXPECT_EQ(table[*selection.most_accurate].location, "RB1");
}

TEST(Candidates, AreReadBackTheSame) {
  const auto table = butterfly();
  EXPECT_EQ(candidates_from_json(to_json(table)).value(), table);
}

TEST(Candidates, ErrorsNameTheField) {
  const Json good = to_json(butterfly());
  const auto refused = [&good](const char* pointer, const Json& value, const char* field) {
    Json bad = good;
    bad[Json::json_pointer(pointer)] = value;
    EXPECT_THAT(candidates_from_json(bad), HasErrc(Errc::invalid_argument, HasSubstr(field))) << pointer;
  };
  refused("/format", "tandem.plan.v1", "format");
  refused("/candidates", Json::array(), "candidates");
  refused("/candidates", "many", "candidates");
  refused("/candidates/3", 7, "candidates[3]");
  refused("/candidates/3/location", "", "candidates[3].location");
  refused("/candidates/3/location", "RB1", "candidates[3].location");
  refused("/candidates/3/device_ms", -1, "candidates[3].device_ms");
  refused("/candidates/3/cloud_ms", "fast", "candidates[3].cloud_ms");
  refused("/candidates/3/bytes", nullptr, "candidates[3].bytes");
  refused("/candidates/3/device_mj", 1e300, "candidates[3].device_mj");
  refused("/candidates/3/measured", 1, "candidates[3].measured");
  refused("/candidates/3/measured/1/latency_ms", -2, "candidates[3].measured[1].latency_ms");
  EXPECT_THAT(candidates_from_json(Json(3)), HasErrc(Errc::invalid_argument, HasSubstr("tandem.candidates.v1")));
}

}  // namespace
}  // namespace tandem::plan
