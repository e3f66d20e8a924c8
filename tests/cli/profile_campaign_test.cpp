#include "profile_campaign.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include "matchers.hpp"
#include "tandem/base/file.hpp"

namespace tandem::cli {
namespace {

using ::testing::HasSubstr;

ProfileCampaign small_campaign() {
  ProfileCampaign campaign;
  campaign.head.network = "small";
  campaign.head.fingerprint = "1";
  campaign.head.device = "test";
  campaign.head.layers = {"a", "b"};
  campaign.head.boundary_bytes = {100, 50, 10};
  const profile::BlockEstimate block{.inside = Milliseconds{2.0}, .weight_bytes = 1e4};
  campaign.evidence = {{block, block}, {{{.first = 1, .last = 2}, {Milliseconds{4.0}, Milliseconds{4.1}}}}};
  campaign.chosen = {{1, 1}, {2, 2}};
  campaign.truth = {{{1, 1}, {Milliseconds{2.1}, Milliseconds{2.0}}},
                    {{1, 2}, {Milliseconds{4.0}, Milliseconds{4.2}}},
                    {{2, 2}, {Milliseconds{1.9}, Milliseconds{2.2}}}};
  campaign.once = {{{1, 1}, {Milliseconds{2.3}}}, {{2, 2}, {Milliseconds{1.9}}}};
  campaign.once_each = Milliseconds{90};
  campaign.took = Milliseconds{700};
  return campaign;
}

class KeptCampaigns : public ::testing::Test {
 protected:
  ~KeptCampaigns() override { std::filesystem::remove(path_); }
  const std::filesystem::path path_ =
      std::filesystem::temp_directory_path() / ("tandem-campaign-" + std::to_string(::getpid()));
};

TEST_F(KeptCampaigns, ComeBackAsTheyWere) {
  const ProfileCampaign campaign = small_campaign();
  ASSERT_THAT(keep({campaign, campaign}, path_), IsOk());
  const auto back = kept_campaigns(path_);
  ASSERT_THAT(back, IsOk());
  ASSERT_EQ(back->size(), 2U);
  EXPECT_EQ(back->front().head.network, "small");
  EXPECT_EQ(back->front().truth, campaign.truth);
  EXPECT_EQ(back->front().once, campaign.once);
  EXPECT_EQ(back->front().chosen, campaign.chosen);
  EXPECT_EQ(back->front().once_each, campaign.once_each);
  EXPECT_EQ(back->front().took, campaign.took);
  EXPECT_EQ(to_json(back->front().evidence), to_json(campaign.evidence));
}

TEST_F(KeptCampaigns, WithoutTheTruthTheyAreRefused) {
  ProfileCampaign campaign = small_campaign();
  campaign.truth.erase({1, 2});
  ASSERT_THAT(keep({campaign}, path_), IsOk());
  EXPECT_THAT(kept_campaigns(path_), HasErrc(Errc::invalid_argument, HasSubstr("lacks the whole network")));
  campaign = small_campaign();
  campaign.truth.erase({2, 2});
  ASSERT_THAT(keep({campaign}, path_), IsOk());
  EXPECT_THAT(kept_campaigns(path_), HasErrc(Errc::invalid_argument, HasSubstr("group 2..2")));
  campaign = small_campaign();
  campaign.truth[{1, 1}].clear();
  ASSERT_THAT(keep({campaign}, path_), IsOk());
  EXPECT_THAT(kept_campaigns(path_), HasErrc(Errc::invalid_argument, HasSubstr("truth[0].latencies_ms")));
}

TEST_F(KeptCampaigns, ErrorsNameFileAndField) {
  EXPECT_THAT(kept_campaigns(path_), HasErrc(Errc::not_found, HasSubstr(path_.string())));
  ASSERT_THAT(write_file(path_, R"({"format": "tandem.profile-campaign.v1", "campaigns": [7]})"), IsOk());
  EXPECT_THAT(kept_campaigns(path_), HasErrc(Errc::invalid_argument, HasSubstr(path_.string() + ": campaigns[0]")));
}

}  // namespace
}  // namespace tandem::cli
