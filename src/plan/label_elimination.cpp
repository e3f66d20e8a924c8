#include "label_elimination.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace tandem::plan {
namespace {

constexpr std::size_t kMaxLabels = 4'000'000;
constexpr double kRounding = 1e-11;
constexpr double kFirstWidth = 1.0 / 64;
constexpr double kFirstWidthOfBound = 1e-3;  // where no assignment is known
constexpr int kMaxWidenings = 24;            // then everything is looked at

// `kLimits` resources have limits.
template <int kLimits>
class Labels {
 public:
  Labels(const EliminationTree& tree, const Elimination& elimination, const LabelRequest& request)
      : tree_(tree), elimination_(elimination), request_(request) {
    int next = 0;
    for (int r = 0; r < kResources; ++r) {
      if (std::isfinite(request.limits[r])) limited_[next++] = r;
    }
    for (const int r : limited_) allowed_ += request.multipliers[r] * request.limits[r];
    result_.lower_bound = request.lower_bound;
    best_cost_ = request.best;
  }

  LabelResult run() {
    double width = std::isfinite(best_cost_) ? (best_cost_ - request_.lower_bound) * kFirstWidth
                                             : std::abs(request_.lower_bound) * kFirstWidthOfBound;
    for (int i = 0; std::chrono::steady_clock::now() < request_.until; ++i, width *= 2) {
      const bool narrowed = i < kMaxWidenings && width > 0;
      const double below = narrowed ? std::min(request_.lower_bound + width, best_cost_) : best_cost_;
      if (!find_below(below)) break;
      result_.lower_bound = std::min(below, best_cost_);
      result_.complete = below >= best_cost_;
      if (result_.complete) break;
    }
    return std::move(result_);
  }

 private:
  // All assignments that cost less, and a few that cost more. False where there are too many labels.
  bool find_below(double below) {
    // In the Lagrangian without its constant part, which is what the tree knows.
    threshold_ = below + allowed_;
    threshold_ += kRounding * std::abs(threshold_);
    labels_.clear();
    origins_.clear();
    first_label_.assign(tree_.messages + 1, 0);
    for (const EliminationTree::Bucket& bucket : tree_.buckets) {
      for (int m = 0; m < bucket.messages; ++m) {
        if (!label(bucket, m)) return false;
        first_label_[bucket.first_message + m + 1] = labels_.size();
      }
    }
    return take_best();
  }

  // What an assignment of the tensors behind a message comes to.
  struct Label {
    double value = 0.0;  // in the Lagrangian
    std::array<double, kLimits> uses{};
    int origin = -1;
  };
  // Of a label: what it was put together from.
  struct Origin {
    int one = -1, another = -1;
    int entry = -1;  // of the bucket that was eliminated last; -1 where one is being put together
    int bucket = -1;
  };
  struct Candidate {
    Label label;  // its origin is that of `one`
    int another = -1;
    int entry = -1;
  };

  [[nodiscard]] double cost_of(const Label& label) const {
    double cost = label.value;
    for (int i = 0; i < kLimits; ++i) cost -= request_.multipliers[limited_[i]] * label.uses[i];
    return cost;
  }
  [[nodiscard]] std::span<const Label> labels_of(int message) const {
    return {labels_.data() + first_label_[message], labels_.data() + first_label_[message + 1]};
  }
  int add_origin(const Origin& origin) {
    origins_.push_back(origin);
    return static_cast<int>(origins_.size()) - 1;
  }
  [[nodiscard]] bool too_many() const {
    return origins_.size() > kMaxLabels || candidates_.size() > kMaxLabels || labels_.size() > kMaxLabels;
  }

  // The labels of one message of the bucket. False where there are too many.
  bool label(const EliminationTree::Bucket& bucket, int message) {
    candidates_.clear();
    for (int s = 0; s < bucket.states; ++s) {
      const int e = message * bucket.states + s;
      const double slack = threshold_ - elimination_.through(bucket.first_entry + e);
      if (!(slack >= 0)) continue;
      messages_.clear();
      for (const auto& [child, first_index] : tree_.children_of(bucket)) {
        messages_.push_back(tree_.buckets[child].first_message + tree_.child_message[first_index + e]);
      }
      Label own{.value = elimination_.own(bucket.first_entry + e)};
      for (int i = 0; i < kLimits; ++i) own.uses[i] = tree_.amounts[limited_[i]][bucket.first_entry + e];
      if (!put_together(own, slack, bucket.first_entry + e)) return false;
    }
    keep_candidates(static_cast<int>(&bucket - tree_.buckets.data()));
    return !too_many();
  }

