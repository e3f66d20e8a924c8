// Runs: layers i..j on one place in the groups that cost least there. Whatever crosses before and after a run, the same
// groups are best within it, so what compares placements of layers looks at runs alone.
#pragma once

#include <vector>

#include "chain.hpp"

namespace tandem::plan {

class Runs {
 public:
  // O(N^3) time, a pass over the triangle for each first layer.
  Runs(const PricedChain& chain, Place place);
  // Infinite where a layer is pinned to the other place, or no groups have finite costs.
  [[nodiscard]] double cost(int first, int last) const { return cost_.at(first, last); }
  // Appends the groups of a run; the longest of equals first.
  void append(int first, int last, std::vector<Segment>& segments) const;

 private:
  Place place_;
  GroupCosts cost_;
  GroupCosts last_group_;  // where the last group of the run starts
};

}  // namespace tandem::plan
