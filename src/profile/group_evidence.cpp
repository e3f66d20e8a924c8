#include "tandem/profile/group_evidence.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace tandem::profile {
namespace {

// What compiling a group again and measuring it anew comes to at best.
constexpr double kInstanceError = 0.015;
constexpr NumberBounds kNotNegative{.min = 0.0};
constexpr NumberBounds kPositive{.min = 1e-9};

void set_measured(const GroupEvidence& evidence, CostTable& table) {
  for (const VisitedGroup& group : evidence.groups) {
    const MeasuredGroup measured = group.measured();
    table.set(group.range, {.latency = measured.latency, .std = measured.std});
  }
}

}  // namespace

MeasuredGroup VisitedGroup::measured() const {
  std::vector<Milliseconds> sorted = visits;
  std::ranges::sort(sorted);
  const Milliseconds spread = sorted.size() > 1 ? (sorted[1] - sorted[0]) / 2 : sorted[0] * kInstanceError;
  return {range, sorted.front(), Milliseconds{std::hypot(spread.count(), kInstanceError * sorted.front().count())}};
}

GroupModel GroupEvidence::model() const {
  std::vector<MeasuredGroup> measured;
  measured.reserve(groups.size());
  for (const VisitedGroup& group : groups) measured.push_back(group.measured());
  return {blocks, std::move(measured)};
}

CostTable predicted_table(const CostTable& head, const GroupEvidence& evidence, const GroupModel& model) {
  CostTable table = head;
  for (int last = 1; last <= model.size(); ++last) {
    for (int first = 1; first <= last; ++first) {
      const BlockRange range{.first = first, .last = last};
      table.set(range, model.predict(range));
    }
  }
  set_measured(evidence, table);
  return table;
}

CostTable predicted_table(const CostTable& head, const GroupEvidence& evidence) {
  if (!evidence.blocks.empty()) return predicted_table(head, evidence, evidence.model());
  CostTable table = head;
  set_measured(evidence, table);
  return table;
}

Json to_json(const GroupEvidence& evidence) {
  Json blocks = Json::array();
  for (const BlockEstimate& block : evidence.blocks) {
    blocks.push_back({{"inside_ms", block.inside.count()},
                      {"start_ms", block.start.count()},
                      {"end_ms", block.end.count()},
                      {"weight_bytes", block.weight_bytes},
                      {"input_bytes", block.input_bytes},
                      {"output_bytes", block.output_bytes}});
  }
  Json groups = Json::array();
  for (const VisitedGroup& group : evidence.groups) {
    Json visits = Json::array();
    for (const Milliseconds visit : group.visits) visits.push_back(visit.count());
    groups.push_back({{"first", group.range.first}, {"last", group.range.last}, {"visits_ms", std::move(visits)}});
  }
  return {{"blocks", std::move(blocks)}, {"groups", std::move(groups)}};
}

Result<GroupEvidence> evidence_from_json(const Json& json, int blocks) {
  Status status;
  JsonReader reader(json, "evidence", status);
  GroupEvidence evidence;
  const Json& listed = reader.array("blocks");
  if (!listed.empty() && listed.size() != static_cast<std::size_t>(blocks)) {
    reader.refuse("blocks", fmt::format("must have {} entries, has {}", blocks, listed.size()));
  }
  const Json& groups = reader.array("groups");
  status = reader.status();
  evidence.blocks.reserve(listed.size());
  for (std::size_t i = 0; status && i < listed.size(); ++i) {
    JsonReader block(listed[i], fmt::format("evidence.blocks[{}]", i), status);
    evidence.blocks.push_back({.inside = Milliseconds{block.number("inside_ms")},
                               .start = Milliseconds{block.number("start_ms")},
                               .end = Milliseconds{block.number("end_ms")},
                               .weight_bytes = block.number("weight_bytes", kNotNegative),
                               .input_bytes = block.number("input_bytes", kNotNegative),
                               .output_bytes = block.number("output_bytes", kNotNegative)});
    status = block.status();
  }
  evidence.groups.reserve(groups.size());
  for (std::size_t i = 0; status && i < groups.size(); ++i) {
    JsonReader group(groups[i], fmt::format("evidence.groups[{}]", i), status);
    VisitedGroup visited;
    visited.range.first = group.integer("first", 1, blocks);
    visited.range.last = group.integer("last", visited.range.first, blocks);
    for (const double visit : group.numbers("visits_ms", kPositive)) visited.visits.emplace_back(visit);
    if (group.status() && visited.visits.empty()) group.refuse("visits_ms", "must not be empty");
    status = group.status();
    evidence.groups.push_back(std::move(visited));
  }
  if (!status) return forward_error(status);
  return evidence;
}

}  // namespace tandem::profile
