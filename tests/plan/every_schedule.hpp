// The oracle of the planner's tests: every schedule of a small chain — all groupings, placements and codecs — with what
// it uses up, priced from the problem alone.
#pragma once

#include <array>
#include <functional>
#include <limits>
#include <optional>
#include <utility>
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

inline bool pins_kept(const Problem& p, int first, int last, Place place) {
  for (const Pin& pin : p.constraints.pins) {
    if (pin.place != place && first <= pin.last && pin.first <= last) return false;
  }
  return true;
}

// One schedule is built up and taken back step by step, so that the millions of them allocate nothing.
class ScheduleVisitor {
 public:
  ScheduleVisitor(const Problem& problem, std::function<void(const Tried&)> visit)
      : p_(problem), visit_(std::move(visit)) {
    for (int after = 0; after <= p_.layers; ++after) {
      add_codec({.after = after, .direction = Direction::up, .crossing = p_.uploads[after]});
      add_codec({.after = after, .direction = Direction::down, .crossing = p_.downloads[after]});
    }
    for (const Transfer& t : p_.alternatives) add_codec(t);
  }

  void visit_all() { from(1, Place::device); }

 private:
  std::vector<Transfer>& codecs(Direction direction, int after) {
    return codecs_[direction == Direction::up ? 0 : 1][after];
  }
  void add_codec(const Transfer& transfer) {
    for (auto& of_direction : codecs_) of_direction.resize(p_.layers + 1);
    codecs(transfer.direction, transfer.after).push_back(transfer);
  }

  template <class GoOn>
  void with_codecs(Direction direction, int after, const GoOn& go_on) {
    const double ms = tried_.ms, mj = tried_.mj;
    for (const Transfer& transfer : codecs(direction, after)) {
      const Crossing& c = transfer.crossing;
      tried_.transfers.push_back(transfer);
      tried_.ms = ms + (c.encode + c.on_link + c.decode).count();
      tried_.mj = mj + c.energy.value;
      go_on();
      tried_.transfers.pop_back();
    }
    tried_.ms = ms;
    tried_.mj = mj;
  }

  void run(int first, int last, Place place) {
    const double ms = tried_.ms, mj = tried_.mj, cloud_ms = tried_.cloud_ms, bytes = tried_.bytes;
    const bool device = place == Place::device;
    tried_.segments.push_back({.first = first, .last = last, .place = place});
    tried_.ms += (device ? p_.device_ms : p_.cloud_ms).at(first, last);
    tried_.mj += (device ? p_.device_mj : p_.cloud_mj).at(first, last);
    if (!device) tried_.cloud_ms += p_.cloud_ms.at(first, last);
    if (device && p_.device_bytes.layers() > 0) tried_.bytes += p_.device_bytes.at(first, last);
    from(last + 1, place);
    tried_.segments.pop_back();
    tried_.ms = ms;
    tried_.mj = mj;
    tried_.cloud_ms = cloud_ms;
    tried_.bytes = bytes;
  }

  void from(int first, Place at) {
    if (first > p_.layers) {
      if (at == Place::device)
        visit_(tried_);
      else
        with_codecs(Direction::down, p_.layers, [this] { visit_(tried_); });
      return;
    }
    for (int last = first; last <= p_.layers; ++last) {
      for (const Place place : {Place::device, Place::cloud}) {
        if (!pins_kept(p_, first, last, place)) continue;
        if (place == at)
          run(first, last, place);
        else
          with_codecs(place == Place::cloud ? Direction::up : Direction::down, first - 1,
                      [&] { run(first, last, place); });
      }
    }
  }

  const Problem& p_;
  std::function<void(const Tried&)> visit_;
  std::array<std::vector<std::vector<Transfer>>, 2> codecs_;  // up, down; after each layer
  Tried tried_;
};

inline void visit_every_schedule(const Problem& problem, std::function<void(const Tried&)> visit) {
  ScheduleVisitor(problem, std::move(visit)).visit_all();
}

inline std::vector<Tried> every_schedule(const Problem& problem) {
  std::vector<Tried> all;
  visit_every_schedule(problem, [&all](const Tried& tried) { all.push_back(tried); });
  return all;
}

}  // namespace tandem::plan
