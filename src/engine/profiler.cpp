#include "tandem/engine/profiler.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <system_error>
#include <vector>

#include "predicted_profile.hpp"
#include "probe.hpp"
#include "tandem/base/clock.hpp"
#include "tandem/base/random.hpp"
#include "tandem/profile/emulate.hpp"
#include "tandem/profile/plausibility.hpp"

namespace tandem::engine {
namespace {

using network::BlockRange;
using profile::Completeness;
using profile::Cost;
using profile::CostTable;

constexpr Milliseconds kKeepEvery{1000};
// Groups are measured seconds apart, and machines drift: repeated minutes apart, latencies agree to a few per cent at
// best, however well the runs of one measurement agree among themselves.
constexpr double kDrift = 0.03;

std::vector<BlockRange> groups_of(int blocks, Groups wanted) {
  std::vector<BlockRange> groups;
  for (int first = 1; first <= blocks; ++first) {
    for (int last = first; last <= blocks; ++last) {
      if (wanted == Groups::all || first == 1 || last == blocks) groups.push_back({.first = first, .last = last});
    }
  }
  return groups;
}

// The same order in every run, so that a resumed profile goes on where it was.
void shuffle(std::vector<BlockRange>& groups) {
  Random(groups.size()).shuffle(std::span(groups));
}

// What the table says before anything is measured, at full speed and without power.
CostTable empty_table(const network::Network& network, const ProfileOptions& options) {
  CostTable table;
  table.network = network.name();
  table.fingerprint = network.fingerprint();
  table.device = describe(options);
  const auto& input = network.boundaries().front().tensors.front();
  table.threads = options.compile.threads;
  table.precision = name_of(options.compile.precision);
  table.runtime = runtime_version();
  table.requests = options.requests;
  if (options.meter != nullptr) table.energy_source = "measured:" + options.meter->name();
  table.batch = input.shape.empty() ? 1 : static_cast<int>(input.shape.front());
  for (const network::Block& block : network.blocks()) {
    table.layers.push_back(block.name);
    table.parameters.push_back(static_cast<double>(block.parameters));
  }
  for (const network::Boundary& boundary : network.boundaries()) {
    table.boundary_bytes.push_back(static_cast<double>(boundary.bytes()));
  }
  return table;
}

bool same_but_for_groups(const CostTable& a, const CostTable& b) {
  return a.fingerprint == b.fingerprint && a.layers == b.layers && key_of(a) == key_of(b) &&
         a.energy_source == b.energy_source;
}

// What an interrupted run with the same options left behind, or `fresh`. Leftovers of other runs, or damaged ones, are
// no reason to fail: they are measured anew.
CostTable resumed(const CostTable& fresh, const std::filesystem::path& partial) {
  if (partial.empty()) return fresh;
  Result<CostTable> kept = profile::load(partial, Completeness::partial);
  if (!kept || !same_but_for_groups(*kept, fresh)) return fresh;
  return std::move(*kept);
}

// As the device is that the options describe.
CostTable scaled(const CostTable& measured, const ProfileOptions& options) {
  return profile::emulate(
      measured,
      {.slowdown = options.compile.slowdown, .idle_power = options.idle_power, .busy_power = options.busy_power});
}

// Energy is measured where there is a recorder; `idle` is taken off.
Result<Cost> measure_cost(const network::Network& network, BlockRange range, const ProfileOptions& options,
                          EnergyRecorder* recorder, Milliwatts idle) {
  auto probe = Probe::compile(network, range, options.compile);
  if (!probe) return forward_error(probe);
  const auto run = [&probe] { return probe->infer(); };
  const Result<Statistics> statistics = measure(run, options.measure.value_or(measure_options(options.requests)));
  if (!statistics) return forward_error(statistics);
  const Milliseconds latency = latency_of(*statistics, options.requests);
  Cost cost{.latency = latency,
            .std = Milliseconds{std::hypot(statistics->std_error.count(), kDrift * latency.count())}};
  if (recorder == nullptr) return cost;
  EnergyOptions energy_options = options.energy;
  energy_options.idle = idle;
  const auto energy = measure_energy(*recorder, run, energy_options);
  if (!energy) return forward_error(energy);
  cost.energy = energy->energy;
  return cost;
}

class Profiler {
 public:
  Profiler(const network::Network& network, const ProfileOptions& options)
      : network_(network), options_(options), table_(resumed(empty_table(network, options), options.partial)) {}

  // Before anything runs.
  Status measure_idle_power() {
    if (options_.meter == nullptr) return {};
    recorder_.emplace(*options_.meter);
    const auto idle = measure_idle(*recorder_, options_.idle_time);
    if (!idle) return forward_error(idle, "meter " + options_.meter->name());
    if (options_.subtract_idle)
      subtracted_ = *idle;
    else
      table_.idle_power = *idle;
    return {};
  }

