// What `tandem bench profile` measures of one network, kept whole, so that another model of groups is judged without
// measuring again.
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tandem/base/json.hpp"
#include "tandem/base/result.hpp"
#include "tandem/base/units.hpp"
#include "tandem/profile/group_evidence.hpp"

namespace tandem::cli {

using Group = std::pair<int, int>;                                  // its first and last block
using GroupLatencies = std::map<Group, std::vector<Milliseconds>>;  // in the order of time, never empty

struct ProfileCampaign {
  profile::CostTable head;  // all but the groups
  profile::GroupEvidence evidence;
  std::set<Group> chosen;    // at random, to be scored
  GroupLatencies truth;      // of those, of the whole network and of the groups of plans: a latency for each round
  GroupLatencies once;       // of `chosen`: one each
  Milliseconds once_each{};  // what measuring one took, on the mean
  Milliseconds took{};       // what the evidence took
};

Status keep(const std::vector<ProfileCampaign>& campaigns, const std::filesystem::path& path);
// Errors: not_found; invalid_argument naming file and field.
Result<std::vector<ProfileCampaign>> kept_campaigns(const std::filesystem::path& path);

}  // namespace tandem::cli
