// The optimum of a training step. See the comment of solve() in the header for the idea.
#include <algorithm>
#include <array>
#include <cassert>
#include <chrono>
#include <cmath>
#include <cstdint>

#include "places.hpp"
#include "tandem/plan/training.hpp"

namespace tandem::plan {
namespace {

// Costs under the objective alone, [0] of the device, [1] of the cloud or leaving it.
struct TrainingWeights {
  std::array<const GroupCosts*, 2> forward, backward;
  std::array<std::vector<double>, 2> activation, gradient;  // leaving that place, after layer k
  // stored[p][k]: of the inputs of layers 1..k, all of them kept at p and needed at the other place.
  std::array<std::vector<double>, 2> stored;
  std::vector<double> updated;  // [k]: of downloading the weights of layers 1..k
  double labels = 0.0;
};

TrainingWeights weights_of(const TrainingProblem& problem) {
  const bool latency = problem.objective == Objective::latency;
  const auto cost = [latency](const Crossing& c) { return latency ? c.latency().count() : c.energy.value; };
  const auto costs = [&cost](const std::vector<Crossing>& crossings) {
    std::vector<double> result;
    result.reserve(crossings.size());
    for (const Crossing& crossing : crossings) result.push_back(cost(crossing));
    return result;
  };
  TrainingWeights w{.forward = {latency ? &problem.device.forward_ms : &problem.device.forward_mj,
                                latency ? &problem.cloud.forward_ms : &problem.cloud.forward_mj},
                    .backward = {latency ? &problem.device.backward_ms : &problem.device.backward_mj,
                                 latency ? &problem.cloud.backward_ms : &problem.cloud.backward_mj},
                    .activation = {costs(problem.activations_up), costs(problem.activations_down)},
                    .gradient = {costs(problem.gradients_up), costs(problem.gradients_down)},
                    .stored = {},
                    .updated = {0.0},
                    .labels = cost(problem.labels_up)};
  for (std::size_t p = 0; p < 2; ++p) {
    w.stored[p].push_back(0.0);
    for (int k = 1; k <= problem.layers; ++k) w.stored[p].push_back(w.stored[p].back() + w.activation[p][k - 1]);
  }
  for (const Crossing& crossing : problem.weights_down) w.updated.push_back(w.updated.back() + cost(crossing));
  return w;
}

// Forward decided for layers 1..forward, backward for layers 1..backward, with the places of the last layer of each.
// `twice`: the input of layer backward + 1 crossed in the forward pass, and so is at both places.
struct State {
  int forward = 0;
  int backward = 0;
  Place forward_place = Place::device;
  Place backward_place = Place::device;
  bool twice = false;
};

class TrainingPath {
 public:
  TrainingPath(const TrainingWeights& weights, int layers)
      : w_(weights), n_(layers), best_(static_cast<std::size_t>(layers + 1) * (layers + 1) * 8) {
    best_[slot({})].cost = 0;
  }

  std::vector<Segment> find() {
    for (int low = 0; low <= n_; ++low) extend_all_at(low);
    return walk_back(cheapest_end());
  }

 private:
  struct Entry {
    double cost = kNever;
    std::uint32_t before = 0;  // the slot it was reached from
  };

  [[nodiscard]] std::size_t slot(const State& s) const {
    return ((static_cast<std::size_t>(s.forward) * (n_ + 1) + s.backward) * 2 + index_of(s.forward_place)) * 4 +
           index_of(s.backward_place) * 2 + (s.twice ? 1 : 0);
  }
  [[nodiscard]] State state_of(std::size_t slot) const {
    return {.forward = static_cast<int>(slot / 8 / (n_ + 1)),
            .backward = static_cast<int>(slot / 8 % (n_ + 1)),
            .forward_place = kPlaces[slot / 4 % 2],
            .backward_place = kPlaces[slot / 2 % 2],
            .twice = slot % 2 == 1};
  }

  // All states whose lagging pass stands at `low`: first those where both do, or the forward pass lags, which lead to
  // those where the backward pass lags.
  void extend_all_at(int low) {
    for (int ahead = low; ahead <= n_; ++ahead) extend_both_places(low, ahead);
    for (int ahead = low + 1; ahead <= n_; ++ahead) extend_both_places(ahead, low);
  }

  void extend_both_places(int forward, int backward) {
    if (forward == n_ && backward == n_) return;
    for (std::size_t variant = 0; variant < 8; ++variant) {
      const State state{.forward = forward,
                        .backward = backward,
                        .forward_place = kPlaces[variant / 4],
                        .backward_place = kPlaces[variant / 2 % 2],
                        .twice = variant % 2 == 1};
      if (best_[slot(state)].cost == kNever) continue;
      forward <= backward ? extend_forward(state) : extend_backward(state);
    }
  }

  void reach(const State& from, const State& to, double cost) {
    Entry& entry = best_[slot(to)];
    if (cost < entry.cost) entry = {cost, static_cast<std::uint32_t>(slot(from))};
  }

