// What tandem.plan.v1 calls things, and those of its parts that plans of chains and of graphs have in common.
#pragma once

#include "tandem/plan/plan.hpp"

namespace tandem::plan {

const char* name_of(Objective objective);
const char* name_of(Place place);
const char* name_of(Direction direction);

Json to_json(const Totals& totals);
Json to_json(const Miss& miss);

}  // namespace tandem::plan
