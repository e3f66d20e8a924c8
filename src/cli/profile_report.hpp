// What a profile says, for people and for programs: along the network, as a table, as JSON, as a picture.
#pragma once

#include <string>

#include "plot.hpp"
#include "tandem/base/json.hpp"
#include "tandem/profile/cost_table.hpp"

namespace tandem::cli {

void print_profile(const profile::CostTable& table);
// What identifies it, and the whole network's cost.
Json summary_of(const profile::CostTable& table);
// Latency up to each place and from there on, and the bytes that cross there.
PlotPage picture_of(const profile::CostTable& table);
// "12.3 mJ", "4.56 J"
std::string human_energy(Millijoules energy);

}  // namespace tandem::cli
