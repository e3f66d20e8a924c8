// Profiles of which most groups are predicted, beside profiles of which every group is measured once: errors against
// the truth, the standard errors' calibration, what is planned from them, and what they cost.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <set>
#include <utility>

#include "bench_profile.hpp"
#include "bench_rows.hpp"
#include "profile_campaign.hpp"
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

struct ProfileBenchOptions {
  std::vector<std::string> networks = {"zoo:alexnet", "zoo:nin",   "zoo:mobilenetv2", "zoo:resnet50",
                                       "zoo:pix2pix", "zoo:chair", "zoo:deepspeech",  "zoo:mlp"};
  int groups = 150;  // of each network, chosen at random, whose truth is measured
  int rounds = 5;    // the truth is the least latency of as many
  profile::Requests requests = profile::Requests::back_to_back;
  std::string keep;  // file for what is measured
  std::string from;  // such a file, in place of measuring
  bool json = false;
};

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

// Each group once, compiled anew, in random order.
Status measure(const network::Network& network, const std::set<Group>& groups, profile::Requests requests,
               const std::string& what, Random& random, GroupLatencies& latencies) {
  std::vector<Group> order(groups.begin(), groups.end());
  random.shuffle(std::span(order));
  Progress progress(fmt::format("{}: {}", network.name(), what), false);
  for (std::size_t i = 0; i < order.size(); ++i) {
    progress.update(static_cast<double>(i) / static_cast<double>(order.size()));
    const auto cost = engine::measure_group(network, {.first = order[i].first, .last = order[i].second},
                                            {.compile = {.threads = 1}, .requests = requests});
    if (!cost) return forward_error(cost);
    latencies[order[i]].push_back(cost->latency);
  }
  return {};
}

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

Milliseconds least(const std::vector<Milliseconds>& latencies) {
  return std::ranges::min(latencies);
}

// `table` with what is true where that is known.
profile::CostTable with_truth(const profile::CostTable& table, const GroupLatencies& truth) {
  profile::CostTable result = table;
  for (const auto& [group, rounds] : truth) {
    const Milliseconds latency = least(rounds);
    result.set({.first = group.first, .last = group.second}, {.latency = latency, .std = kTruthError * latency});
  }
  return result;
}

// Of the plans from `table` and of the best plans, as far as is known: the groups whose truth is not.
Result<std::set<Group>> unknown_groups(const profile::CostTable& table, const GroupLatencies& truth) {
  std::set<Group> unknown;
  const profile::CostTable true_table = with_truth(table, truth);
  for (const plan::DecisionCase& decision : plan::usual_decision_cases()) {
    for (const profile::CostTable* costs : {&table, &true_table}) {
      const auto problem = plan::decision_problem(*costs, decision);
      if (!problem) return forward_error(problem);
      for (const plan::Segment& segment : plan::solve(*problem).segments) {
        if (!truth.contains({segment.first, segment.last})) unknown.insert({segment.first, segment.last});
      }
    }
  }
  return unknown;
}

Result<ProfileCampaign> campaign_of(const std::string& reference, const ProfileBenchOptions& options) {
  const auto network = network::load(reference);
  if (!network) return forward_error(network);
  const int n = network->size();
  ProfileCampaign campaign{.chosen = random_groups(n, options.groups)};
  Random random(7);
  const auto add_round = [&](const std::set<Group>& groups, const std::string& what) {
    return measure(*network, groups, options.requests, what, random, campaign.truth);
  };

  std::set<Group> known = campaign.chosen;
  known.insert({1, n});
  if (const Status done = add_round(known, "truth, first round"); !done) return forward_error(done);
  // What each group costs when all are measured, once, as `--groups all` does.
  const Instant once_start = steady_clock().now();
  if (const Status done =
          measure(*network, campaign.chosen, options.requests, "every group once", random, campaign.once);
      !done) {
    return forward_error(done);
  }
  campaign.once_each = (steady_clock().now() - once_start) / static_cast<double>(campaign.chosen.size());

  const Instant start = steady_clock().now();
  Progress progress("predicting " + network->name(), false);
  const auto table = engine::measure_profile(
      *network, {.compile = {.threads = 1},
                 .requests = options.requests,
                 .progress = [&](double done, const std::string& what) { progress.update(done, what); },
                 .evidence = [&](const profile::GroupEvidence& evidence) { campaign.evidence = evidence; }});
  if (!table) return forward_error(table);
  progress.finish();
  campaign.took = steady_clock().now() - start;
  campaign.head = *table;

  for (int round = 2; round <= options.rounds; ++round) {
    if (const Status done = add_round(known, fmt::format("truth, round {}", round)); !done) return forward_error(done);
  }
  for (int search = 0; search < kMostSearches; ++search) {
    const auto unknown = unknown_groups(*table, campaign.truth);
    if (!unknown) return forward_error(unknown);
    if (unknown->empty()) break;
    for (int round = 0; round < options.rounds; ++round) {
      if (const Status done = add_round(*unknown, "groups of plans"); !done) return forward_error(done);
    }
  }
  return campaign;
}