  // All sums of `own` and a label of each of messages_ that lie within the slack above the least of them.
  bool put_together(const Label& own, double slack, int entry) {
    sums_.assign(1, own);
    if (messages_.empty()) {
      candidates_.push_back({.label = own, .entry = entry});
      return true;
    }
    double least = own.value;
    for (std::size_t i = 0; i < messages_.size(); ++i) {
      const std::span<const Label> added = labels_of(messages_[i]);
      least += elimination_.message(messages_[i]);
      const bool last = i + 1 == messages_.size();
      more_sums_.clear();
      for (const Label& sum : sums_) {
        for (const Label& label : added) {
          Label both{.value = sum.value + label.value, .origin = sum.origin};
          if (both.value > least + slack) break;  // labels are in order of their values
          for (int l = 0; l < kLimits; ++l) both.uses[l] = sum.uses[l] + label.uses[l];
          if (last) {
            candidates_.push_back({.label = both, .another = label.origin, .entry = entry});
          } else {
            both.origin = sum.origin < 0 ? label.origin : add_origin({.one = sum.origin, .another = label.origin});
            more_sums_.push_back(both);
          }
        }
        if (too_many()) return false;
      }
      if (!last) std::swap(sums_, more_sums_);
    }
    return true;
  }

  // The candidates that no other makes needless become the labels of the message, in order of their values.
  void keep_candidates(int bucket) {
    const std::size_t first = labels_.size();
    const auto keep = [&](const Candidate& c) {
      labels_.push_back(c.label);
      labels_.back().origin = add_origin({c.label.origin, c.another, c.entry, bucket});
    };
    if (candidates_.size() == 1) {
      keep(candidates_.front());
    } else if constexpr (kLimits == 1) {
      std::ranges::sort(candidates_, [](const Candidate& a, const Candidate& b) {
        return a.label.uses[0] < b.label.uses[0] ||
               (a.label.uses[0] == b.label.uses[0] && a.label.value < b.label.value);
      });
      double cheapest = kNever;
      for (const Candidate& c : candidates_) {
        const double cost = cost_of(c.label);
        if (cost >= cheapest) continue;
        cheapest = cost;
        keep(c);
      }
      std::sort(labels_.begin() + static_cast<std::ptrdiff_t>(first), labels_.end(),
                [](const Label& a, const Label& b) { return a.value < b.value; });
    } else {
      // No label is made needless by one of a greater value.
      std::ranges::sort(candidates_, {}, [](const Candidate& c) { return c.label.value; });
      for (const Candidate& c : candidates_) {
        const double cost = cost_of(c.label);
        const bool needless =
            std::any_of(labels_.begin() + static_cast<std::ptrdiff_t>(first), labels_.end(), [&](const Label& kept) {
              for (int i = 0; i < kLimits; ++i) {
                if (kept.uses[i] > c.label.uses[i]) return false;
              }
              return cost_of(kept) <= cost;
            });
        if (!needless) keep(c);
      }
    }
  }

  // The roots put together; of what keeps the limits, the cheapest.
  bool take_best() {
    candidates_.clear();
    messages_.clear();
    for (const int root : tree_.roots) messages_.push_back(tree_.buckets[root].first_message);
    if (!put_together({}, threshold_ - elimination_.least(), -1)) return false;
    const Candidate* chosen = nullptr;
    for (const Candidate& c : candidates_) {
      const double cost = cost_of(c.label);
      bool keeps = cost < best_cost_;
      for (int i = 0; i < kLimits; ++i) keeps = keeps && within(c.label.uses[i], request_.limits[limited_[i]]);
      if (!keeps) continue;
      best_cost_ = cost;
      chosen = &c;
    }
    if (chosen != nullptr) result_.places = places_of(*chosen);
    return true;
  }

  [[nodiscard]] std::vector<Place> places_of(const Candidate& chosen) const {
    std::vector<Place> places(tree_.nodes(), Place::device);
    std::vector<int> open{chosen.label.origin, chosen.another};
    while (!open.empty()) {
      const int next = open.back();
      open.pop_back();
      if (next < 0) continue;
      const Origin& origin = origins_[next];
      open.push_back(origin.one);
      open.push_back(origin.another);
      if (origin.entry < 0) continue;
      const EliminationTree::Bucket& bucket = tree_.buckets[origin.bucket];
      if (bucket.variable >= tree_.nodes()) continue;
      const int state = (origin.entry - bucket.first_entry) % bucket.states;
      places[bucket.variable] = tree_.states[bucket.variable].list[state].place;
    }
    return places;
  }

  const EliminationTree& tree_;
  const Elimination& elimination_;
  const LabelRequest& request_;
  std::array<int, kLimits> limited_{};
  double allowed_ = 0.0;  // what the limits come to at the multipliers
  double threshold_ = 0.0;
  double best_cost_ = kNever;
  LabelResult result_;
  std::vector<Label> labels_;
  std::vector<std::size_t> first_label_;  // of each message
  std::vector<Origin> origins_;
  std::vector<Candidate> candidates_;  // for the message at hand
  std::vector<int> messages_;
  std::vector<Label> sums_, more_sums_;
};

}  // namespace

LabelResult cheapest_within(const EliminationTree& tree, const Elimination& elimination, const LabelRequest& request) {
  switch (std::ranges::count_if(request.limits, [](double limit) { return std::isfinite(limit); })) {
    case 1: return Labels<1>(tree, elimination, request).run();
    case 2: return Labels<2>(tree, elimination, request).run();
    case 3: return Labels<3>(tree, elimination, request).run();
    case 4: return Labels<4>(tree, elimination, request).run();
    default: return Labels<5>(tree, elimination, request).run();
  }
}

}  // namespace tandem::plan
