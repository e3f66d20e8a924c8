// What is believed of every group before any is measured: mean and covariance, see group_model.hpp.
#pragma once

#include <span>
#include <vector>

#include "tandem/base/random.hpp"
#include "tandem/profile/group_model.hpp"

namespace tandem::profile {

class GroupPrior {
 public:
  GroupPrior(std::span<const BlockEstimate> blocks, const GroupModelParameters& parameters);

  [[nodiscard]] int size() const { return static_cast<int>(inside_.size()) - 1; }
  // In milliseconds; always above zero.
  [[nodiscard]] double mean(BlockRange range) const { return mean_[group_index(range)]; }
  // Without own_variance(): what two groups have in common.
  [[nodiscard]] double covariance(BlockRange a, BlockRange b) const;
  // Of a group by itself.
  [[nodiscard]] double own_variance(BlockRange range) const;
  // Of all groups, at group_index(): a deviate from the mean, without their own.
  [[nodiscard]] std::vector<double> draw(Random& random) const;

 private:
  // What the counters tell of a block's end (mostly a change of layout) is that of the work before it: a group of
  // blocks that cost nothing inside others, such as activations, which are fused away there, has none.
  [[nodiscard]] bool has_end(BlockRange range) const;
  // The part of what a group touches that the run before left in the caches.
  [[nodiscard]] double cached(double touched_bytes) const;
  [[nodiscard]] double touched(BlockRange range) const;
  // What the group finds in the caches beyond what the networks whose counters the means are found: the whole one, and
  // the one that was cut into pairs, which told the ends.
  struct Found {
    double weights, ends;
    // Of what it would save if it found all, in milliseconds, how much is most uncertain: all where it fits by half,
    // nothing where it fits well or not at all.
    double uncertain;
  };

  GroupModelParameters parameters_;
  // Sums over blocks 1..k at [k].
  std::vector<double> inside_, inside_variance_, saving_, saving_variance_, weight_bytes_;
  // Of block k at [k].
  std::vector<double> start_, start_saving_, start_variance_, end_, end_saving_, end_variance_, input_bytes_,
      output_bytes_;
  double cached_by_whole_ = 0.0, cached_by_pairs_ = 0.0;
  // By group_index(); they are looked up often.
  std::vector<double> mean_;
  std::vector<Found> found_;
  std::vector<double> size_;  // logarithm of the bytes touched
};

// A standard normal deviate (Box and Muller 1958).
double normal(Random& random);

}  // namespace tandem::profile
