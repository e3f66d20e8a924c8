// Profiles of which most groups are predicted, beside profiles of which every group is measured once: errors against
// the truth, the standard errors' calibration, what is planned from them, and what they cost.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "bench_profile.hpp"
#include "bench_rows.hpp"
#include "profile_commands.hpp"
#include "tandem/base/clock.hpp"
#include "tandem/base/random.hpp"
#include "tandem/engine/profiler.hpp"
#include "tandem/network/import.hpp"
#include "tandem/plan/decisions.hpp"
#include "tandem/plan/plan.hpp"
#include "terminal.hpp"

namespace tandem::cli {
namespace {

using Group = std::pair<int, int>;

struct ProfileBenchOptions {
  std::vector<std::string> networks = {"zoo:alexnet", "zoo:nin",   "zoo:mobilenetv2", "zoo:resnet50",
                                       "zoo:pix2pix", "zoo:chair", "zoo:deepspeech",  "zoo:inceptionv3"};
  int groups = 150;  // of each network, chosen at random, whose truth is measured
  profile::Requests requests = profile::Requests::back_to_back;
  bool json = false;
};

constexpr int kRounds = 3;
// Errors are relative to the group, but at least to this part of the whole network: what takes no time decides nothing.
constexpr double kLeastShare = 0.01;
// What the true latencies are known to.
constexpr double kTruthError = 0.01;
constexpr int kMostSearches = 20;

double percentile(std::vector<double> values, double part) {
  if (values.empty()) return 0.0;
  std::ranges::sort(values);
  return values[std::min(values.size() - 1, static_cast<std::size_t>(part * static_cast<double>(values.size())))];
}

// The true latencies of some groups: the least of several rounds, each compiled anew.
class Truth {
 public:
  Truth(const network::Network& network, const ProfileBenchOptions& options) : network_(network), options_(options) {}

  Status measure(const std::set<Group>& groups, const std::string& what) {
    std::vector<Group> order(groups.begin(), groups.end());
    random_.shuffle(std::span(order));
    Progress progress(fmt::format("{}: {}", network_.name(), what), false);
    for (std::size_t i = 0; i < order.size(); ++i) {
      progress.update(static_cast<double>(i) / static_cast<double>(order.size()));
      const auto cost = engine::measure_group(network_, {.first = order[i].first, .last = order[i].second},
                                              {.compile = {.threads = 1}, .requests = options_.requests});
      if (!cost) return forward_error(cost);
      rounds_[order[i]].push_back(cost->latency);
    }
    return {};
  }

  [[nodiscard]] const std::map<Group, std::vector<Milliseconds>>& rounds() const { return rounds_; }
  [[nodiscard]] bool has(const Group& group) const { return rounds_.contains(group); }
  [[nodiscard]] Milliseconds of(const Group& group) const { return std::ranges::min(rounds_.at(group)); }

