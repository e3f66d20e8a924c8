// Constrained scenarios against every schedule there is.
#include <algorithm>
#include <cmath>

#include "every_schedule.hpp"
#include "matchers.hpp"
#include "random_problem.hpp"
#include "tandem/plan/plan.hpp"

namespace tandem::plan {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

bool keeps(const Tried& t, const Constraints& c) {
  constexpr double kRounding = 1 + 1e-12;
  return !(c.deadline && t.ms > c.deadline->count() * kRounding) &&
         !(c.energy_budget && t.mj > c.energy_budget->value * kRounding) &&
         !(c.cloud_time && t.cloud_ms > c.cloud_time->count() * kRounding) &&
         !(c.device_memory && t.bytes > c.device_memory->value * kRounding) &&
         !(c.max_switches && t.switches() > *c.max_switches);
}

double used(const Tried& t, Resource resource) {
  switch (resource) {
    case Resource::latency: return t.ms;
    case Resource::energy: return t.mj;
    case Resource::cloud: return t.cloud_ms;
    case Resource::memory: return t.bytes;
    case Resource::switches: break;
  }
  return t.switches();
}

Constraints without(Constraints c, Resource resource) {
  switch (resource) {
    case Resource::latency: c.deadline.reset(); break;
    case Resource::energy: c.energy_budget.reset(); break;
    case Resource::cloud: c.cloud_time.reset(); break;
    case Resource::memory: c.device_memory.reset(); break;
    case Resource::switches: c.max_switches.reset(); break;
  }
  return c;
}

double total_of(const Problem& p, const Plan& plan) {
  return plan.feasible ? cost_of(p, plan.totals) : kInfinity;
}

// Any groups on any places that keep the pins, codecs the first of each crossing.
Tried random_schedule(Random& random, const Problem& p) {
  Tried t;
  Place at = Place::device;
  const auto cross = [&](Direction direction, int after) {
    const Crossing& c = (direction == Direction::up ? p.uploads : p.downloads)[after];
    t.transfers.push_back({.after = after, .direction = direction, .crossing = c});
    t.ms += c.latency().count();
    t.mj += c.energy.value;
  };
  for (int first = 1; first <= p.layers;) {
    const int last = first + static_cast<int>(random.below(p.layers - first + 1));
    const Place place = random.below(2) == 0 ? Place::device : Place::cloud;
    if (!pins_kept(p, first, last, place)) continue;
    if (place != at) cross(place == Place::cloud ? Direction::up : Direction::down, first - 1);
    const bool device = place == Place::device;
    t.ms += (device ? p.device_ms : p.cloud_ms).at(first, last);
    t.mj += (device ? p.device_mj : p.cloud_mj).at(first, last);
    if (device) t.bytes += p.device_bytes.at(first, last);
    if (!device) t.cloud_ms += p.cloud_ms.at(first, last);
    at = place;
    first = last + 1;
  }
  if (at == Place::cloud) cross(Direction::down, p.layers);
  return t;
}

enum class Scenario { battery, cloud_time, deadline, memory, switches, pins, weighted, all };

// Limits are drawn from what schedules use, so that some are tight, some loose and some impossible.
Problem random_scenario(Random& random, Scenario scenario, int layers) {
  const Objective objectives[] = {Objective::latency, Objective::energy, Objective::weighted};
  Problem p = random_problem(random, layers, objectives[random.below(3)]);
  p.weights = {.per_ms = random.uniform(), .per_mj = random.uniform()};
  if (scenario == Scenario::weighted) p.objective = Objective::weighted;
  p.device_bytes = random_groups(random, layers, 1000);
  add_alternatives(random, p);
  const bool every = scenario == Scenario::all;
  if (scenario == Scenario::pins || every) {
    const int first = 1 + static_cast<int>(random.below(layers));
    p.constraints.pins.push_back({.first = first,
                                  .last = std::min<int>(layers, first + static_cast<int>(random.below(2))),
                                  .place = random.below(2) == 0 ? Place::device : Place::cloud});
  }
  const auto some = [&](Resource resource) {
    const double a = used(random_schedule(random, p), resource), b = used(random_schedule(random, p), resource);
    return std::min(a, b) * (random.below(4) == 0 ? 0.7 : 1.0);
  };
  const auto drawn = [&](Scenario one) { return scenario == one || (every && random.below(2) == 0); };
  if (drawn(Scenario::battery)) p.constraints.energy_budget = Millijoules{some(Resource::energy)};
  if (drawn(Scenario::cloud_time)) p.constraints.cloud_time = Milliseconds{some(Resource::cloud)};
  if (drawn(Scenario::deadline)) p.constraints.deadline = Milliseconds{some(Resource::latency)};
  if (drawn(Scenario::memory)) p.constraints.device_memory = Bytes{some(Resource::memory)};
  if (drawn(Scenario::switches)) p.constraints.max_switches = static_cast<int>(random.below(4));
  return p;
}

class ScenarioOracle : public ::testing::TestWithParam<Scenario> {};

TEST_P(ScenarioOracle, EqualsBruteForce) {
  Random random(7 + static_cast<std::uint64_t>(GetParam()));
  int infeasible = 0, bound = 0, gaps = 0;
  for (int i = 0; i < 2000; ++i) {
    // Brute force grows fivefold with a layer: most are small, some have nine.
    const int layers = i % 200 == 0 ? 9 : 1 + static_cast<int>(random.below(6));
    Problem p = random_scenario(random, GetParam(), layers);
    if (layers == 9) p.alternatives.clear();
    double best = kInfinity, free = kInfinity;
    visit_every_schedule(p, [&](const Tried& t) {
      free = std::min(free, t.cost(p));
      if (keeps(t, p.constraints)) best = std::min(best, t.cost(p));
    });
    const Plan plan = solve(p);
    ASSERT_TRUE(plan.proven_optimal) << i;
    ASSERT_EQ(plan.feasible, std::isfinite(best)) << i;
    if (best > free * (1 + 1e-9)) ++bound;
    if (!plan.feasible) {
      ++infeasible;
      continue;
    }
    ASSERT_NEAR(total_of(p, plan), best, 1e-9 * best) << i;
    ASSERT_NEAR(plan.lower_bound, best, 1e-9 * best) << i;
    const auto relaxed = solve(p, Solver::larac);
    ASSERT_THAT(relaxed, IsOk());
    ASSERT_LE(relaxed->lower_bound, best * (1 + 1e-9)) << i;
    ASSERT_GE(total_of(p, *relaxed), best * (1 - 1e-9)) << i;
    if (relaxed->proven_optimal) {
      ASSERT_NEAR(total_of(p, *relaxed), best, 1e-9 * best) << i;
    } else {
      ++gaps;
    }
    const auto labelled = solve(p, Solver::label);
    ASSERT_NEAR(total_of(p, *labelled), best, 1e-9 * best) << i;
  }
  if (GetParam() != Scenario::weighted && GetParam() != Scenario::pins) {
    EXPECT_GT(bound, 100) << "the limits do not bind";
  }
  RecordProperty("infeasible", infeasible);
  RecordProperty("gaps", gaps);
}

INSTANTIATE_TEST_SUITE_P(Scenarios, ScenarioOracle,
                         ::testing::Values(Scenario::battery, Scenario::cloud_time, Scenario::deadline,
                                           Scenario::memory, Scenario::switches, Scenario::pins, Scenario::weighted,
                                           Scenario::all));

TEST(Constraints, TheNearestMissSaysHowCloseOneCanCome) {
  Random random(3);
  int seen = 0, jointly = 0;
  for (int i = 0; seen < 300; ++i) {
    ASSERT_LT(i, 20000);
    const Problem p = random_scenario(random, Scenario::all, 1 + static_cast<int>(random.below(5)));
    const Plan plan = solve(p);
    if (plan.feasible || plan.nearest_miss.empty()) continue;
    ++seen;
    const std::vector<Tried> all = every_schedule(p);
    for (const Miss& miss : plan.nearest_miss) {
      double least = kInfinity, within = kInfinity;
      for (const Tried& t : all) {
        least = std::min(least, used(t, miss.resource));
        if (keeps(t, without(p.constraints, miss.resource))) within = std::min(within, used(t, miss.resource));
      }
      ASSERT_NEAR(miss.least, least, 1e-9 * (1 + least));
      ASSERT_EQ(miss.least_within_others.has_value(), std::isfinite(within));
      if (miss.least_within_others) {
        ASSERT_NEAR(*miss.least_within_others, within, 1e-9 * (1 + within));
        ASSERT_GT(within, miss.limit);
        ++jointly;
      }
    }
  }
  EXPECT_GT(jointly, 50);
}

TEST(Constraints, MoreOfABudgetNeverMakesAPlanDearer) {
  Random random(5);
  for (int i = 0; i < 100; ++i) {
    Problem p = random_problem(random, 2 + static_cast<int>(random.below(30)), Objective::energy);
    add_alternatives(random, p);
    const double fastest = [&] {
      Problem q = p;
      q.objective = Objective::latency;
      return solve(q).totals.latency.count();
    }();
    double before = kInfinity;
    for (double factor = 0.95; factor < 3; factor *= 1.1) {
      p.constraints.deadline = Milliseconds{factor * fastest};
      const Plan plan = solve(p);
      ASSERT_EQ(plan.feasible, factor >= 1);
      ASSERT_LE(total_of(p, plan), before * (1 + 1e-9));
      before = total_of(p, plan);
    }
  }
}

TEST(Constraints, ErrorsOfMeasurementNeverBreakALimit) {
  Random random(8);
  int kept_apart = 0;
  for (int i = 0; i < 500; ++i) {
    Problem p = random_problem(random, 2 + static_cast<int>(random.below(7)), Objective::energy);
    p.constraints.deadline = Milliseconds{1.1 * [&] {
      Problem q = p;
      q.objective = Objective::latency;
      return solve(q).totals.latency.count();
    }()};
    const Plan exact = solve(p);
    p.device_error_ms = p.cloud_error_ms = random_groups(random, p.layers, 1);
    const Plan plan = solve(p);
    ASSERT_TRUE(plan.feasible);
    ASSERT_LE(plan.totals.latency.count(), p.constraints.deadline->count() * (1 + 1e-9));
    if (plan.segments == exact.segments && plan.segments.size() > 2) ++kept_apart;
  }
  EXPECT_GT(kept_apart, 0);
}

TEST(ParetoFront, HoldsEveryPlanThatNoOtherBeats) {
  Random random(11);
  for (int i = 0; i < 2000; ++i) {
    const int layers = i % 200 == 0 ? 9 : 1 + static_cast<int>(random.below(6));
    Problem p = random_scenario(random, i % 3 == 0 ? Scenario::all : Scenario::weighted, layers);
    if (layers == 9) p.alternatives.clear();
    std::vector<std::pair<double, double>> points;
    visit_every_schedule(p, [&](const Tried& t) {
      if (keeps(t, p.constraints)) points.emplace_back(t.ms, t.mj);
    });
    std::ranges::sort(points);
    std::vector<std::pair<double, double>> front;
    for (const auto& point : points) {
      if (front.empty() || point.second < front.back().second * (1 - 1e-10)) front.push_back(point);
    }
    const std::vector<Plan> plans = pareto_front(p);
    // Points that differ by rounding only may be there or not.
    for (const auto& [ms, mj] : front) {
      ASSERT_TRUE(std::ranges::any_of(plans, [&](const Plan& plan) {
        return plan.totals.latency.count() <= ms * (1 + 1e-9) && plan.totals.energy.value <= mj * (1 + 1e-9);
      })) << i;
    }
    for (const Plan& plan : plans) {
      ASSERT_TRUE(plan.feasible);
      ASSERT_TRUE(std::ranges::none_of(front, [&](const auto& point) {
        return point.first < plan.totals.latency.count() * (1 - 1e-9) &&
               point.second < plan.totals.energy.value * (1 - 1e-9);
      })) << i;
    }
  }
}

TEST(Solver, SaysWhatItCannotDo) {
  Random random(2);
  Problem p = random_problem(random, 4, Objective::latency);
  EXPECT_THAT(solve(p, Solver::path), IsOk());
  EXPECT_THAT(solve(p, Solver::cut), HasErrc(Errc::invalid_argument, ::testing::HasSubstr("graphs")));
  p.constraints.deadline = Milliseconds{1};
  EXPECT_THAT(solve(p, Solver::path), HasErrc(Errc::invalid_argument, ::testing::HasSubstr("label")));
}

TEST(Solver, ADeadlineAtSeventyLayersTakesMilliseconds) {
  Random random(1);
  Problem p = random_problem(random, 70, Objective::energy);
  Problem q = p;
  q.objective = Objective::latency;
  const double fastest = solve(q).totals.latency.count();
  const double frugal = solve(p).totals.latency.count();
  p.constraints.deadline = Milliseconds{(fastest + frugal) / 2};
  double best = kInfinity;
  for (int i = 0; i < 10; ++i) best = std::min(best, solve(p).solve_us);
  EXPECT_LT(best, 20000);
}

}  // namespace
}  // namespace tandem::plan
