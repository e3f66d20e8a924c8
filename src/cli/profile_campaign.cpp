#include "profile_campaign.hpp"

#include <fmt/format.h>

#include "tandem/base/file.hpp"

namespace tandem::cli {
namespace {

constexpr const char* kFormat = "tandem.profile-campaign.v1";
constexpr NumberBounds kPositive{.min = 1e-9};

Json to_json(const GroupLatencies& latencies) {
  Json groups = Json::array();
  for (const auto& [group, rounds] : latencies) {
    Json times = Json::array();
    for (const Milliseconds time : rounds) times.push_back(time.count());
    groups.push_back({{"first", group.first}, {"last", group.second}, {"latencies_ms", std::move(times)}});
  }
  return groups;
}

Json to_json(const ProfileCampaign& campaign) {
  // A table without groups is no profile: the predicted ones go with it, for those who want to see what was predicted.
  return {{"profile", profile::to_json(profile::predicted_table(campaign.head, campaign.evidence))},
          {"evidence", profile::to_json(campaign.evidence)},
          {"truth", to_json(campaign.truth)},
          {"once", to_json(campaign.once)},
          {"once_each_ms", campaign.once_each.count()},
          {"took_ms", campaign.took.count()}};
}

// `status` keeps the first error.
GroupLatencies read_latencies(const Json& groups, const std::string& where, int blocks, Status& status) {
  GroupLatencies latencies;
  for (std::size_t i = 0; status && i < groups.size(); ++i) {
    JsonReader group(groups[i], fmt::format("{}[{}]", where, i), status);
    const int first = group.integer("first", 1, blocks);
    const int last = group.integer("last", first, blocks);
    auto& times = latencies[{first, last}];
    for (const double time : group.numbers("latencies_ms", kPositive)) times.emplace_back(time);
    if (group.status() && times.empty()) group.refuse("latencies_ms", "must not be empty");
    status = group.status();
  }
  return latencies;
}

Result<ProfileCampaign> campaign_from_json(const Json& json, const std::string& where) {
  JsonReader reader(json, where, Status());
  if (!reader.has("profile") || !reader.has("evidence")) {
    return fail(Errc::invalid_argument, where + ": lacks 'profile' or 'evidence'");
  }
  auto table = profile::from_json(json["profile"]);
  if (!table) return forward_error(table, where + ".profile");
  const int blocks = table->size();
  auto evidence = profile::evidence_from_json(json["evidence"], blocks);
  if (!evidence) return forward_error(evidence, where);
  const Json& truth = reader.array("truth");
  const Json& once = reader.array("once");
  ProfileCampaign campaign;
  campaign.head = std::move(*table);
  campaign.evidence = std::move(*evidence);
  campaign.once_each = Milliseconds{reader.number("once_each_ms", kPositive)};
  campaign.took = Milliseconds{reader.number("took_ms", kPositive)};
  Status status = reader.status();
  campaign.truth = read_latencies(truth, where + ".truth", blocks, status);
  campaign.once = read_latencies(once, where + ".once", blocks, status);
  if (!status) return forward_error(status);
  if (!campaign.truth.contains({1, blocks})) {
    return fail(Errc::invalid_argument, where + ".truth: lacks the whole network");
  }
  for (const auto& [group, latencies] : campaign.once) {
    campaign.chosen.insert(group);
    if (!campaign.truth.contains(group)) {
      return fail(Errc::invalid_argument,
                  fmt::format("{}.truth: lacks group {}..{} of 'once'", where, group.first, group.second));
    }
  }
  return campaign;
}

}  // namespace

Status keep(const std::vector<ProfileCampaign>& campaigns, const std::filesystem::path& path) {
  Json listed = Json::array();
  for (const ProfileCampaign& campaign : campaigns) listed.push_back(to_json(campaign));
  return write_file(path, Json{{"format", kFormat}, {"campaigns", std::move(listed)}}.dump() + "\n");
}

Result<std::vector<ProfileCampaign>> kept_campaigns(const std::filesystem::path& path) {
  const auto text = read_file(path);
  if (!text) return forward_error(text);
  const auto json = parse_json(*text);
  if (!json) return forward_error(json, path.string());
  JsonReader reader(*json, kFormat);
  std::vector<ProfileCampaign> campaigns;
  const Json& listed = reader.array("campaigns");
  if (!reader.status()) return forward_error(reader.status(), path.string());
  campaigns.reserve(listed.size());
  for (std::size_t i = 0; i < listed.size(); ++i) {
    auto campaign = campaign_from_json(listed[i], fmt::format("campaigns[{}]", i));
    if (!campaign) return forward_error(campaign, path.string());
    campaigns.push_back(std::move(*campaign));
  }
  return campaigns;
}

}  // namespace tandem::cli
