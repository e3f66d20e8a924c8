#include "tandem/plan/training.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>

#include "matchers.hpp"
#include "random_problem.hpp"

namespace tandem::plan {
namespace {

using ::testing::HasSubstr;

TrainingProblem random_training(Random& random, int layers, Objective objective) {
  TrainingProblem problem;
  problem.objective = objective;
  problem.layers = layers;
  problem.device = {random_groups(random, layers, 4), random_groups(random, layers, 8),
                    random_groups(random, layers, 8), random_groups(random, layers, 16)};
  problem.cloud = {random_groups(random, layers, 1), random_groups(random, layers, 1), random_groups(random, layers, 2),
                   random_groups(random, layers, 2)};
  problem.activations_up = random_crossings(random, layers);
  problem.activations_down = random_crossings(random, layers);
  problem.gradients_up = random_crossings(random, layers);
  problem.gradients_down = random_crossings(random, layers);
  problem.weights_down = random_crossings(random, layers);
  problem.weights_down.pop_back();
  problem.labels_up = random_crossings(random, 0).front();
  return problem;
}

// One pass cut into groups, each on a place, in all ways; for a pass over layers 1..N in that order.
constexpr int kMostLayers = 5;
using Pass = std::vector<Segment>;
std::vector<Pass> all_passes(int layers) {
  std::vector<Pass> passes;
  for (int cuts = 0; cuts < 1 << (layers - 1); ++cuts) {
    Pass groups;
    for (int layer = 1; layer <= layers; ++layer) {
      const bool begins = layer == 1 || ((cuts >> (layer - 2)) & 1) != 0;
      if (begins) groups.push_back({.first = layer});
      groups.back().last = layer;
    }
    for (unsigned places = 0; places < 1U << groups.size(); ++places) {
      Pass pass = groups;
      for (std::size_t i = 0; i < pass.size(); ++i)
        pass[i].place = ((places >> i) & 1U) != 0 ? Place::cloud : Place::device;
      passes.push_back(std::move(pass));
    }
  }
  return passes;
}

// A naive simulation: which tensors are where, and what must be moved before a layer can run.
double simulate(const TrainingProblem& p, const Pass& forward, const Pass& backward) {
  const bool latency = p.objective == Objective::latency;
  const auto price = [latency](const Crossing& c) { return latency ? c.latency().count() : c.energy.value; };
  const auto move = [&](Place from, const std::vector<Crossing>& up, const std::vector<Crossing>& down, int k) {
    return price((from == Place::device ? up : down)[k]);
  };
  const auto cost_of = [&](const Segment& s, bool is_forward) {
    const TrainingCosts& costs = s.place == Place::device ? p.device : p.cloud;
    const GroupCosts& table = is_forward ? (latency ? costs.forward_ms : costs.forward_mj)
                                         : (latency ? costs.backward_ms : costs.backward_mj);
    return table.at(s.first, s.last);
  };
  std::array<std::array<bool, 2>, kMostLayers + 1> at{};  // [k][place]
  std::array<Place, kMostLayers + 1> made{};
  const auto there = [&at](int k, Place place) -> bool& { return at[k][place == Place::device ? 0 : 1]; };
  there(0, Place::device) = true;
  double cost = 0;
  for (const Segment& s : forward) {
    cost += cost_of(s, true);
    for (int k = s.first; k <= s.last; ++k) {
      if (!there(k - 1, s.place)) cost += move(made[k - 1], p.activations_up, p.activations_down, k - 1);
      there(k - 1, s.place) = true;
      there(k, s.place) = true;
      made[k] = s.place;
    }
  }
  Place gradient = backward.back().place;
  if (!there(p.layers, gradient)) cost += move(made[p.layers], p.activations_up, p.activations_down, p.layers);
  if (gradient == Place::cloud) cost += price(p.labels_up);
  for (auto s = backward.rbegin(); s != backward.rend(); ++s) {
    cost += cost_of(*s, false);
    for (int k = s->last; k >= s->first; --k) {
      if (k < p.layers && s->place != gradient) cost += move(gradient, p.gradients_up, p.gradients_down, k);
      gradient = s->place;
      if (!there(k - 1, s->place)) {
        cost += move(made[k], p.activations_up, p.activations_down, k - 1);
        there(k - 1, s->place) = true;
      }
      if (s->place == Place::cloud) cost += price(p.weights_down[k - 1]);
    }
  }
  return cost;
}

double cost_of(const TrainingPlan& plan) {
  return plan.objective == Objective::latency ? plan.totals.latency.count() : plan.totals.energy.value;
}

void expect_optimal(Random& random, int layers, Objective objective) {
  const TrainingProblem problem = random_training(random, layers, objective);
  double least = std::numeric_limits<double>::infinity();
  static std::array<std::vector<Pass>, kMostLayers + 1> cache;
  auto& passes = cache[layers];
  if (passes.empty()) passes = all_passes(layers);
  for (const Pass& forward : passes) {
    for (const Pass& backward : passes) least = std::min(least, simulate(problem, forward, backward));
  }
  const TrainingPlan plan = solve(problem);
  ASSERT_TRUE(plan.feasible);
  ASSERT_NEAR(cost_of(plan), least, 1e-9 * (1 + least)) << layers << " layers";
}

TEST(Training, IsOptimalAgainstEveryDivisionOfBothPasses) {
  Random random(4);
  for (int i = 0; i < 2400; ++i) {
    const Objective objective = i % 2 == 0 ? Objective::latency : Objective::energy;
    ASSERT_NO_FATAL_FAILURE(expect_optimal(random, 1 + i % 3, objective));
  }
  for (int i = 0; i < 800; ++i) ASSERT_NO_FATAL_FAILURE(expect_optimal(random, 4, Objective::latency));
  for (int i = 0; i < 40; ++i) ASSERT_NO_FATAL_FAILURE(expect_optimal(random, 5, Objective::energy));
}

TEST(Training, SegmentsCoverBothPassesInOrder) {
  Random random(7);
  for (int i = 0; i < 200; ++i) {
    const int layers = 1 + static_cast<int>(random.below(30));
    const TrainingPlan plan = solve(random_training(random, layers, Objective::latency));
    int next = 1;
    for (const Segment& segment : plan.segments) {
      ASSERT_EQ(segment.first, next);
      ASSERT_GE(segment.last, segment.first);
      ASSERT_FALSE(segment.first <= layers && segment.last > layers) << "a group in both passes";
      next = segment.last + 1;
    }
    ASSERT_EQ(next, 2 * layers + 1);
    ASSERT_LE(cost_of(plan), plan.device_only.latency.count() * (1 + 1e-12));
    ASSERT_LE(cost_of(plan), plan.cloud_only.latency.count() * (1 + 1e-12));
  }
}

TEST(Training, HeavyWeightsAreUpdatedOnTheDevice) {
  Random random(3);
  TrainingProblem problem = random_training(random, 6, Objective::latency);
  for (Crossing& weights : problem.weights_down) weights.on_link = Milliseconds{1e6};
  for (const TrainingTransfer& transfer : solve(problem).transfers) {
    EXPECT_NE(transfer.kind, TrainingTransfer::Kind::weights);
  }
}

TEST(Training, AGroupThatCannotRunIsNeverTaken) {
  Random random(5);
  TrainingProblem problem = random_training(random, 3, Objective::latency);
  const double never = std::numeric_limits<double>::infinity();
  for (int last = 1; last <= 3; ++last) {
    for (int first = 1; first <= last; ++first) problem.device.backward_ms.at(first, last) = never;
  }
  const TrainingPlan plan = solve(problem);
  ASSERT_TRUE(plan.feasible);
  EXPECT_EQ(plan.segments.back().place, Place::cloud);
  problem.cloud.backward_ms = problem.device.backward_ms;
  const TrainingPlan none = solve(problem);
  EXPECT_FALSE(none.feasible);
  EXPECT_TRUE(none.segments.empty());
}

profile::CostTable table(double ms, double mw) {
  profile::CostTable table;
  table.network = "three";
  table.fingerprint = "f";
  table.layers = {"a", "b", "c"};
  table.boundary_bytes = {4000, 400, 40, 4};
  table.parameters = {10, 1000, 100000};
  table.busy_power = Milliwatts{mw};
  for (int last = 1; last <= 3; ++last) {
    for (int first = 1; first <= last; ++first) {
      const Milliseconds latency{ms * (last - first + 1)};
      table.set({.first = first, .last = last}, {.latency = latency, .energy = table.busy_power * latency});
    }
  }
  return table;
}

TEST(Training, IsMadeFromProfilesAndALink) {
  const link::Link link{.name = "l", .up = Mbps{8}, .down = Mbps{16}, .beta = Milliwatts{500}};
  const auto problem = make_training_problem(table(10, 1000), table(1, 0), link, Objective::energy,
                                             {.codec = "raw", .updated_weights = 0.5, .label_bytes = 8});
  ASSERT_THAT(problem, IsOk());
  EXPECT_DOUBLE_EQ(problem->device.backward_ms.at(1, 2), 40);
  EXPECT_DOUBLE_EQ(problem->cloud.forward_ms.at(1, 3), 3);
  EXPECT_DOUBLE_EQ(problem->weights_down[2].bytes, 200000);
  EXPECT_DOUBLE_EQ(problem->weights_down[2].on_link.count(), 100);
  EXPECT_DOUBLE_EQ(problem->weights_down[2].energy.value, 50);
  EXPECT_DOUBLE_EQ(problem->labels_up.bytes, 8);
  EXPECT_DOUBLE_EQ(problem->gradients_up[1].bytes, 400);
}

TEST(Training, SaysWhatItCannotPlan) {
  const link::Link link{.name = "l", .up = Mbps{8}, .down = Mbps{16}};
  profile::CostTable bare = table(10, 0);
  bare.parameters.clear();
  EXPECT_THAT(make_training_problem(bare, table(1, 0), link, Objective::latency, {}),
              HasErrc(Errc::failed_precondition, HasSubstr("parameters")));
  EXPECT_THAT(make_training_problem(table(1, 0), table(1, 0), link, Objective::latency, {.updated_weights = 1.5}),
              HasErrc(Errc::invalid_argument, HasSubstr("0..1")));
  EXPECT_THAT(make_training_problem(table(1, 0), table(1, 0), link, Objective::latency, {.backward_ratio = NAN}),
              HasErrc(Errc::invalid_argument, HasSubstr("backward ratio")));
}

TEST(Training, IsWrittenWithItsTransfersByKind) {
  Random random(11);
  const Json json = to_json(solve(random_training(random, 4, Objective::latency)));
  EXPECT_EQ(json["format"], "tandem.training_plan.v1");
  EXPECT_EQ(json["segments"].front()["first"], 1);
  EXPECT_EQ(json["segments"].back()["last"], 8);
}

}  // namespace
}  // namespace tandem::plan
