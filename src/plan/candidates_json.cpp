// Format tandem.candidates.v1, see docs/formats/candidates.md.
#include <fmt/format.h>

#include <set>

#include "tandem/base/file.hpp"
#include "tandem/plan/candidates.hpp"

namespace tandem::plan {
namespace {

constexpr const char* kFormat = "tandem.candidates.v1";
constexpr NumberBounds kNotNegative{.min = 0.0, .max = 1e15};

Result<std::vector<MeasuredCost>> measured_from(const Json& array, const std::string& where) {
  std::vector<MeasuredCost> costs;
  for (const Json& item : array) {
    JsonReader reader(item, fmt::format("{}.measured[{}]", where, costs.size()), Status{});
    MeasuredCost cost{.link = reader.text("link"),
                      .latency = Milliseconds{reader.number("latency_ms", kNotNegative)},
                      .energy = Millijoules{reader.number("energy_mj", kNotNegative)}};
    if (!reader.status()) return forward_error(reader.status());
    costs.push_back(std::move(cost));
  }
  return costs;
}

Result<Candidate> candidate_from(const Json& item, const std::string& where) {
  JsonReader reader(item, where, Status{});
  Candidate candidate{.location = reader.text("location"),
                      .device = Milliseconds{reader.number("device_ms", kNotNegative)},
                      .device_energy = Millijoules{reader.number_or("device_mj", 0.0, kNotNegative)},
                      .bytes = reader.number("bytes", kNotNegative),
                      .cloud = Milliseconds{reader.number("cloud_ms", kNotNegative)},
                      .accuracy = reader.number_or("accuracy", 0.0, {.min = 0.0}),
                      .measured = {}};
  if (reader.status() && candidate.location.empty()) reader.refuse("location", "is empty");
  if (!reader.has("measured")) {
    if (!reader.status()) return forward_error(reader.status());
    return candidate;
  }
  auto measured = measured_from(reader.array("measured"), where);
  if (!reader.status()) return forward_error(reader.status());
  if (!measured) return forward_error(measured);
  candidate.measured = std::move(*measured);
  return candidate;
}

}  // namespace

Result<std::vector<Candidate>> candidates_from_json(const Json& json) {
  JsonReader reader(json, kFormat);
  const Json& rows = reader.array("candidates");
  if (reader.status() && (rows.empty() || rows.size() > kMaxCandidates)) {
    reader.refuse("candidates", fmt::format("must have 1 to {} rows, has {}", kMaxCandidates, rows.size()));
  }
  if (!reader.status()) return forward_error(reader.status());
  std::vector<Candidate> candidates;
  candidates.reserve(rows.size());
  std::set<std::string> locations;
  for (const Json& row : rows) {
    const std::string where = fmt::format("candidates[{}]", candidates.size());
    Result<Candidate> candidate = candidate_from(row, where);
    if (!candidate) return forward_error(candidate);
    if (!locations.insert(candidate->location).second) {
      return fail(Errc::invalid_argument,
                  fmt::format("field '{}.location': '{}' is there twice", where, candidate->location));
    }
    candidates.push_back(std::move(*candidate));
  }
  return candidates;
}

Json to_json(const std::vector<Candidate>& candidates) {
  Json json{{"format", kFormat}, {"candidates", Json::array()}};
  for (const Candidate& candidate : candidates) {
    Json row{{"location", candidate.location},
             {"device_ms", candidate.device.count()},
             {"device_mj", candidate.device_energy.value},
             {"bytes", candidate.bytes},
             {"cloud_ms", candidate.cloud.count()},
             {"accuracy", candidate.accuracy}};
    for (const MeasuredCost& cost : candidate.measured) {
      row["measured"].push_back(
          {{"link", cost.link}, {"latency_ms", cost.latency.count()}, {"energy_mj", cost.energy.value}});
    }
    json["candidates"].push_back(std::move(row));
  }
  return json;
}

Result<std::vector<Candidate>> load_candidates(const std::filesystem::path& path) {
  const Result<std::string> text = read_file(path);
  if (!text) return forward_error(text);
  const Result<Json> json = parse_json(*text);
  if (!json) return forward_error(json, path.string());
  Result<std::vector<Candidate>> candidates = candidates_from_json(*json);
  if (!candidates) return forward_error(candidates, path.string());
  return candidates;
}

}  // namespace tandem::plan
