// A schedule's cost under any conditions of link and load, as a scalar product: five features of the schedule, none
// below zero, times five prices that the conditions set. Both latency and energy are of this form, and so is their
// weighted sum.
#pragma once

#include <array>
#include <vector>

#include "places.hpp"
#include "runs.hpp"
#include "tandem/plan/optima.hpp"

namespace tandem::plan {

inline constexpr int kFeatures = 5;
// Bytes up, bytes down, transfers, device work (execution and codecs, under the objective), milliseconds of cloud work.
using Features = std::array<double, kFeatures>;

Features features_of(const Footprint& footprint, const Weights& weights);
// What one unit of each feature costs.
Features unit_prices(const Radio& radio, const Weights& weights, const Conditions& conditions);

inline double dot(const Features& a, const Features& b) {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2] + a[3] * b[3] + a[4] * b[4];
}
inline Features operator+(const Features& a, const Features& b) {
  return {a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3], a[4] + b[4]};
}
inline bool dominates(const Features& a, const Features& b) {
  return a[0] <= b[0] && a[1] <= b[1] && a[2] <= b[2] && a[3] <= b[3] && a[4] <= b[4];
}

// A chain whose steps are features: runs that alternate between the places, and the moves between them.
class FeatureChain {
 public:
  struct Move {
    Features features;
    Transfer transfer;
  };
  FeatureChain(const Problem& problem, const Radio& radio);

  [[nodiscard]] int layers() const { return problem_.layers; }
  [[nodiscard]] bool possible(Place place, int first, int last) const;
  [[nodiscard]] Features run(Place place, int first, int last) const;
  [[nodiscard]] const std::vector<Move>& moves(Place from, int after) const { return moves_[index_of(from)][after]; }
  void append_groups(Place place, int first, int last, std::vector<Segment>& segments) const {
    runs_[index_of(place)].append(first, last, segments);
  }
  [[nodiscard]] Footprint footprint(const std::vector<Segment>& segments, const std::vector<Transfer>& transfers) const;
  // Least cost to the end under these prices: [place][k], layers 1..k done and the tensor after them on the place,
  // where the next run starts; and for the last boundary on the device, the end.
  [[nodiscard]] std::array<std::vector<double>, 2> to_go(const Features& prices) const;

 private:
  void add_move(const Transfer& transfer);
  [[nodiscard]] Footprint footprint(const Transfer& transfer) const;

  const Problem& problem_;
  Radio radio_;
  Weights weights_;
  std::array<Runs, 2> runs_;  // device work under the objective; cloud milliseconds
  std::array<std::vector<std::vector<Move>>, 2> moves_;
};

// A partial schedule: layers 1..last done, the last run on `made`, and after it the tensor moved, or at the end stayed.
struct Partial {
  Features features{};
  int parent = -1;
  int first = 1, last = 0;
  Place made = Place::device;
  const FeatureChain::Move* move = nullptr;
};
Schedule schedule_of(const FeatureChain& chain, const std::vector<Partial>& partials, int end);

// All schedules that `prune` does not drop. It is given the partial schedules that end alike — layers 1..last done, the
// tensor on the place — and keeps those worth continuing. Returns the ends, indices into `partials`.
template <class Prune>
std::vector<int> explore(const FeatureChain& chain, std::vector<Partial>& partials, const Prune& prune) {
  const int n = chain.layers();
  // [place][k]: where the tensor after layer k arrived on the place.
  std::array<std::vector<std::vector<int>>, 2> arrived{std::vector<std::vector<int>>(n + 1),
                                                       std::vector<std::vector<int>>(n + 1)};
  const auto keep = [&](std::vector<Partial> found, Place place, int last) {
    prune(found, place, last);
    std::vector<int> kept;
    kept.reserve(found.size());
    for (Partial& partial : found) {
      kept.push_back(static_cast<int>(partials.size()));
      partials.push_back(partial);
    }
    return kept;
  };
  arrived[0][0] = keep({Partial{}}, Place::device, 0);
  std::vector<Partial> sent;
  for (const FeatureChain::Move& move : chain.moves(Place::device, 0)) {
    sent.push_back({.features = move.features, .move = &move});
  }
  arrived[1][0] = keep(sent, Place::cloud, 0);
  std::vector<Partial> finished;
  for (int last = 1; last <= n; ++last) {
    for (const Place place : {Place::device, Place::cloud}) {
      std::vector<Partial> moved;
      for (int first = 1; first <= last; ++first) {
        if (!chain.possible(place, first, last)) continue;
        const Features run = chain.run(place, first, last);
        for (const int parent : arrived[index_of(place)][first - 1]) {
          const Partial made{.features = partials[parent].features + run,
                             .parent = parent,
                             .first = first,
                             .last = last,
                             .made = place,
                             .move = nullptr};
          if (last == n && place == Place::device) finished.push_back(made);
          if (last == n && place == Place::device) continue;
          for (const FeatureChain::Move& move : chain.moves(place, last)) {
            Partial next = made;
            next.features = made.features + move.features;
            next.move = &move;
            (last == n ? finished : moved).push_back(next);
          }
        }
      }
      if (last < n) {
        const Place to = other(place);
        arrived[index_of(to)][last] = keep(std::move(moved), to, last);
      }
    }
  }
  return keep(std::move(finished), Place::device, n);
}

}  // namespace tandem::plan
