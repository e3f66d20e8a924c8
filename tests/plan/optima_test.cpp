// Every schedule that can be best, and the best for a sample of links.
#include <algorithm>
#include <chrono>
#include <cmath>

#include "every_schedule.hpp"
#include "matchers.hpp"
#include "random_tables.hpp"
#include "tandem/plan/risk.hpp"

namespace tandem::plan {
namespace {

using ::testing::HasSubstr;

constexpr Objective kObjectives[] = {Objective::latency, Objective::energy, Objective::weighted};

TEST(Optima, TheBestOfThemIsTheBestOfAll) {
  Random random(2026);
  std::size_t most = 0;
  for (int i = 0; i < 150; ++i) {
    const int layers = 1 + static_cast<int>(random.below(14));
    const Tables tables = random_tables(random, layers);
    const Objective objective = kObjectives[i % 3];
    const ProblemOptions options{.weights = {.per_ms = random.uniform(), .per_mj = random.uniform()}};
    const auto optima = find_optima(tables.device, tables.cloud, tables.link, objective, options);
    ASSERT_THAT(optima, IsOk());
    most = std::max(most, optima->candidates().size());
    for (int k = 0; k < 30; ++k) {
      const Conditions conditions = random_conditions(random);
      const Problem problem = problem_under(tables, conditions, objective, options);
      const Plan plan = solve(problem);
      const double best = cost_of(problem, plan.totals);
      const std::size_t index = optima->best(conditions);
      ASSERT_LT(index, optima->candidates().size());
      ASSERT_NEAR(cost_of(problem, optima->totals(index, conditions)), best, 1e-9 * best) << i << " " << k;
      // What it says a candidate takes is what the problem says of its schedule.
      const Totals totals = evaluate(problem, optima->candidates()[index].segments);
      ASSERT_NEAR(cost_of(problem, totals), best, 1e-9 * best);
    }
  }
  EXPECT_GT(most, 20U);
}

TEST(Optima, EachIsBestSomewhere) {
  Random random(4);
  for (int i = 0; i < 40; ++i) {
    const Tables tables = random_tables(random, 1 + static_cast<int>(random.below(4)));
    const auto optima = find_optima(tables.device, tables.cloud, tables.link, Objective::latency);
    ASSERT_THAT(optima, IsOk());
    std::vector<bool> seen(optima->candidates().size());
    for (int k = 0; k < 100000 && std::ranges::find(seen, false) != seen.end(); ++k) {
      const Conditions conditions = random_conditions(random);
      seen[optima->best(conditions)] = true;
    }
    // A few are best only where a thousandth and thousandfold are not enough.
    EXPECT_LE(std::ranges::count(seen, false), 2 + static_cast<long>(seen.size()) / 4) << i;
  }
}

TEST(Optima, KeepPins) {
  Random random(5);
  const Tables tables = random_tables(random, 8);
  const ProblemOptions options{.constraints = {.pins = {{.first = 1, .last = 3, .place = Place::device}}}};
  const auto optima = find_optima(tables.device, tables.cloud, tables.link, Objective::latency, options);
  ASSERT_THAT(optima, IsOk());
  for (int k = 0; k < 200; ++k) {
    const Conditions conditions = random_conditions(random);
    const Problem problem = problem_under(tables, conditions, Objective::latency, options);
    const double best = solve(problem).totals.latency.count();
    EXPECT_NEAR(optima->totals(optima->best(conditions), conditions).latency.count(), best, 1e-9 * best);
  }
}

TEST(Optima, RefuseLimits) {
  Random random(5);
  const Tables tables = random_tables(random, 3);
  const ProblemOptions options{.constraints = {.deadline = Milliseconds{5}}};
  EXPECT_THAT(find_optima(tables.device, tables.cloud, tables.link, Objective::latency, options),
              HasErrc(Errc::invalid_argument, HasSubstr("limits")));
}

TEST(Optima, SurviveARoundTrip) {
  Random random(6);
  for (const Objective objective : kObjectives) {
    const Tables tables = random_tables(random, 6);
    const auto optima = find_optima(tables.device, tables.cloud, tables.link, objective);
    const Json json = to_json(*optima);
    const auto back = optima_from_json(parse_json(json.dump()).value());
    ASSERT_THAT(back, IsOk());
    EXPECT_EQ(to_json(*back), json);
    for (int k = 0; k < 100; ++k) {
      const Conditions conditions = random_conditions(random);
      EXPECT_EQ(back->best(conditions), optima->best(conditions));
    }
  }
}

TEST(Optima, HostileFilesAreRefusedByField) {
  Random random(6);
  const Tables tables = random_tables(random, 4);
  const Json good = to_json(*find_optima(tables.device, tables.cloud, tables.link, Objective::latency));
  const auto refused = [&](const char* pointer, Json value, const char* field) {
    Json bad = good;
    bad[Json::json_pointer(pointer)] = std::move(value);
    EXPECT_THAT(optima_from_json(bad), HasErrc(Errc::invalid_argument, HasSubstr(field)));
  };
  refused("/objective", "speed", "objective");
  refused("/beta_mw", -1, "beta_mw");
  refused("/candidates", Json::array(), "candidates");
  refused("/candidates/0/up_bytes", -5, "candidates[0].up_bytes");
  refused("/candidates/0/segments", Json::array(), "segments");
  refused("/candidates/0/segments/0/first", 1000000000, "first");
}

// Costs of every schedule, in one order, under each of the conditions.
std::vector<std::vector<double>> cost_matrix(const Tables& tables, const std::vector<Conditions>& sample,
                                             Objective objective) {
  std::vector<std::vector<double>> costs;
  for (const Conditions& conditions : sample) {
    Problem p = problem_under(tables, conditions, objective, {.codec = "raw"});
    const Problem other = problem_under(tables, conditions, objective, {.codec = "linear8"});
    for (int k = 0; k <= p.layers; ++k) {
      p.alternatives.push_back({.after = k, .direction = Direction::up, .crossing = other.uploads[k]});
      p.alternatives.push_back({.after = k, .direction = Direction::down, .crossing = other.downloads[k]});
    }
    costs.emplace_back();
    visit_every_schedule(p, [&](const Tried& t) { costs.back().push_back(t.cost(p)); });
  }
  return costs;
}

TEST(Risk, TheLeastPercentileOfEverySchedule) {
  Random random(9);
  int no_optimum = 0;
  for (int i = 0; i < 2000; ++i) {
    const int layers = i % 100 == 0 ? 5 : 1 + static_cast<int>(random.below(3));
    const Tables tables = random_tables(random, layers);
    const Objective objective = kObjectives[i % 2];
    std::vector<Conditions> sample(3 + random.below(6));
    for (Conditions& c : sample) c = random_conditions(random);
    const double probability = random.uniform(0.2, 1);
    const auto costs = cost_matrix(tables, sample, objective);
    const auto rank =
        static_cast<std::size_t>(std::max(1.0, std::ceil(probability * static_cast<double>(sample.size()) - 1e-9))) - 1;
    double best = std::numeric_limits<double>::infinity();
    for (std::size_t s = 0; s < costs[0].size(); ++s) {
      std::vector<double> column;
      for (const auto& row : costs) column.push_back(row[s]);
      std::ranges::sort(column);
      best = std::min(best, column[rank]);
    }
    const auto plan = solve_at_risk(tables.device, tables.cloud, tables.link, objective, sample, probability);
    ASSERT_THAT(plan, IsOk());
    ASSERT_TRUE(plan->plan.proven_optimal);
    ASSERT_NEAR(plan->at_risk, best, 1e-9 * best) << i;
    // The same percentile among those that are best somewhere can be worse: the reason for a search.
    const auto optima = find_optima(tables.device, tables.cloud, tables.link, objective);
    double among_optima = std::numeric_limits<double>::infinity();
    for (std::size_t c = 0; c < optima->candidates().size(); ++c) {
      std::vector<double> column;
      for (const Conditions& conditions : sample) {
        const Totals t = optima->totals(c, conditions);
        column.push_back(objective == Objective::latency ? t.latency.count() : t.energy.value);
      }
      std::ranges::sort(column);
      among_optima = std::min(among_optima, column[rank]);
    }
    ASSERT_GE(among_optima, best * (1 - 1e-9));
    if (among_optima > best * (1 + 1e-9)) ++no_optimum;
  }
  RecordProperty("no_optimum", no_optimum);
}

TEST(Risk, SaysWhatIsWrongWithASample) {
  Random random(9);
  const Tables t = random_tables(random, 3);
  const auto at_risk = [&](std::vector<Conditions> sample, double probability) {
    return solve_at_risk(t.device, t.cloud, t.link, Objective::latency, sample, probability);
  };
  EXPECT_THAT(at_risk({}, 0.9), HasErrc(Errc::invalid_argument, HasSubstr("empty")));
  EXPECT_THAT(at_risk({random_conditions(random)}, 1.5), HasErrc(Errc::invalid_argument, HasSubstr("1.5")));
  EXPECT_THAT(at_risk({Conditions{}}, 0.9), HasErrc(Errc::invalid_argument, HasSubstr("conditions[0]")));
}

}  // namespace
}  // namespace tandem::plan