  Status measure_missing() {
    std::vector<BlockRange> groups = groups_of(network_.size(), options_.groups);
    const std::size_t all = groups.size();
    shuffle(groups);
    std::erase_if(groups, [this](BlockRange range) { return table_.has(range); });
    std::size_t done = all - groups.size();
    for (const BlockRange range : groups) {
      report(static_cast<double>(done) / static_cast<double>(all), range);
      const Result<Cost> cost = measure(range);
      if (!cost) return forward_error(cost);
      table_.set(range, *cost);
      if (const Status kept = keep_now_and_then(); !kept) return kept;
      ++done;
    }
    return {};
  }

  // Disturbances only ever add time: the lesser of two measurements is the better.
  Status measure_doubtful_again() {
    for (int round = 0; round < kSecondLooks; ++round) {
      for (const BlockRange range : profile::dearer_than_larger(table_, kTolerance)) {
        report(1.0, range);
        const Result<Cost> again = measure(range);
        if (!again) return forward_error(again);
        if (again->latency < table_.cost(range).latency) table_.set(range, *again);
      }
    }
    return {};
  }

  CostTable finish() {
    std::error_code ignored;
    if (!options_.partial.empty()) std::filesystem::remove(options_.partial, ignored);
    return options_.meter != nullptr ? table_ : scaled(table_, options_);
  }

 private:
  // Groups a twentieth dearer than a larger one are doubted.
  static constexpr double kTolerance = 0.05;
  static constexpr int kSecondLooks = 2;

  Result<Cost> measure(BlockRange range) {
    if (options_.interrupted != nullptr && *options_.interrupted) return interrupted();
    Result<Cost> cost = measure_cost(network_, range, options_, recorder_ ? &*recorder_ : nullptr, subtracted_);
    if (!cost) return forward_error(cost, fmt::format("layers {} to {}", range.first, range.last));
    return cost;
  }

  tl::unexpected<Error> interrupted() const {
    const std::size_t done = table_.group_count();
    if (options_.partial.empty()) return fail(Errc::cancelled, fmt::format("interrupted after {} groups", done));
    if (const Status kept = keep(); !kept) return forward_error(kept);
    return fail(
        Errc::cancelled,
        fmt::format("interrupted; the {} groups measured are kept in {}, and the same command goes on from there", done,
                    options_.partial.string()));
  }

  void report(double fraction, BlockRange range) const {
    if (options_.progress) options_.progress(fraction, fmt::format("layers {} to {}", range.first, range.last));
  }

  Status keep() const { return profile::save(table_, options_.partial, Completeness::partial); }

  Status keep_now_and_then() {
    if (options_.partial.empty() || steady_clock().now() - kept_ < kKeepEvery) return {};
    kept_ = steady_clock().now();
    return keep();
  }

  const network::Network& network_;
  const ProfileOptions& options_;
  CostTable table_;
  std::optional<EnergyRecorder> recorder_;
  Milliwatts subtracted_{};
  Instant kept_ = steady_clock().now();
};

}  // namespace

std::string describe(const ProfileOptions& options) {
  const CompileOptions& compile = options.compile;
  return fmt::format("{}, {} thread{}, {}", options.device.empty() ? processor() : options.device, compile.threads,
                     compile.threads == 1 ? "" : "s", name_of(compile.precision));
}

profile::ProfileKey profile_key(const network::Network& network, const ProfileOptions& options) {
  return key_of(empty_table(network, options));
}

Result<Cost> measure_group(const network::Network& network, BlockRange range, const ProfileOptions& options) {
  return measure_cost(network, range, options, nullptr, {});
}

MeasureOptions measure_options(profile::Requests requests) {
  if (requests == profile::Requests::back_to_back) {
    return {.warm_up = 2, .min_count = 5, .max_count = 1000, .min_time = Milliseconds{50}};
  }
  return {.warm_up = 1, .min_count = 3, .max_count = 7, .min_time = Milliseconds{100}, .pause = Milliseconds{30}};
}

Result<CostTable> measure_profile(const network::Network& network, const ProfileOptions& options) {
  if (options.meter != nullptr && options.compile.slowdown != 1.0) {
    return fail(Errc::invalid_argument, "energy is measured at this machine's own speed: no slowdown with a meter");
  }
  if (options.groups == Groups::predicted) {
    if (options.meter != nullptr) {
      return fail(Errc::invalid_argument,
                  "energy is measured, not predicted: choose prefix or all groups with a meter");
    }
    auto table = predicted_profile(network, options, empty_table(network, options));
    if (!table) return forward_error(table);
    return scaled(*table, options);
  }
  Profiler profiler(network, options);
  if (const Status done = profiler.measure_idle_power(); !done) return forward_error(done);
  if (const Status done = profiler.measure_missing(); !done) return forward_error(done);
  if (const Status done = profiler.measure_doubtful_again(); !done) return forward_error(done);
  return profiler.finish();
}

}  // namespace tandem::engine
