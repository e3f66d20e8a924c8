// The cheapest assignment of a narrow graph at any prices, by passing over its elimination tree.
//
//   Elimination elimination(tree);
//   const auto [places, amounts] = elimination.cheapest(prices, costs.pins());
//
// Thread rule: one per thread.
#pragma once

#include "elimination_tree.hpp"

namespace tandem::plan {

class Elimination {
 public:
  explicit Elimination(const EliminationTree& tree) : tree_(tree) {}

  struct Assignment {
    std::vector<Place> places;  // of the nodes
    Amounts amounts{};
  };
  // Of the assignments that run each node where `fixed` says. Precondition: not against pins. Ties go to the device.
  Assignment cheapest(const Prices& prices, std::span<const Fixed> fixed);

  // For the assignments that keep the pins alone, what label setting asks for.
  void price(const Prices& prices);
  [[nodiscard]] double own(int entry) const { return own_[entry]; }               // of the entry itself
  [[nodiscard]] double message(int message) const { return messages_[message]; }  // the least of the buckets behind it
  [[nodiscard]] double through(int entry) const { return through_[entry]; }       // the least of all with this entry
  [[nodiscard]] double least() const { return least_; }

 private:
  void pass_up(const Prices& prices, std::span<const Fixed> fixed);
  void pass_down();

  const EliminationTree& tree_;
  std::vector<double> own_, costs_, through_;  // by entry; costs_: with the buckets behind
  std::vector<double> messages_, outside_;     // by message; outside_: the least of all other buckets
  std::vector<std::uint8_t> best_;             // by message: the variable's state
  std::vector<int> state_;                     // of each variable
  double least_ = 0.0;
};

}  // namespace tandem::plan
