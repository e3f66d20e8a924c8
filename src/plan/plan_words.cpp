#include "plan_words.hpp"

#include <cmath>

namespace tandem::plan {
namespace {

// JSON has no infinity: a baseline that cannot run at all is null.
Json number_or_null(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

}  // namespace

const char* name_of(Objective objective) {
  switch (objective) {
    case Objective::latency: return "latency";
    case Objective::energy: return "energy";
    case Objective::weighted: break;
  }
  return "weighted";
}
const char* name_of(Place place) {
  return place == Place::device ? "device" : "cloud";
}
const char* name_of(Direction direction) {
  return direction == Direction::up ? "up" : "down";
}

Json to_json(const Totals& totals) {
  Json json{{"latency_ms", number_or_null(totals.latency.count())},
            {"energy_mj", number_or_null(totals.energy.value)},
            {"cloud_ms", number_or_null(totals.cloud.count())}};
  if (totals.memory.value > 0) json["device_bytes"] = totals.memory.value;
  return json;
}

const char* name_of(Resource resource) {
  switch (resource) {
    case Resource::latency: return "deadline_ms";
    case Resource::energy: return "energy_budget_mj";
    case Resource::cloud: return "cloud_time_ms";
    case Resource::memory: return "device_memory_bytes";
    case Resource::switches: break;
  }
  return "max_switches";
}

Json to_json(const Miss& miss) {
  return {{"constraint", name_of(miss.resource)},
          {"limit", miss.limit},
          {"least", number_or_null(miss.least)},
          {"least_within_others", miss.least_within_others ? Json(*miss.least_within_others) : Json(nullptr)}};
}

}  // namespace tandem::plan
