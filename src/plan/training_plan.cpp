// What a given division of a training step costs, and what crosses in it.
#include <cassert>
#include <cmath>

#include "plan_words.hpp"
#include "tandem/plan/training.hpp"

namespace tandem::plan {
namespace {

// From the place where something is to the other one.
Direction direction_from(Place place) {
  return place == Place::device ? Direction::up : Direction::down;
}

// Where each layer's forward and backward pass runs: [k], k = 1..N.
struct Places {
  std::vector<Place> forward, backward;
};

Places places_of(const std::vector<Segment>& segments, int layers) {
  Places places{std::vector<Place>(layers + 1, Place::device), std::vector<Place>(layers + 1, Place::device)};
  for (const Segment& segment : segments) {
    for (int step = segment.first; step <= segment.last; ++step) {
      (step <= layers ? places.forward[step] : places.backward[2 * layers + 1 - step]) = segment.place;
    }
  }
  return places;
}

class Transfers {
 public:
  Transfers(const TrainingProblem& problem, const std::vector<Segment>& segments)
      : problem_(problem), places_(places_of(segments, problem.layers)) {
    forward();
    backward();
    weights();
  }
  [[nodiscard]] std::vector<TrainingTransfer> take() { return std::move(transfers_); }

 private:
  using Kind = TrainingTransfer::Kind;

  void add(Kind kind, int layer, Direction direction, const Crossing& crossing) {
    transfers_.push_back({.kind = kind, .layer = layer, .direction = direction, .crossing = crossing});
  }
  void activation(Kind kind, int boundary, Direction direction) {
    const auto& crossings = direction == Direction::up ? problem_.activations_up : problem_.activations_down;
    add(kind, boundary, direction, crossings[boundary]);
  }

  // places_.forward[0] is the device: there the input is.
  void forward() {
    for (int k = 1; k <= problem_.layers; ++k) {
      const Place from = places_.forward[k - 1];
      if (places_.forward[k] != from) activation(Kind::activation, k - 1, direction_from(from));
    }
  }

  void backward() {
    const int n = problem_.layers;
    if (places_.backward[n] != places_.forward[n]) activation(Kind::activation, n, direction_from(places_.forward[n]));
    if (places_.backward[n] == Place::cloud) add(Kind::labels, n, Direction::up, problem_.labels_up);
    for (int k = n; k >= 1; --k) {
      // The layer's input was made where the layer before it ran, and was used where it ran itself.
      const bool there = places_.backward[k] == places_.forward[k] || places_.backward[k] == places_.forward[k - 1];
      if (!there) activation(Kind::stored_activation, k - 1, direction_from(places_.forward[k]));
      if (k > 1 && places_.backward[k - 1] != places_.backward[k]) {
        const Direction direction = direction_from(places_.backward[k]);
        const auto& crossings = direction == Direction::up ? problem_.gradients_up : problem_.gradients_down;
        add(Kind::gradient, k - 1, direction, crossings[k - 1]);
      }
    }
  }

  void weights() {
    for (int k = problem_.layers; k >= 1; --k) {
      const Crossing& crossing = problem_.weights_down[k - 1];
      if (places_.backward[k] == Place::cloud && crossing.bytes > 0) add(Kind::weights, k, Direction::down, crossing);
    }
  }

  const TrainingProblem& problem_;
  Places places_;
  std::vector<TrainingTransfer> transfers_;
};

Segment priced(const TrainingProblem& problem, Segment segment) {
  const TrainingCosts& costs = segment.place == Place::device ? problem.device : problem.cloud;
  const int n = problem.layers;
  const bool forward = segment.last <= n;
  const int first = forward ? segment.first : 2 * n + 1 - segment.last;
  const int last = forward ? segment.last : 2 * n + 1 - segment.first;
  segment.latency = Milliseconds{(forward ? costs.forward_ms : costs.backward_ms).at(first, last)};
  segment.energy = Millijoules{(forward ? costs.forward_mj : costs.backward_mj).at(first, last)};
  return segment;
}

Totals totals_of(const std::vector<Segment>& segments, const std::vector<TrainingTransfer>& transfers) {
  Totals totals;
  for (const Segment& segment : segments) {
    totals.latency += segment.latency;
    totals.energy += segment.energy;
    if (segment.place == Place::cloud) totals.cloud += segment.latency;
  }
  for (const TrainingTransfer& transfer : transfers) {
    totals.latency += transfer.crossing.latency();
    totals.energy += transfer.crossing.energy;
  }
  return totals;
}

Totals all_on(const TrainingProblem& problem, Place place) {
  const int n = problem.layers;
  const std::vector<Segment> whole{priced(problem, {.first = 1, .last = n, .place = place}),
                                   priced(problem, {.first = n + 1, .last = 2 * n, .place = place})};
  return totals_of(whole, Transfers(problem, whole).take());
}

}  // namespace

std::string_view name_of(TrainingTransfer::Kind kind) {
  switch (kind) {
    case TrainingTransfer::Kind::activation: return "activation";
    case TrainingTransfer::Kind::gradient: return "gradient";
    case TrainingTransfer::Kind::stored_activation: return "stored_activation";
    case TrainingTransfer::Kind::weights: return "weights";
    case TrainingTransfer::Kind::labels: return "labels";
  }
  return "activation";
}

TrainingPlan describe(const TrainingProblem& problem, std::vector<Segment> segments) {
  assert(!segments.empty() && segments.front().first == 1 && segments.back().last == 2 * problem.layers);
  for (Segment& segment : segments) segment = priced(problem, segment);
  std::vector<TrainingTransfer> transfers = Transfers(problem, segments).take();
  const Totals totals = totals_of(segments, transfers);
  return {.objective = problem.objective,
          .feasible = std::isfinite(totals.latency.count()) && std::isfinite(totals.energy.value),
          .totals = totals,
          .segments = std::move(segments),
          .transfers = std::move(transfers),
          .solve_us = 0.0,
          .device_only = all_on(problem, Place::device),
          .cloud_only = all_on(problem, Place::cloud),
          .network = problem.network,
          .fingerprint = problem.fingerprint,
          .link = problem.link};
}

Json to_json(const TrainingPlan& plan) {
  Json json{{"format", "tandem.training_plan.v1"},
            {"objective", name_of(plan.objective)},
            {"feasible", plan.feasible},
            {"segments", Json::array()},
            {"transfers", Json::array()},
            {"solve_us", plan.solve_us},
            {"baselines", {{"device_only", to_json(plan.device_only)}, {"cloud_only", to_json(plan.cloud_only)}}},
            {"network", plan.network},
            {"fingerprint", plan.fingerprint},
            {"link", plan.link}};
  if (plan.feasible) json.update(to_json(plan.totals));
  for (const Segment& segment : plan.segments) {
    json["segments"].push_back({{"first", segment.first},
                                {"last", segment.last},
                                {"place", name_of(segment.place)},
                                {"latency_ms", segment.latency.count()},
                                {"energy_mj", segment.energy.value}});
  }
  for (const TrainingTransfer& transfer : plan.transfers) {
    json["transfers"].push_back({{"kind", name_of(transfer.kind)},
                                 {"layer", transfer.layer},
                                 {"direction", name_of(transfer.direction)},
                                 {"bytes", transfer.crossing.bytes},
                                 {"codec", transfer.crossing.codec},
                                 {"link_ms", transfer.crossing.on_link.count()},
                                 {"energy_mj", transfer.crossing.energy.value}});
  }
  return json;
}

}  // namespace tandem::plan
