// The oracle of the planner's tests: every schedule of a small chain — all groupings, placements and codecs — with what
// it uses up, priced from the problem alone.
#pragma once

#include <array>
#include <functional>
#include <limits>
#include <optional>
#include <vector>

#include "tandem/plan/plan.hpp"

namespace tandem::plan {

struct Tried {
  std::vector<Segment> segments;
  std::vector<Transfer> transfers;
  double ms = 0, mj = 0, cloud_ms = 0, bytes = 0;

  [[nodiscard]] int switches() const { return static_cast<int>(transfers.size()); }
  [[nodiscard]] double cost(const Problem& p) const {
    switch (p.objective) {
      case Objective::latency: return ms;
      case Objective::energy: return mj;
      case Objective::weighted: break;
    }
    return p.weights.per_ms * ms + p.weights.per_mj * mj;
  }
};

inline std::vector<Crossing> codecs_of(const Problem& p, Direction direction, int after) {
  std::vector<Crossing> all{(direction == Direction::up ? p.uploads : p.downloads)[after]};
  for (const Transfer& t : p.alternatives) {
    if (t.after == after && t.direction == direction) all.push_back(t.crossing);
  }
  return all;
}

inline bool pins_kept(const Problem& p, int first, int last, Place place) {
  for (const Pin& pin : p.constraints.pins) {
    if (pin.place != place && first <= pin.last && pin.first <= last) return false;
  }
  return true;
}

class EverySchedule {
 public:
  EverySchedule(const Problem& problem, std::function<void(const Tried&)> visit)
      : p_(problem), visit_(std::move(visit)) {
    from(1, Place::device, {});
  }

 private:
  void with_codecs(Direction direction, int after, const Tried& so_far, const std::function<void(Tried)>& go_on) {
    for (const Crossing& c : codecs_of(p_, direction, after)) {
      Tried next = so_far;
      next.transfers.push_back({.after = after, .direction = direction, .crossing = c});
      next.ms += (c.encode + c.on_link + c.decode).count();
      next.mj += c.energy.value;
      go_on(std::move(next));
    }
  }

  void from(int first, Place at, const Tried& so_far) {
    if (first > p_.layers) {
      if (at == Place::device)
        visit_(so_far);
      else
        with_codecs(Direction::down, p_.layers, so_far, [&](const Tried& done) { visit_(done); });
      return;
    }
    for (int last = first; last <= p_.layers; ++last) {
      for (const Place place : {Place::device, Place::cloud}) {
        if (!pins_kept(p_, first, last, place)) continue;
        const auto run = [&](Tried next) {
          next.segments.push_back({.first = first, .last = last, .place = place});
          const bool device = place == Place::device;
          next.ms += (device ? p_.device_ms : p_.cloud_ms).at(first, last);
          next.mj += (device ? p_.device_mj : p_.cloud_mj).at(first, last);
          if (!device) next.cloud_ms += p_.cloud_ms.at(first, last);
          if (device && p_.device_bytes.layers() > 0) next.bytes += p_.device_bytes.at(first, last);
          from(last + 1, place, next);
        };
        if (place == at)
          run(so_far);
        else
          with_codecs(place == Place::cloud ? Direction::up : Direction::down, first - 1, so_far, run);
      }
    }
  }

  const Problem& p_;
  std::function<void(const Tried&)> visit_;
};

inline std::vector<Tried> every_schedule(const Problem& problem) {
  std::vector<Tried> all;
  EverySchedule(problem, [&all](const Tried& tried) { all.push_back(tried); });
  return all;
}

}  // namespace tandem::plan
