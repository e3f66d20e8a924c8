#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <limits>
#include <utility>

#include "plan_words.hpp"
#include "steps_json.hpp"
#include "tandem/plan/plan.hpp"

namespace tandem::plan {

namespace {

constexpr const char* kFormat = "tandem.plan.v1";
constexpr int kMaxLayers = 1'000'000;

// One of these words.
template <class Choice, class... Choices>
Choice choice(JsonReader& reader, const char* key, Choice one, Choices... others) {
  const std::string word = reader.text(key);
  std::vector<std::string> words;
  for (const Choice c : {one, others...}) {
    if (word == name_of(c)) return c;
    words.push_back(fmt::format("'{}'", name_of(c)));
  }
  reader.refuse(key, fmt::format("must be {}, is '{}'", fmt::join(words, " or "), word));
  return one;
}

bool flag(JsonReader& reader, const Json& json, const char* key) {
  if (reader.status() && reader.has(key) && json[key].is_boolean()) return json[key].get<bool>();
  reader.refuse(key, "must be true or false");
  return false;
}

double number_or_infinity(JsonReader& reader, const Json& json, const char* key) {
  if (reader.has(key) && json[key].is_null()) return std::numeric_limits<double>::infinity();
  return reader.number_or(key, 0.0, {.min = 0});
}

Result<Totals> baseline(const Json& baselines, const char* key) {
  if (!baselines.is_object() || !baselines.contains(key)) {
    return fail(Errc::invalid_argument, fmt::format("field 'baselines.{}': is missing", key));
  }
  const Json& json = baselines[key];
  JsonReader reader(json, fmt::format("baselines.{}", key), Status{});
  const Totals totals{.latency = Milliseconds{number_or_infinity(reader, json, "latency_ms")},
                      .energy = Millijoules{number_or_infinity(reader, json, "energy_mj")},
                      .cloud = Milliseconds{number_or_infinity(reader, json, "cloud_ms")},
                      .memory = Bytes{reader.number_or("device_bytes", 0, {.min = 0})}};
  if (!reader.status()) return forward_error(reader.status());
  return totals;
}

Result<std::vector<Miss>> misses_from(const Json& array) {
  std::vector<Miss> misses;
  for (const Json& item : array) {
    JsonReader reader(item, fmt::format("nearest_miss[{}]", misses.size()), Status{});
    Miss miss{.resource = choice(reader, "constraint", Resource::latency, Resource::energy, Resource::cloud,
                                 Resource::memory, Resource::switches),
              .limit = reader.number("limit", {.min = 0}),
              .least = number_or_infinity(reader, item, "least"),
              .least_within_others = std::nullopt};
    if (reader.has("least_within_others") && !item.at("least_within_others").is_null())
      miss.least_within_others = reader.number("least_within_others", {.min = 0});
    if (!reader.status()) return forward_error(reader.status());
    misses.push_back(miss);
  }
  return misses;
}

// Where the tensor changes sides, and which way.
std::vector<std::pair<int, Direction>> changes_of_place(const std::vector<Segment>& segments) {
  std::vector<std::pair<int, Direction>> changes;
  Place place = Place::device;
  for (const Segment& segment : segments) {
    if (segment.place == place) continue;
    place = segment.place;
    changes.emplace_back(segment.first - 1, place == Place::cloud ? Direction::up : Direction::down);
  }
  if (place == Place::cloud) changes.emplace_back(segments.back().last, Direction::down);
  return changes;
}

}  // namespace

Json to_json(const Segment& segment) {
  return {{"first", segment.first},
          {"last", segment.last},
          {"place", name_of(segment.place)},
          {"latency_ms", segment.latency.count()},
          {"energy_mj", segment.energy.value}};
}

Json to_json(const Transfer& transfer) {
  const Crossing& c = transfer.crossing;
  return {{"after", transfer.after},
          {"direction", name_of(transfer.direction)},
          {"bytes", c.bytes},
          {"codec", c.codec},
          {"encode_ms", c.encode.count()},
          {"link_ms", c.on_link.count()},
          {"decode_ms", c.decode.count()},
          {"energy_mj", c.energy.value}};
}

Result<std::vector<Segment>> segments_from(const Json& array) {
  std::vector<Segment> segments;
  for (const Json& item : array) {
    JsonReader reader(item, fmt::format("segments[{}]", segments.size()), Status{});
    const Segment segment{.first = reader.integer("first", 1, kMaxLayers),
                          .last = reader.integer("last", 1, kMaxLayers),
                          .place = choice(reader, "place", Place::device, Place::cloud),
                          .latency = Milliseconds{reader.number_or("latency_ms", 0, {.min = 0})},
                          .energy = Millijoules{reader.number_or("energy_mj", 0, {.min = 0})}};
    const int expected = segments.empty() ? 1 : segments.back().last + 1;
    if (segment.first != expected) reader.refuse("first", fmt::format("must be {}, the next layer", expected));
    if (segment.last < segment.first) reader.refuse("last", "lies before 'first'");
    if (!reader.status()) return forward_error(reader.status());
    segments.push_back(segment);
  }
  return segments;
}

Result<std::vector<Transfer>> transfers_from(const Json& array) {
  std::vector<Transfer> transfers;
  for (const Json& item : array) {
    JsonReader reader(item, fmt::format("transfers[{}]", transfers.size()), Status{});
    Transfer transfer{.after = reader.integer("after", 0, kMaxLayers),
                      .direction = choice(reader, "direction", Direction::up, Direction::down),
                      .crossing = {.codec = reader.text("codec"),
                                   .bytes = reader.number("bytes", {.min = 0}),
                                   .encode = Milliseconds{reader.number_or("encode_ms", 0, {.min = 0})},
                                   .on_link = Milliseconds{reader.number_or("link_ms", 0, {.min = 0})},
                                   .decode = Milliseconds{reader.number_or("decode_ms", 0, {.min = 0})},
                                   .energy = Millijoules{reader.number_or("energy_mj", 0, {.min = 0})}}};
    if (!reader.status()) return forward_error(reader.status());
    transfers.push_back(std::move(transfer));
  }
  return transfers;
}

Status check_transfers(const std::vector<Segment>& segments, const std::vector<Transfer>& transfers) {
  const auto changes = changes_of_place(segments);
  if (changes.size() != transfers.size()) {
    return fail(Errc::invalid_argument, fmt::format("field 'transfers': the segments need {} of them, there are {}",
                                                    changes.size(), transfers.size()));
  }
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const auto& [after, direction] = changes[i];
    if (transfers[i].after != after || transfers[i].direction != direction) {
      return fail(Errc::invalid_argument, fmt::format("field 'transfers[{}]': the segments need one after layer {}, {}",
                                                      i, after, name_of(direction)));
    }
  }
  return {};
}

