#include "predicted_profile.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

#include "counters.hpp"
#include "probe.hpp"
#include "tandem/base/clock.hpp"
#include "tandem/base/random.hpp"
#include "tandem/plan/decisions.hpp"
#include "tandem/profile/group_evidence.hpp"

namespace tandem::engine {
namespace {

using network::BlockRange;
using profile::BlockEstimate;
using profile::Cost;
using profile::CostTable;
using profile::GroupModel;
using profile::WeightedGroup;

// Compilations beyond one for each block.
constexpr int kCompilationsBeyondBlocks = 14;
constexpr int kCountedModels = 3;
// Every group is looked at so often, with all others in between: what disturbs a machine passes meanwhile. More often
// until they settle: until this part of the groups was found twice to take its least, but for so much.
constexpr int kVisits = 3;
constexpr int kMostVisits = 24;
constexpr double kSettledPart = 0.8;
constexpr double kSettled = 0.005;
// But it all takes at most a part of what measuring every group would: a smaller one of networks of 37 blocks or more.
constexpr std::size_t kManyGroups = 703;
constexpr double kPartOfMany = 0.08;
constexpr double kPartOfManyToAdd = 0.05;  // of that, compiling; the rest is for more visits
constexpr int kLeastVisitsOfMany = 2;      // even where time is up
constexpr double kPartOfFew = 0.3;
constexpr Milliseconds kMostTimeForFew{20'000};
constexpr int kBatches = 5;  // the model is fitted anew after each
// How many groups a choice looks at.
constexpr std::size_t kCandidates = 500;
constexpr std::size_t kTargets = 400;
// Groups on which plans depend weigh as much as all others together.
constexpr double kDecisionShare = 1.0;
constexpr int kPossibleTables = 6;
// Plans of more blocks take longer than the measurements they save.
constexpr int kMostBlocksToPlan = 150;
// Where plans are within this of the best, and half of the groups are known so well, no more is measured.
constexpr double kRegret = 0.003;
constexpr double kMedianError = 0.02;

MeasureOptions visit_options(profile::Requests requests) {
  if (requests == profile::Requests::back_to_back) {
    return {.warm_up = 1, .min_count = 3, .max_count = 1000, .min_time = Milliseconds{15}};
  }
  return {.warm_up = 0, .min_count = 2, .max_count = 2, .min_time = Milliseconds{0}, .pause = Milliseconds{30}};
}

std::size_t free_memory() {
  const long pages = ::sysconf(_SC_AVPHYS_PAGES);
  const long page = ::sysconf(_SC_PAGE_SIZE);
  return pages > 0 && page > 0 ? static_cast<std::size_t>(pages) * static_cast<std::size_t>(page) : 0;
}

// The whole network, and two ways to cut it into pairs: where each block begins a group in one and ends it in the
// other.
std::vector<std::vector<BlockRange>> counted_models(int blocks) {
  std::vector<std::vector<BlockRange>> models{{{.first = 1, .last = blocks}}, {}, {}};
  for (int first = 1; first <= blocks; first += 2) {
    models[1].push_back({.first = first, .last = std::min(first + 1, blocks)});
  }
  models[2].push_back({.first = 1, .last = 1});
  for (int first = 2; first <= blocks; first += 2) {
    models[2].push_back({.first = first, .last = std::min(first + 1, blocks)});
  }
  return models;
}

struct CountedModel {
  CountedGroups groups;
  Milliseconds total{};
  int runs = 0;
  Milliseconds least{std::numeric_limits<double>::infinity()};
};

struct MeasuredProbe {
  profile::VisitedGroup group;
  std::optional<Probe> probe;  // while there is memory for it
};

class Predictor {
 public:
  Predictor(const network::Network& network, const ProfileOptions& options, CostTable head)
      : network_(network),
        options_(options),
        head_(std::move(head)),
        visit_(options.measure.value_or(visit_options(options.requests))),
        random_(options.seed),
        memory_left_(free_memory() / 2) {
    const auto blocks = static_cast<std::size_t>(network.size());
    groups_ = blocks * (blocks + 1) / 2;
    const std::size_t budget = blocks + kCompilationsBeyondBlocks - kCountedModels;
    counts_ = groups_ > budget;
    budget_ = std::min(groups_, budget);
  }

  Result<CostTable> run() {
    if (counts_) {
      if (const Status done = measure_some(); !done) return forward_error(done);
    } else {
      if (const Status done = add(all_groups()); !done) return forward_error(done);
    }
    if (const Status done = visit_again(); !done) return forward_error(done);
    const auto found = evidence();
    if (!found) return forward_error(found);
    if (options_.evidence) options_.evidence(*found);
    return profile::predicted_table(head_, *found);
  }

 private:
  // In batches, each chosen by what is known by then.
  Status measure_some() {
    if (const Status done = count(); !done) return done;
    if (const Status done = add({{.first = 1, .last = network_.size()}}); !done) return done;
    while (probes_.size() < budget_ && !(many() && took() > kPartOfManyToAdd * all_would_take())) {
      const auto known = evidence();
      if (!known) return forward_error(known);
      const std::vector<BlockRange> next = choose(*known);
      if (next.empty()) break;
      if (const Status done = add(next); !done) return done;
    }
    return {};
  }

  [[nodiscard]] std::vector<BlockRange> all_groups() const {
    std::vector<BlockRange> groups;
    for (int last = 1; last <= network_.size(); ++last) {
      for (int first = 1; first <= last; ++first) groups.push_back({.first = first, .last = last});
    }
    return groups;
  }

  Status check_interrupted() const {
    if (options_.interrupted == nullptr || !*options_.interrupted) return {};
    return fail(Errc::cancelled, fmt::format("interrupted after {} of {} groups; nothing is kept of a profile that "
                                             "predicts the others",
                                             probes_.size(), budget_));
  }

  // Compiling a group takes about as long as its visits.
  void report(const std::string& what) {
    const double all = static_cast<double>(budget_) * (kVisits + 1);
    steps_ = std::min(steps_ + 1.0, all);
    if (options_.progress) options_.progress(steps_ / all, what);
  }

  Status count() {
    for (const auto& groups : counted_models(network_.size())) {
      if (const Status stop = check_interrupted(); !stop) return stop;
      report("counters");
      auto compiled = CountedGroups::compile(network_, groups, options_.compile);
      if (!compiled) return forward_error(compiled);
      counted_.push_back({.groups = std::move(*compiled)});
    }
    return visit_counted();
  }

  Status visit_counted() {
    for (CountedModel& counted : counted_) {
      const auto run = [&counted]() -> Result<Milliseconds> {
        const auto took = counted.groups.infer();
        if (!took) return forward_error(took);
        counted.total += *took;
        counted.runs += 1;
        counted.least = std::min(counted.least, *took);
        return *took;
      };
      if (const auto measured = measure(run, visit_); !measured) return forward_error(measured);
    }
    return {};
  }

  // Compiles them and visits each once; those for which there is no memory as often as the others will be.
  Status add(const std::vector<BlockRange>& ranges) {
    const Instant start = steady_clock().now();
    for (const BlockRange range : ranges) {
      if (const Status stop = check_interrupted(); !stop) return stop;
      report(fmt::format("layers {} to {}", range.first, range.last));
      auto probe = Probe::compile(network_, range, options_.compile);
      if (!probe) return forward_error(probe, fmt::format("layers {} to {}", range.first, range.last));
      const std::size_t memory = probe->memory_bytes();
      MeasuredProbe& added = probes_.emplace_back(MeasuredProbe{{range, {}}, std::move(*probe)});
      if (const auto warm_up = added.probe->infer(); !warm_up) return forward_error(warm_up);
      if (const Status done = visit(added); !done) return done;
      if (memory <= memory_left_) {
        memory_left_ -= memory;
        continue;
      }
      for (int again = 1; again < kVisits; ++again) {
        if (const Status done = visit(added); !done) return done;
      }
      added.probe.reset();
    }
    adding_ += steady_clock().now() - start;
    return {};
  }

  Status visit(MeasuredProbe& probe) {
    const auto statistics = measure([&probe] { return probe.probe->infer(); }, visit_);
    if (!statistics) return forward_error(statistics);
    probe.group.visits.push_back(latency_of(*statistics, options_.requests));
    return {};
  }

  Status visit_again() {
    const Milliseconds all = all_would_take();
    const Milliseconds enough = many() ? kPartOfMany * all : std::min(kMostTimeForFew, kPartOfFew * all);
    const int least = many() ? kLeastVisitsOfMany : kVisits;
    Milliseconds longest{};
    for (int visit = 1; visit < kMostVisits; ++visit) {
      const Instant start = steady_clock().now();
      if (visit >= least && took() + longest > enough) break;
      if (visit >= kVisits && settled()) break;
      if (const Status done = round(); !done) return forward_error(done);
      longest = std::max(longest, Milliseconds{steady_clock().now() - start});
    }
    return {};
  }

  [[nodiscard]] bool many() const { return groups_ >= kManyGroups; }
  [[nodiscard]] Milliseconds took() const { return steady_clock().now() - start_; }
  // Measuring every group, by what those so far took.
  [[nodiscard]] Milliseconds all_would_take() const {
    return static_cast<double>(groups_) * adding_ / static_cast<double>(probes_.size());
  }

  [[nodiscard]] bool settled() const {
    const auto steady = std::ranges::count_if(probes_, [](const MeasuredProbe& probe) {
      std::vector<Milliseconds> visits = probe.group.visits;
      std::ranges::nth_element(visits, visits.begin() + 1);
      return visits[1] <= (1 + kSettled) * visits[0];
    });
    return static_cast<double>(steady) >= kSettledPart * static_cast<double>(probes_.size());
  }

  // In another order every time.
  Status round() {
    std::vector<std::size_t> order(probes_.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    random_.shuffle(std::span(order));
    for (const std::size_t place : order) {
      if (const Status stop = check_interrupted(); !stop) return stop;
      MeasuredProbe& probe = probes_[place];
      report(fmt::format("layers {} to {} again", probe.group.range.first, probe.group.range.last));
      if (!probe.probe) continue;
      if (const Status done = visit(probe); !done) return done;
    }
    return visit_counted();
  }

  // What the counters say of the blocks.
  [[nodiscard]] Result<std::vector<BlockEstimate>> estimates() const {
    std::vector<Counters> counters;
    for (const CountedModel& counted : counted_) {
      auto read = counted.groups.read();
      if (!read) return forward_error(read);
      // Counters are means over all runs; the latencies they are to explain are minima.
      const double scale = counted.least / (counted.total / counted.runs);
      for (auto* times : {&read->inside, &read->start, &read->end}) {
        for (Milliseconds& time : *times) time *= scale;
      }
      counters.push_back(std::move(*read));
    }
    const int n = network_.size();
    std::vector<BlockEstimate> blocks;
    blocks.reserve(static_cast<std::size_t>(n));
    for (int block = 1; block <= n; ++block) {
      const auto at = static_cast<std::size_t>(block);
      // Pairs of the first model begin with odd blocks and end with even ones; those of the second the other way round.
      const Counters& begins = counters[block % 2 == 1 ? 1 : 2];
      const Counters& ends = counters[block % 2 == 0 ? 1 : 2];
      const Counters& whole = counters[0];
      blocks.push_back({
          .inside = whole.inside[at],
          .start = block == 1 ? whole.start[at] : begins.inside[at] + begins.start[at] - whole.inside[at],
          .end = block == n ? whole.end[at] : ends.inside[at] + ends.end[at] - whole.inside[at],
          .weight_bytes = static_cast<double>(network_.blocks()[at - 1].parameters) * sizeof(float),
          .input_bytes = uncompressed(network_.boundaries()[at - 1]),
          .output_bytes = uncompressed(network_.boundaries()[at]),
      });
    }
    return blocks;
  }

  static double uncompressed(const network::Boundary& boundary) {
    double bytes = 0.0;
    for (const network::TensorSpec& tensor : boundary.tensors) bytes += static_cast<double>(tensor.bytes());
    return bytes;
  }

  [[nodiscard]] Result<profile::GroupEvidence> evidence() const {
    profile::GroupEvidence known;
    if (counts_) {
      auto blocks = estimates();
      if (!blocks) return forward_error(blocks);
      known.blocks = std::move(*blocks);
    }
    known.groups.reserve(probes_.size());
    for (const MeasuredProbe& probe : probes_) known.groups.push_back(probe.group);
    return known;
  }

  // The groups to measure next: those that say most about all groups and about those on which plans depend. None where
  // enough is known.
  std::vector<BlockRange> choose(const profile::GroupEvidence& evidence) {
    const GroupModel model = evidence.model();
    std::set<std::pair<int, int>> known;
    for (const MeasuredProbe& probe : probes_) known.insert({probe.group.range.first, probe.group.range.last});
    std::vector<BlockRange> groups = all_groups();
    random_.shuffle(std::span(groups));
    std::vector<WeightedGroup> targets;
    std::vector<double> errors;
    for (std::size_t i = 0; i < std::min(groups.size(), kTargets); ++i) {
      targets.push_back({groups[i]});
      const Cost cost = model.predict(groups[i]);
      errors.push_back(cost.std / cost.latency);
    }
    std::ranges::nth_element(errors, errors.begin() + static_cast<std::ptrdiff_t>(errors.size() / 2));

    std::vector<BlockRange> candidates;
    if (network_.size() <= kMostBlocksToPlan) {
      const plan::Decisions decisions = decide(evidence, model);
      if (decisions.regret < kRegret && errors[errors.size() / 2] < kMedianError) return {};
      double total = 0.0;
      for (const auto& [group, count] : decisions.rivals) total += count;
      const double share = kDecisionShare * static_cast<double>(targets.size()) / std::max(total, 1.0);
      for (const auto& [group, count] : decisions.rivals) {
        const BlockRange range{.first = group.first, .last = group.second};
        targets.push_back({range, share * count});
        if (!known.contains(group)) candidates.push_back(range);
      }
    }
    for (const BlockRange range : groups) {
      if (candidates.size() >= kCandidates) break;
      if (!known.contains({range.first, range.last}) && std::ranges::find(candidates, range) == candidates.end()) {
        candidates.push_back(range);
      }
    }
    const std::size_t batch = std::max<std::size_t>(4, (budget_ + kBatches - 1) / kBatches);
    return model.most_informative(candidates, targets, static_cast<int>(std::min(batch, budget_ - probes_.size())));
  }

  plan::Decisions decide(const profile::GroupEvidence& evidence, const GroupModel& model) {
    std::vector<CostTable> possible;
    possible.reserve(kPossibleTables);
    for (int i = 0; i < kPossibleTables; ++i) {
      const std::vector<Milliseconds> latencies = model.draw(random_);
      CostTable table = head_;
      for (const BlockRange range : all_groups()) {
        table.set(range, {.latency = latencies[profile::group_index(range)]});
      }
      possible.push_back(std::move(table));
    }
    return plan::compare_decisions(profile::predicted_table(head_, evidence, model), possible);
  }

  const network::Network& network_;
  const ProfileOptions& options_;
  CostTable head_;
  MeasureOptions visit_;
  Random random_;
  std::size_t memory_left_;
  std::size_t groups_ = 0;  // that there are
  std::size_t budget_ = 0;  // of groups to measure
  bool counts_ = true;
  std::vector<CountedModel> counted_;
  std::vector<MeasuredProbe> probes_;
  Instant start_ = steady_clock().now();
  Milliseconds adding_{};  // what compiling groups and visiting them once took
  double steps_ = 0.0;
};

}  // namespace

Milliseconds latency_of(const Statistics& statistics, profile::Requests requests) {
  return requests == profile::Requests::back_to_back ? statistics.minimum : statistics.lower_quartile;
}

Result<CostTable> predicted_profile(const network::Network& network, const ProfileOptions& options, CostTable head) {
  return Predictor(network, options, std::move(head)).run();
}

}  // namespace tandem::engine