struct Regret {
  double mean = 0.0, largest = 0.0;
};

Result<Regret> regret_of(const profile::CostTable& table, const GroupLatencies& truth) {
  const profile::CostTable true_table = with_truth(table, truth);
  const std::vector<plan::DecisionCase> cases = plan::usual_decision_cases();
  Regret regret;
  for (const plan::DecisionCase& decision : cases) {
    const auto believed = plan::decision_problem(table, decision);
    const auto real = plan::decision_problem(true_table, decision);
    if (!believed) return forward_error(believed);
    if (!real) return forward_error(real);
    const plan::Plan best = plan::solve(*real);
    const double cost = plan::cost_of(*real, plan::evaluate(*real, plan::solve(*believed).segments));
    const double more = cost / plan::cost_of(*real, best.totals) - 1.0;
    regret.mean += more / static_cast<double>(cases.size());
    regret.largest = std::max(regret.largest, more);
  }
  return regret;
}

Result<Json> row_of(const ProfileCampaign& campaign) {
  const profile::CostTable table = profile::predicted_table(campaign.head, campaign.evidence);
  const int n = table.size();
  const Milliseconds whole = least(campaign.truth.at({1, n}));
  std::vector<double> predicted, direct, signed_errors;
  int within = 0;
  for (const Group& group : campaign.chosen) {
    const profile::Cost cost = table.cost({.first = group.first, .last = group.second});
    if (!cost.predicted) continue;
    const Milliseconds real = least(campaign.truth.at(group));
    const Milliseconds scale = std::max(real, kLeastShare * whole);
    signed_errors.push_back((cost.latency - real) / scale);
    predicted.push_back(std::abs(signed_errors.back()));
    direct.push_back(std::abs((campaign.once.at(group).front() - real) / scale));
    if (std::abs((cost.latency - real).count()) <= cost.std.count()) ++within;
  }
  const auto unknown = unknown_groups(table, campaign.truth);
  if (!unknown) return forward_error(unknown);
  const auto regret = regret_of(table, campaign.truth);
  if (!regret) return forward_error(regret);

  const auto scored = static_cast<int>(predicted.size());
  const Milliseconds all = campaign.once_each * (n * (n + 1) / 2);
  return Json{{"name", table.network},
              {"layers", n},
              {"whole_ms", whole.count()},
              {"measured", campaign.evidence.groups.size()},
              {"scored", scored},
              {"median_error", percentile(predicted, 0.5)},
              {"p95_error", percentile(predicted, 0.95)},
              {"bias", percentile(signed_errors, 0.5)},
              {"once_median_error", percentile(direct, 0.5)},
              {"once_p95_error", percentile(direct, 0.95)},
              {"within_std", scored == 0 ? 0.0 : static_cast<double>(within) / scored},
              {"mean_regret", regret->mean},
              {"largest_regret", regret->largest},
              {"unknown", unknown->size()},
              {"seconds", campaign.took.count() / 1000},
              {"all_seconds", all.count() / 1000},
              {"ratio", campaign.took / all}};
}

Result<Json> profile_bench_rows(const ProfileBenchOptions& options) {
  std::vector<ProfileCampaign> campaigns;
  if (!options.from.empty()) {
    auto kept = kept_campaigns(options.from);
    if (!kept) return forward_error(kept);
    campaigns = std::move(*kept);
  }
  for (std::size_t i = 0; options.from.empty() && i < options.networks.size(); ++i) {
    auto campaign = campaign_of(options.networks[i], options);
    if (!campaign) return forward_error(campaign, options.networks[i]);
    campaigns.push_back(std::move(*campaign));
    if (options.keep.empty()) continue;
    if (const Status kept = keep(campaigns, options.keep); !kept) return forward_error(kept);
  }
  Json rows = Json::array();
  for (const ProfileCampaign& campaign : campaigns) {
    auto row = row_of(campaign);
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
  command->add_option("--rounds", options->rounds, "in which each of those is measured; the least counts")
      ->check(CLI::Range(3, 100))
      ->capture_default_str();
  command->add_option("--requests", options->requests, "how executions follow each other: spaced or back-to-back")
      ->transform(CLI::CheckedTransformer(requests_by_name()))
      ->default_str("back-to-back");
  auto* keep_option =
      command->add_option("--keep", options->keep, "where to keep all that was measured")->type_name("FILE");
  command->add_option("--from", options->from, "judge what was kept there, and measure nothing")
      ->type_name("FILE")
      ->excludes(keep_option);
  command->add_flag("--json", options->json, "machine-readable answer");
  example(command, "tandem bench profile --networks zoo:alexnet --random-groups 50");
  command->callback(
      [options, &outcome] { outcome = print_bench("profile", profile_bench_rows(*options), options->json); });
}

}  // namespace tandem::cli