Json to_json(const Plan& plan) {
  Json json{{"format", kFormat},
            {"objective", name_of(plan.objective)},
            {"feasible", plan.feasible},
            {"segments", Json::array()},
            {"transfers", Json::array()},
            {"proven_optimal", plan.proven_optimal},
            {"solver", plan.solver},
            {"solve_us", plan.solve_us},
            {"baselines", {{"device_only", to_json(plan.device_only)}, {"cloud_only", to_json(plan.cloud_only)}}},
            {"network", plan.network},
            {"fingerprint", plan.fingerprint},
            {"link", plan.link}};
  if (plan.feasible) json.update(to_json(plan.totals));
  if (plan.objective == Objective::weighted)
    json["weights"] = {{"per_ms", plan.weights.per_ms}, {"per_mj", plan.weights.per_mj}};
  if (std::isfinite(plan.lower_bound)) json["lower_bound"] = plan.lower_bound;
  for (const Miss& miss : plan.nearest_miss) json["nearest_miss"].push_back(to_json(miss));
  for (const Segment& segment : plan.segments) json["segments"].push_back(to_json(segment));
  for (const Transfer& transfer : plan.transfers) json["transfers"].push_back(to_json(transfer));
  return json;
}

Result<Plan> from_json(const Json& json) {
  JsonReader reader(json, kFormat);
  Plan plan;
  plan.objective = choice(reader, "objective", Objective::latency, Objective::energy, Objective::weighted);
  plan.feasible = flag(reader, json, "feasible");
  plan.proven_optimal = flag(reader, json, "proven_optimal");
  plan.lower_bound = reader.number_or("lower_bound", std::numeric_limits<double>::infinity(), {.min = 0});
  plan.solver = reader.text("solver");
  plan.solve_us = reader.number_or("solve_us", 0, {.min = 0});
  plan.network = reader.text_or("network", "");
  plan.fingerprint = reader.text_or("fingerprint", "");
  plan.link = reader.text_or("link", "");
  if (plan.objective == Objective::weighted && reader.has("weights")) {
    JsonReader weights(json.at("weights"), "weights", reader.status());
    plan.weights = {.per_ms = weights.number("per_ms", {.min = 0}), .per_mj = weights.number("per_mj", {.min = 0})};
    if (!weights.status()) return forward_error(weights.status());
  }
  if (plan.feasible) {
    plan.totals = {.latency = Milliseconds{reader.number("latency_ms", {.min = 0})},
                   .energy = Millijoules{reader.number("energy_mj", {.min = 0})},
                   .cloud = Milliseconds{reader.number("cloud_ms", {.min = 0})},
                   .memory = Bytes{reader.number_or("device_bytes", 0, {.min = 0})}};
  }
  const Json& segment_array = reader.array("segments");
  const Json& transfer_array = reader.array("transfers");
  if (reader.status() && segment_array.empty() == plan.feasible) {
    reader.refuse("segments",
                  plan.feasible ? "is empty in a feasible plan" : "must be empty: the plan is not feasible");
  }
  if (reader.status() && !reader.has("baselines")) reader.refuse("baselines", "is missing");
  if (!reader.status()) return forward_error(reader.status());

  Result<std::vector<Segment>> segments = segments_from(segment_array);
  if (!segments) return forward_error(segments);
  Result<std::vector<Transfer>> transfers = transfers_from(transfer_array);
  if (!transfers) return forward_error(transfers);
  if (const Status s = check_transfers(*segments, *transfers); !s) return forward_error(s);
  const Result<Totals> device_only = baseline(json["baselines"], "device_only");
  if (!device_only) return forward_error(device_only);
  const Result<Totals> cloud_only = baseline(json["baselines"], "cloud_only");
  if (!cloud_only) return forward_error(cloud_only);

  if (reader.has("nearest_miss")) {
    Result<std::vector<Miss>> misses = misses_from(reader.array("nearest_miss"));
    if (!misses) return forward_error(misses);
    plan.nearest_miss = std::move(*misses);
  }
  plan.segments = std::move(*segments);
  plan.transfers = std::move(*transfers);
  plan.device_only = *device_only;
  plan.cloud_only = *cloud_only;
  return plan;
}

}  // namespace tandem::plan
