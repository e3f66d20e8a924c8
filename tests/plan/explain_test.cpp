#include "tandem/plan/explain.hpp"

#include <algorithm>
#include <map>

#include "every_schedule.hpp"
#include "matchers.hpp"
#include "random_tables.hpp"

namespace tandem::plan {
namespace {

std::vector<Place> placement(const std::vector<Segment>& segments) {
  std::vector<Place> places;
  for (const Segment& s : segments) {
    const int count = s.last - s.first + 1;
    places.insert(places.end(), static_cast<std::size_t>(count), s.place);
  }
  return places;
}

TEST(BestPlacements, AreTheCheapestOfEachInOrder) {
  Random random(31);
  for (int i = 0; i < 2000; ++i) {
    const int layers = i % 200 == 0 ? 9 : 1 + static_cast<int>(random.below(6));
    Problem p = random_problem(random, layers, i % 2 == 0 ? Objective::latency : Objective::energy);
    if (layers < 6) add_alternatives(random, p);
    if (i % 4 == 0) p.constraints.pins = {{.first = 1, .last = 1, .place = Place::device}};
    std::map<std::vector<Place>, double> best;
    visit_every_schedule(p, [&](const Tried& t) {
      const auto [found, added] = best.try_emplace(placement(t.segments), t.cost(p));
      if (!added) found->second = std::min(found->second, t.cost(p));
    });
    std::vector<double> costs;
    for (const auto& [places, cost] : best) costs.push_back(cost);
    std::ranges::sort(costs);
    const int count = 1 + static_cast<int>(random.below(8));
    const std::vector<Plan> plans = best_placements(p, count);
    ASSERT_EQ(plans.size(), std::min<std::size_t>(count, costs.size()));
    for (std::size_t k = 0; k < plans.size(); ++k) {
      ASSERT_NEAR(cost_of(p, plans[k].totals), costs[k], 1e-9 * costs[k]) << i << " " << k;
      for (std::size_t l = 0; l < k; ++l) ASSERT_NE(placement(plans[k].segments), placement(plans[l].segments));
    }
  }
}

TEST(BindingLimits, AreThoseWithoutWhichThePlanIsBetter) {
  Random random(32);
  int seen = 0;
  for (int i = 0; i < 500; ++i) {
    Problem p = random_problem(random, 2 + static_cast<int>(random.below(5)), Objective::energy);
    const Plan free = solve(p);
    p.constraints.deadline = free.totals.latency * random.uniform(0.6, 1.2);
    p.constraints.max_switches = static_cast<int>(random.below(4));
    const Plan plan = solve(p);
    const std::vector<Binding> bindings = binding_limits(p, plan);
    if (!plan.feasible) {
      EXPECT_TRUE(bindings.empty());
      continue;
    }
    for (const Resource resource : {Resource::latency, Resource::switches}) {
      Problem q = p;
      if (resource == Resource::latency) q.constraints.deadline.reset();
      if (resource == Resource::switches) q.constraints.max_switches.reset();
      const double without = cost_of(q, solve(q).totals);
      const bool binds = without < cost_of(p, plan.totals) * (1 - 1e-9);
      const auto found = std::ranges::find(bindings, resource, &Binding::resource);
      ASSERT_EQ(found != bindings.end(), binds) << i;
      if (!binds) continue;
      ASSERT_NEAR(found->cost_without, without, 1e-9 * without);
      ++seen;
    }
  }
  EXPECT_GT(seen, 50);
}

TEST(Flips, NothingIsBetterBeforeAndTheOtherIsBeyond) {
  Random random(33);
  int seen = 0;
  for (int i = 0; i < 300; ++i) {
    const Tables tables = random_tables(random, 2 + static_cast<int>(random.below(8)));
    const Objective objective = i % 2 == 0 ? Objective::latency : Objective::energy;
    const Conditions now{.up = tables.link.up, .down = tables.link.down, .rtt = tables.link.rtt};
    const auto flips = find_flips(tables.device, tables.cloud, tables.link, objective, {});
    ASSERT_THAT(flips, IsOk());
    const auto optima = find_optima(tables.device, tables.cloud, tables.link, objective);
    const std::size_t chosen = optima->best(now);
    const auto cost = [&](std::size_t candidate, const Conditions& c) {
      const Totals t = optima->totals(candidate, c);
      return objective == Objective::latency ? t.latency.count() : t.energy.value;
    };
    for (const Parameter parameter : kParameters) {
      for (const bool above : {false, true}) {
        const auto flip = std::ranges::find_if(
            *flips, [&](const Flip& f) { return f.parameter == parameter && (f.at > f.now) == above; });
        const double value = value_of(now, parameter);
        const double at = flip != flips->end() ? flip->at : above ? value * 1e6 : value / 1e6;
        for (int k = 1; k < 20; ++k) {
          Conditions between = now;
          set(between, parameter, value * std::pow(at / value, k / 20.0));
          const double best = cost(optima->best(between), between);
          ASSERT_NEAR(cost(chosen, between), best, 1e-8 * best) << i;
        }
        if (flip == flips->end()) continue;
        ++seen;
        Conditions beyond = now;
        set(beyond, parameter, at * (above ? 1.001 : 0.999));
        const Problem problem = problem_under(tables, beyond, objective);
        ASSERT_LT(cost_of(problem, totals_under(flip->then.footprint, optima->radio(), beyond)), cost(chosen, beyond));
      }
    }
  }
  EXPECT_GT(seen, 500);
}

}  // namespace
}  // namespace tandem::plan
