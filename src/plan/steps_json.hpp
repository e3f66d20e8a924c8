// The steps of a schedule in JSON, alike in all formats that hold schedules.
#pragma once

#include <vector>

#include "tandem/plan/plan.hpp"

namespace tandem::plan {

Json to_json(const Segment& segment);
Json to_json(const Transfer& transfer);
// Errors name the field: segments that do not cover layers 1..N in order.
Result<std::vector<Segment>> segments_from(const Json& array);
Result<std::vector<Transfer>> transfers_from(const Json& array);
// Error: the transfers are not those between the segments.
Status check_transfers(const std::vector<Segment>& segments, const std::vector<Transfer>& transfers);

}  // namespace tandem::plan
