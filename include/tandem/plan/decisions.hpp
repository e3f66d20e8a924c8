// Whether an uncertain profile decides what is planned: what profiling must still find out, and what it need not.
//
//   const Decisions decisions = compare_decisions(expected, {possible_1, possible_2});
//   if (decisions.regret < 0.005) ...   // whichever of the possible profiles is the true one, the plans are good
//
// Looked at are the plans of a device 3, 10 and 30 times slower than this one, with a cloud as fast as this one, over
// 3G, 4G and Wi-Fi, for latency and for energy: who profiles does not know yet what will be planned.
// Thread rule: a free function.
#pragma once

#include <map>
#include <span>
#include <utility>
#include <vector>

#include "tandem/plan/problem.hpp"

namespace tandem::plan {

struct DecisionCase {
  link::Link link;
  Objective objective = Objective::latency;
  double slowdown = 1.0;  // of the device
};
std::vector<DecisionCase> usual_decision_cases();

// The device's table is `table`, slower; the cloud's is `table`. Costs are taken to be so uncertain that neighbours on
// one place are always one group: measured apart, each finds its weights in the cache, which executed one after the
// other they would not. Errors: those of make_problem().
Result<Problem> decision_problem(const profile::CostTable& table, const DecisionCase& decision);

struct Decisions {
  // Of the case where it is largest: how much more the plans made from the expected profile cost, on the mean over the
  // possible ones, than those made from the possible ones; 0.01 is 1 %.
  double regret = 0.0;
  // Groups of the plans where it is above a thousandth, and how often they were in one: by first and last block.
  std::map<std::pair<int, int>, int> rivals;
};

// All tables must be of one network. Cases that cannot be planned are left out.
Decisions compare_decisions(const profile::CostTable& expected, std::span<const profile::CostTable> possible);

}  // namespace tandem::plan