  void extend_forward(const State& s) {
    const double so_far = best_[slot(s)].cost;
    const int first = s.forward + 1;
    for (const Place place : kPlaces) {
      const std::size_t p = index_of(place);
      const bool moves = place != s.forward_place;
      const double start = so_far + (moves ? w_.activation[1 - p][s.forward] : 0.0);
      // Layers first..backward have their backward place: what they kept must go there. The first one's input is at
      // the place it came from, too.
      const bool apart = place != s.backward_place;
      const int free = moves ? first : s.forward;
      for (int last = first; last <= n_; ++last) {
        const int known = std::min(last, s.backward);
        const double stored = apart && known > free ? w_.stored[p][known] - w_.stored[p][free] : 0.0;
        const State next{.forward = last,
                         .backward = s.backward,
                         .forward_place = place,
                         .backward_place = s.backward_place,
                         .twice = moves && s.forward == s.backward};
        reach(s, next, start + stored + finite_or_never(w_.forward[p]->at(first, last)));
      }
    }
  }

  void extend_backward(const State& s) {
    const double so_far = best_[slot(s)].cost;
    const int first = s.backward + 1;
    const std::size_t kept = index_of(s.forward_place);
    for (const Place place : kPlaces) {
      const std::size_t p = index_of(place);
      const bool moves = s.backward > 0 && place != s.backward_place;
      const double start = so_far + (moves ? w_.gradient[p][s.backward] : 0.0);
      const bool apart = place != s.forward_place;
      const int free = s.twice ? first : s.backward;
      for (int last = first; last <= n_; ++last) {
        const int known = std::min(last, s.forward);
        const double stored = apart && known > free ? w_.stored[kept][known] - w_.stored[kept][free] : 0.0;
        const double updated = place == Place::cloud ? w_.updated[last] - w_.updated[s.backward] : 0.0;
        const State next{.forward = s.forward,
                         .backward = last,
                         .forward_place = s.forward_place,
                         .backward_place = place,
                         .twice = false};
        reach(s, next, start + stored + updated + finite_or_never(w_.backward[p]->at(first, last)));
      }
    }
  }

  // Both passes are decided; they meet at the loss. kNever's slot is 0, the start.
  [[nodiscard]] std::size_t cheapest_end() const {
    double least = kNever;
    std::size_t end = 0;
    for (const Place forward : kPlaces) {
      for (const Place backward : kPlaces) {
        const State state{
            .forward = n_, .backward = n_, .forward_place = forward, .backward_place = backward, .twice = false};
        double cost = best_[slot(state)].cost;
        if (forward != backward) cost += w_.activation[index_of(forward)][n_];
        if (backward == Place::cloud) cost += w_.labels;
        if (cost < least) {
          least = cost;
          end = slot(state);
        }
      }
    }
    return end;
  }

  [[nodiscard]] std::vector<Segment> walk_back(std::size_t end) const {
    std::vector<Segment> forward, backward;
    for (std::size_t at = end; at != 0;) {
      const State state = state_of(at);
      const State before = state_of(best_[at].before);
      if (state.forward != before.forward) {
        forward.push_back({.first = before.forward + 1, .last = state.forward, .place = state.forward_place});
      } else {
        backward.push_back(
            {.first = 2 * n_ + 1 - state.backward, .last = 2 * n_ - before.backward, .place = state.backward_place});
      }
      at = best_[at].before;
    }
    std::vector<Segment> segments(forward.rbegin(), forward.rend());
    segments.insert(segments.end(), backward.begin(), backward.end());
    return segments;
  }

  const TrainingWeights& w_;
  int n_;
  std::vector<Entry> best_;
};

// The search splits where splitting costs nothing; one group is simpler where it costs no more, but for rounding.
std::vector<Segment> join_neighbours(const TrainingWeights& w, int layers, const std::vector<Segment>& segments) {
  constexpr double kRounding = 1e-12;
  const auto cost_of = [&w, layers](const Segment& s) {
    const std::size_t place = index_of(s.place);
    if (s.last <= layers) return w.forward[place]->at(s.first, s.last);
    return w.backward[place]->at(2 * layers + 1 - s.last, 2 * layers + 1 - s.first);
  };
  std::vector<Segment> joined;
  for (const Segment& segment : segments) {
    if (!joined.empty() && joined.back().place == segment.place && segment.first != layers + 1) {
      const Segment both{.first = joined.back().first, .last = segment.last, .place = segment.place};
      const double apart = cost_of(joined.back()) + cost_of(segment);
      if (cost_of(both) <= apart * (1 + kRounding)) {
        joined.back() = both;
        continue;
      }
    }
    joined.push_back(segment);
  }
  return joined;
}

}  // namespace

TrainingPlan solve(const TrainingProblem& problem) {
  assert(problem.layers >= 1 && problem.layers <= kMaxTrainingLayers);
  const auto start = std::chrono::steady_clock::now();
  const TrainingWeights weights = weights_of(problem);
  std::vector<Segment> segments =
      join_neighbours(weights, problem.layers, TrainingPath(weights, problem.layers).find());
  const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - start;
  const bool found = !segments.empty();
  if (!found) {  // for the baselines
    segments = {{.first = 1, .last = problem.layers}, {.first = problem.layers + 1, .last = 2 * problem.layers}};
  }
  TrainingPlan plan = describe(problem, std::move(segments));
  if (!found) {
    plan.feasible = false;
    plan.totals = {};
    plan.segments.clear();
    plan.transfers.clear();
  }
  plan.solve_us = took.count();
  return plan;
}

}  // namespace tandem::plan
