// What a predicted profile is made from, as it was measured: kept, a better model needs no new measurements.
//
//   const CostTable table = predicted_table(head, evidence);      // as `tandem profile --groups predicted` makes it
//   write_file("resnet50.evidence.json", to_json(evidence).dump());
//
// Thread rule: values and free functions.
#pragma once

#include <vector>

#include "tandem/base/json.hpp"
#include "tandem/base/result.hpp"
#include "tandem/profile/cost_table.hpp"
#include "tandem/profile/group_model.hpp"

namespace tandem::profile {

struct VisitedGroup {
  BlockRange range;
  std::vector<Milliseconds> visits;  // the latency found at each, in the order of time; at least one

  // The least of them: what disturbs a measurement makes it longer.
  [[nodiscard]] MeasuredGroup measured() const;
};

struct GroupEvidence {
  std::vector<BlockEstimate> blocks;  // what the runtime's counters say; none where every group was visited
  std::vector<VisitedGroup> groups;

  // The model that explains them. Precondition: it has blocks.
  [[nodiscard]] GroupModel model() const;
};

// `head` says all but the groups; those that were visited are as measured, all others predicted.
CostTable predicted_table(const CostTable& head, const GroupEvidence& evidence);
CostTable predicted_table(const CostTable& head, const GroupEvidence& evidence, const GroupModel& model);

Json to_json(const GroupEvidence& evidence);
// `blocks`: of the network. Error: invalid_argument naming the field.
Result<GroupEvidence> evidence_from_json(const Json& json, int blocks);

}  // namespace tandem::profile