 private:
  const network::Network& network_;
  const ProfileBenchOptions& options_;
  Random random_{7};
  std::map<Group, std::vector<Milliseconds>> rounds_;
};

std::set<Group> random_groups(int blocks, int count) {
  std::set<Group> groups;
  const int all = blocks * (blocks + 1) / 2;
  if (all <= count) {
    for (int first = 1; first <= blocks; ++first) {
      for (int last = first; last <= blocks; ++last) groups.insert({first, last});
    }
    return groups;
  }
  Random random(static_cast<std::uint64_t>(blocks));
  const auto any = [&] { return 1 + static_cast<int>(random.below(static_cast<std::uint64_t>(blocks))); };
  while (static_cast<int>(groups.size()) < count) {
    const int a = any();
    const int b = any();
    // Every group as likely as any other: of two different numbers, or one half of the time.
    if (a != b || random.below(2) == 0) groups.insert(std::minmax(a, b));
  }
  return groups;
}

// `table` with what is true where that is known.
profile::CostTable with_truth(const profile::CostTable& table, const Truth& truth) {
  profile::CostTable result = table;
  for (const auto& [group, rounds] : truth.rounds()) {
    const Milliseconds latency = truth.of(group);
    result.set({.first = group.first, .last = group.second}, {.latency = latency, .std = kTruthError * latency});
  }
  return result;
}

std::set<Group> unknown_groups(const plan::Plan& plan, const Truth& truth) {
  std::set<Group> groups;
  for (const plan::Segment& segment : plan.segments) {
    const Group group{segment.first, segment.last};
    if (!truth.has(group)) groups.insert(group);
  }
  return groups;
}

struct Regret {
  double mean = 0.0, largest = 0.0;
  int plans = 0;
};

// Measures what the plans from `table` and the best plans consist of, until all of those is known.
Status measure_plans(const profile::CostTable& table, Truth& truth) {
  for (int search = 0; search < kMostSearches; ++search) {
    std::set<Group> unknown;
    const profile::CostTable true_table = with_truth(table, truth);
    for (const plan::DecisionCase& decision : plan::usual_decision_cases()) {
      for (const profile::CostTable* costs : {&table, &true_table}) {
        const auto problem = plan::decision_problem(*costs, decision);
        if (!problem) return forward_error(problem);
        unknown.merge(unknown_groups(plan::solve(*problem), truth));
      }
    }
    if (unknown.empty()) break;
    for (int round = 0; round < kRounds; ++round) {
      if (const Status done = truth.measure(unknown, "groups of plans"); !done) return done;
    }
  }
  return {};
}

Result<Regret> regret_of(const profile::CostTable& table, const Truth& truth) {
  const profile::CostTable true_table = with_truth(table, truth);
  Regret regret;
  for (const plan::DecisionCase& decision : plan::usual_decision_cases()) {
    const auto believed = plan::decision_problem(table, decision);
    const auto real = plan::decision_problem(true_table, decision);
    if (!believed) return forward_error(believed);
    if (!real) return forward_error(real);
    const plan::Plan best = plan::solve(*real);
    const double cost = plan::cost_of(*real, plan::evaluate(*real, plan::solve(*believed).segments));
    const double more = cost / plan::cost_of(*real, best.totals) - 1.0;
    regret.mean += more;
    regret.largest = std::max(regret.largest, more);
    ++regret.plans;
  }
  if (regret.plans > 0) regret.mean /= regret.plans;
  return regret;
}

Result<Json> row_of(const std::string& reference, const ProfileBenchOptions& options) {
  const auto network = network::load(reference);
  if (!network) return forward_error(network);
  const int n = network->size();
  const int all = n * (n + 1) / 2;
  const std::set<Group> groups = random_groups(n, options.groups);

  Truth truth(*network, options);
  std::set<Group> first_round = groups;
  first_round.insert({1, n});
  if (const Status done = truth.measure(first_round, "truth, first round"); !done) return forward_error(done);
  // What each group costs when all are measured, once, as `--groups all` does.
  Truth once(*network, options);
  const Instant once_start = steady_clock().now();
  if (const Status done = once.measure(groups, "every group once"); !done) return forward_error(done);
  const Milliseconds once_each = (steady_clock().now() - once_start) / static_cast<double>(groups.size());

  const Instant start = steady_clock().now();
  Progress progress("predicting " + network->name(), false);
  const auto table = engine::measure_profile(
      *network, {.compile = {.threads = 1},
                 .requests = options.requests,
                 .progress = [&](double done, const std::string& what) { progress.update(done, what); }});
  if (!table) return forward_error(table);
  progress.finish();
  const Milliseconds took = steady_clock().now() - start;

  for (int round = 1; round < kRounds; ++round) {
    if (const Status done = truth.measure(first_round, fmt::format("truth, round {}", round + 1)); !done) {
      return forward_error(done);
    }
  }
  const Milliseconds least = kLeastShare * truth.of({1, n});
  std::vector<double> predicted, direct;
  int within = 0;
  for (const Group& group : groups) {
    const profile::Cost cost = table->cost({.first = group.first, .last = group.second});
    if (!cost.predicted) continue;
    const Milliseconds real = truth.of(group);
    const Milliseconds scale = std::max(real, least);
    predicted.push_back(std::abs((cost.latency - real) / scale));
    direct.push_back(std::abs((once.of(group) - real) / scale));
    if (std::abs((cost.latency - real).count()) <= cost.std.count()) ++within;
  }
  if (const Status done = measure_plans(*table, truth); !done) return forward_error(done);
  const auto regret = regret_of(*table, truth);
  if (!regret) return forward_error(regret);

  const auto scored = static_cast<int>(predicted.size());
  return Json{{"name", network->name()},
              {"layers", n},
              {"whole_ms", truth.of({1, n}).count()},
              {"measured", table->measured_count()},
              {"scored", scored},
              {"median_error", percentile(predicted, 0.5)},
              {"p95_error", percentile(predicted, 0.95)},
              {"once_median_error", percentile(direct, 0.5)},
              {"once_p95_error", percentile(direct, 0.95)},
              {"within_std", scored == 0 ? 0.0 : static_cast<double>(within) / scored},
              {"mean_regret", regret->mean},
              {"largest_regret", regret->largest},
              {"seconds", took.count() / 1000},
              {"all_seconds", once_each.count() * all / 1000},
              {"ratio", took / (once_each * all)}};
}

Result<Json> profile_bench_rows(const ProfileBenchOptions& options) {
  Json rows = Json::array();
  for (const std::string& reference : options.networks) {
    auto row = row_of(reference, options);
    if (!row) return forward_error(row);
    rows.push_back(std::move(*row));
  }
  return rows;
}

}  // namespace

void add_profile_bench(CLI::App* bench, Outcome& outcome) {
  auto* command = bench->add_subcommand("profile", "predicted groups of layers, against measuring every group once");
  auto options = std::make_shared<ProfileBenchOptions>();
  command->add_option("--networks", options->networks, "files or zoo:NAME")
      ->delimiter(',')
      ->type_name("NETWORK")
      ->capture_default_str();
  command->add_option("--random-groups", options->groups, "groups of each whose true latency is measured")
      ->check(CLI::Range(10, 100000))
      ->capture_default_str();
  command->add_option("--requests", options->requests, "how executions follow each other: spaced or back-to-back")
      ->transform(CLI::CheckedTransformer(requests_by_name()))
      ->default_str("back-to-back");
  command->add_flag("--json", options->json, "machine-readable answer");
  example(command, "tandem bench profile --networks zoo:alexnet --random-groups 50");
  command->callback(
      [options, &outcome] { outcome = print_bench("profile", profile_bench_rows(*options), options->json); });
}

}  // namespace tandem::cli
