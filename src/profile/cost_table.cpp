#include "tandem/profile/cost_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

namespace tandem::profile {
namespace {

// A group costs at least this part of its blocks' even share of the whole network: differences of noisy measurements
// must not make a group look free.
constexpr double kFloorOfEvenShare = 1e-3;

double square(double x) {
  return x * x;
}

// longer - shorter: what a group costs that is in the longer of two measured groups and not in the shorter.
Cost difference(const Cost& longer, const Cost& shorter) {
  return {.latency = longer.latency - shorter.latency,
          .energy = longer.energy - shorter.energy,
          .std = Milliseconds{std::hypot(longer.std.count(), shorter.std.count())},
          .predicted = true};
}

// Two estimates of one cost; half their disagreement is part of the mean's uncertainty.
Cost mean(const Cost& a, const Cost& b) {
  const double spread = (a.latency - b.latency).count() / 2;
  return {.latency = (a.latency + b.latency) / 2,
          .energy = (a.energy + b.energy) / 2,
          .std = Milliseconds{std::sqrt((square(a.std.count()) + square(b.std.count())) / 4 + square(spread))},
          .predicted = true};
}

Cost at_least(const Cost& cost, const Cost& floor) {
  Cost result = cost;
  result.latency = std::max(cost.latency, floor.latency);
  result.energy = std::max(cost.energy, floor.energy);
  return result;
}

Cost scaled(const Cost& cost, double factor) {
  return {
      .latency = cost.latency * factor, .energy = cost.energy * factor, .std = cost.std * factor, .predicted = true};
}

Cost sum(const Cost& a, const Cost& b) {
  return {.latency = a.latency + b.latency,
          .energy = a.energy + b.energy,
          .std = Milliseconds{std::hypot(a.std.count(), b.std.count())},
          .predicted = true};
}

}  // namespace

void CostTable::set(BlockRange range, const Cost& cost) {
  assert(1 <= range.first && range.first <= range.last);
  if (ending_at_.size() < static_cast<std::size_t>(range.last)) ending_at_.resize(range.last);
  std::vector<Group>& groups = ending_at_[range.last - 1];
  const auto place = std::ranges::lower_bound(groups, range.first, {}, &Group::first);
  if (place != groups.end() && place->first == range.first) {
    place->cost = cost;
  } else {
    groups.insert(place, {.first = range.first, .cost = cost});
  }
}

const Cost* CostTable::find(BlockRange range) const {
  if (range.last < 1 || static_cast<std::size_t>(range.last) > ending_at_.size()) return nullptr;
  const std::vector<Group>& groups = ending_at_[range.last - 1];
  const auto place = std::ranges::lower_bound(groups, range.first, {}, &Group::first);
  return place != groups.end() && place->first == range.first ? &place->cost : nullptr;
}

bool CostTable::has(BlockRange range) const {
  return find(range) != nullptr;
}

std::size_t CostTable::group_count() const {
  std::size_t count = 0;
  for (const auto& groups : ending_at_) count += groups.size();
  return count;
}

std::size_t CostTable::measured_count() const {
  std::size_t count = 0;
  for (const auto& groups : ending_at_) {
    count +=
        static_cast<std::size_t>(std::ranges::count(groups, false, [](const Group& g) { return g.cost.predicted; }));
  }
  return count;
}

std::vector<std::pair<BlockRange, Cost>> CostTable::groups() const {
  std::vector<std::pair<BlockRange, Cost>> result;
  result.reserve(group_count());
  for (std::size_t i = 0; i < ending_at_.size(); ++i) {
    for (const Group& group : ending_at_[i]) {
      result.push_back({{.first = group.first, .last = static_cast<int>(i) + 1}, group.cost});
    }
  }
  std::ranges::sort(result, {}, [](const auto& group) { return std::pair(group.first.first, group.first.last); });
  return result;
}

Cost CostTable::cost(BlockRange range) const {
  assert(1 <= range.first && range.first <= range.last && range.last <= size());
  if (const Cost* measured = find(range)) return *measured;

  static constexpr Cost kNothing;
  const auto prefix = [this](int last) { return last == 0 ? &kNothing : find({.first = 1, .last = last}); };
  const auto suffix = [this](int first) { return first > size() ? &kNothing : find({.first = first, .last = size()}); };
  const Cost* prefix_with = prefix(range.last);
  const Cost* prefix_without = prefix(range.first - 1);
  const Cost* suffix_with = suffix(range.first);
  const Cost* suffix_without = suffix(range.last + 1);
  const bool by_prefix = prefix_with != nullptr && prefix_without != nullptr;
  const bool by_suffix = suffix_with != nullptr && suffix_without != nullptr;

  if (by_prefix || by_suffix) {
    const Cost* whole = find({.first = 1, .last = size()});
    const Cost& reference = whole != nullptr ? *whole : by_prefix ? *prefix_with : *suffix_with;
    const int blocks = range.last - range.first + 1;
    const Cost floor = scaled(reference, kFloorOfEvenShare * blocks / size());
    if (!by_suffix) return at_least(difference(*prefix_with, *prefix_without), floor);
    if (!by_prefix) return at_least(difference(*suffix_with, *suffix_without), floor);
    return at_least(mean(difference(*prefix_with, *prefix_without), difference(*suffix_with, *suffix_without)), floor);
  }
  return cheapest_sum(range);
}

Cost CostTable::cheapest_sum(BlockRange range) const {
  constexpr Milliseconds kNever{std::numeric_limits<double>::infinity()};
  // best[k]: the cheapest way to run blocks range.first .. range.first + k - 1.
  std::vector<Cost> best(range.last - range.first + 2, Cost{.latency = kNever, .predicted = true});
  best[0] = {.predicted = true};
  for (int last = range.first; last <= range.last && static_cast<std::size_t>(last) <= ending_at_.size(); ++last) {
    Cost& here = best[last - range.first + 1];
    const std::vector<Group>& groups = ending_at_[last - 1];
    for (auto group = std::ranges::lower_bound(groups, range.first, {}, &Group::first); group != groups.end();
         ++group) {
      const Cost& before = best[group->first - range.first];
      if (before.latency + group->cost.latency < here.latency) here = sum(before, group->cost);
    }
  }
  return best.back().latency < kNever ? best.back() : sum_of_shares(range);
}

Cost CostTable::sum_of_shares(BlockRange range) const {
  Cost total{.predicted = true};
  for (int block = range.first; block <= range.last; ++block) {
    Cost least{.latency = Milliseconds{std::numeric_limits<double>::infinity()}, .predicted = true};
    for (int last = block; static_cast<std::size_t>(last) <= ending_at_.size(); ++last) {
      for (const Group& group : ending_at_[last - 1]) {
        if (group.first > block) break;
        const Cost share = scaled(group.cost, 1.0 / (last - group.first + 1));
        if (share.latency < least.latency) least = share;
      }
    }
    total = sum(total, least);
  }
  return total;
}

Status check_fits(const CostTable& table, const network::Network& network, const std::string& where) {
  if (table.fingerprint == network.fingerprint() && table.size() == network.size()) return {};
  return fail(Errc::failed_precondition,
              fmt::format("{}: is a profile of '{}' ({} layers, fingerprint {}), not of '{}' ({} layers, fingerprint "
                          "{}); make one with: tandem profile {} -o {}",
                          where, table.network, table.size(), table.fingerprint, network.name(), network.size(),
                          network.fingerprint(), network.name(), where));
}

}  // namespace tandem::profile
