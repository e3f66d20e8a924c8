// The latency of every group of consecutive blocks from few measured groups: what profiles by `--groups predicted` are
// made with. Nothing is measured here.
//
//   const GroupModel model(counted, measured);             // counters of the blocks, a few measured groups
//   const Cost cost = model.predict({.first = 3, .last = 17});           // latency and its standard error
//   for (BlockRange next : model.most_informative(candidates, {})) ...   // what to measure next
//
// A group i..j takes
//
//   call + start(i) + inside(i) + ... + inside(j) + end(j) - (what it saves by being small: caches)
//
// of which a runtime's counters tell all but the last roughly. How wrong they are is a normal deviate for each term,
// for the whole, and for each group by itself, so that groups are jointly normal: a Gaussian process over groups, and
// prediction is its mean given what was measured (Rasmussen and Williams, Gaussian Processes for Machine Learning,
// 2006, equations 2.23 and 2.24). How large the deviates are, and the size and benefit of the cache, are those that
// make the measurements most likely (section 5.4.1), and the standard errors are scaled to what leaving out one
// measurement at a time shows (section 5.4.2).
//
// O(m^3) to fit m measured groups, O(m^2) to predict one. Thread rule: immutable; any thread may call any function.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "tandem/base/random.hpp"
#include "tandem/profile/cost_table.hpp"

namespace tandem::profile {

// What is known of a block before any group is measured.
struct BlockEstimate {
  Milliseconds inside{};      // within a group that goes on before and behind it
  Milliseconds start{};       // more, where a group begins with it: reorders, what is no longer fused; may be negative
  Milliseconds end{};         // likewise where one ends with it
  double weight_bytes = 0.0;  // read by every execution
  double input_bytes = 0.0;   // of the tensors that cross before and behind it
  double output_bytes = 0.0;
};

struct MeasuredGroup {
  BlockRange range;
  Milliseconds latency{};
  Milliseconds std{};
};

struct WeightedGroup {
  BlockRange range;
  double weight = 1.0;  // how much its relative standard error counts
};

// Found by fitting. How wrong the terms are: standard deviations relative to them.
struct GroupModelParameters {
  double inside = 0.06;
  double ends = 0.3;
  double own = 0.03;  // of a group by itself
  // A group that touches `cache_bytes` finds half of it in the caches as the one before it left them. What part it is
  // falls along a logistic curve of the logarithm, whose tangent there reaches from all to nothing within a factor of
  // `cache_span`.
  double cache_bytes = 2e6;
  double cache_span = 64.0;
  // Saved where a byte of weights, or of a group's input or output, is found in a cache.
  double weights_ms_per_byte = 0.08e-6;
  double tensor_ms_per_byte = 0.08e-6;
};

class GroupModel {
 public:
  // Precondition: at least one block; ranges lie within 1..blocks.size(); latencies are positive and finite.
  GroupModel(std::vector<BlockEstimate> blocks, std::vector<MeasuredGroup> measured);

  [[nodiscard]] int size() const;
  // Of a measured group, too: what the others say of it counts as well. Never below a twentieth of what the counters
  // say.
  [[nodiscard]] Cost predict(BlockRange range) const;
  // The latencies of all groups as they may be, given what was measured; group i..j is at group_index(i, j).
  [[nodiscard]] std::vector<Milliseconds> draw(Random& random) const;
  // The `count` of `candidates`, first the most useful, whose measurement would reduce the weighted sum of relative
  // standard errors of `targets` most, each given the ones before; of targets below a hundredth of the whole network,
  // relative to that. Fewer where fewer are left.
  [[nodiscard]] std::vector<BlockRange> most_informative(std::span<const BlockRange> candidates,
                                                         std::span<const WeightedGroup> targets, int count) const;
  [[nodiscard]] const GroupModelParameters& parameters() const;
  // By which standard errors are scaled, but for what compiling a group anew scatters by itself.
  [[nodiscard]] double calibration() const;

 private:
  struct Data;
  std::shared_ptr<const Data> data_;
};

// Groups that end at the same block lie side by side.
inline std::size_t group_index(BlockRange range) {
  const auto last = static_cast<std::size_t>(range.last);
  return last * (last - 1) / 2 + static_cast<std::size_t>(range.first) - 1;
}

}  // namespace tandem::profile
