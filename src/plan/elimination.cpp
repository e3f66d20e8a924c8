#include "elimination.hpp"

#include <algorithm>

namespace tandem::plan {
namespace {

using Bucket = EliminationTree::Bucket;

bool may_be(const EliminationTree::State& state, Fixed fixed) {
  return fixed == Fixed::free || (fixed == Fixed::cloud) == (state.place == Place::cloud);
}

}  // namespace

void Elimination::pass_up(const Prices& prices, std::span<const Fixed> fixed) {
  own_ = tree_.impossible;
  for (int r = 0; r < kResources; ++r) {
    if (prices[r] == 0) continue;
    const double price = prices[r];
    const double* amounts = tree_.amounts[r].data();
    for (std::size_t e = 0; e < own_.size(); ++e) own_[e] += price * amounts[e];
  }
  costs_ = own_;
  messages_.resize(tree_.messages);
  best_.resize(tree_.messages);
  for (const Bucket& bucket : tree_.buckets) {
    double* costs = costs_.data() + bucket.first_entry;
    for (const auto& [child, first_index] : tree_.children_of(bucket)) {
      const double* message = messages_.data() + tree_.buckets[child].first_message;
      const int* index = tree_.child_message.data() + first_index;
      for (int e = 0; e < bucket.messages * bucket.states; ++e) costs[e] += message[index[e]];
    }
    if (!fixed.empty() && bucket.variable < static_cast<int>(fixed.size()) && fixed[bucket.variable] != Fixed::free) {
      for (int s = 0; s < bucket.states; ++s) {
        if (may_be(tree_.states[bucket.variable].list[s], fixed[bucket.variable])) continue;
        for (int m = 0; m < bucket.messages; ++m) costs[m * bucket.states + s] = kNever;
      }
    }
    for (int m = 0; m < bucket.messages; ++m) {
      const double* of_message = costs + static_cast<std::ptrdiff_t>(m) * bucket.states;
      const double* least = std::min_element(of_message, of_message + bucket.states);
      messages_[bucket.first_message + m] = *least;
      best_[bucket.first_message + m] = static_cast<std::uint8_t>(least - of_message);
    }
  }
  least_ = 0;
  for (const int root : tree_.roots) least_ += messages_[tree_.buckets[root].first_message];
}

// From the least of all with a bucket's entry to the same of those behind it: what lies outside of the child is the
// least over the entries that ask for the message, less the message.
void Elimination::pass_down() {
  through_.resize(costs_.size());
  outside_.assign(messages_.size(), kNever);
  for (const int root : tree_.roots) {
    const int message = tree_.buckets[root].first_message;
    outside_[message] = least_ - messages_[message];
  }
  for (auto bucket = tree_.buckets.rbegin(); bucket != tree_.buckets.rend(); ++bucket) {
    for (int m = 0; m < bucket->messages; ++m) {
      const double outside = outside_[bucket->first_message + m];
      const int first = bucket->first_entry + m * bucket->states;
      for (int s = 0; s < bucket->states; ++s) through_[first + s] = costs_[first + s] + outside;
    }
    for (const auto& [child, first_index] : tree_.children_of(*bucket)) {
      const int first_message = tree_.buckets[child].first_message;
      for (int e = 0; e < bucket->messages * bucket->states; ++e) {
        const double through = through_[bucket->first_entry + e];
        if (through == kNever) continue;
        const int message = first_message + tree_.child_message[first_index + e];
        outside_[message] = std::min(outside_[message], through - messages_[message]);
      }
    }
  }
}

Elimination::Assignment Elimination::cheapest(const Prices& prices, std::span<const Fixed> fixed) {
  pass_up(prices, fixed);
  state_.resize(tree_.states.size());
  Assignment found{.places = std::vector<Place>(tree_.nodes(), Place::device)};
  for (auto bucket = tree_.buckets.rbegin(); bucket != tree_.buckets.rend(); ++bucket) {
    int message = 0;
    for (const auto& [variable, stride] : tree_.scope_of(*bucket)) message += state_[variable] * stride;
    const int state = best_[bucket->first_message + message];
    state_[bucket->variable] = state;
    const int entry = bucket->first_entry + message * bucket->states + state;
    for (int r = 0; r < kResources; ++r) found.amounts[r] += tree_.amounts[r][entry];
    if (bucket->variable < tree_.nodes()) {
      found.places[bucket->variable] = tree_.states[bucket->variable].list[state].place;
    }
  }
  return found;
}

void Elimination::price(const Prices& prices) {
  pass_up(prices, {});
  pass_down();
}

}  // namespace tandem::plan
