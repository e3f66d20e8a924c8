// The dissertation's qualitative schedules, from modelled profiles of its pair of machines and 8-bit features, over the
// links of Table 2.3 without round trips.
#include "jointdnn.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "matchers.hpp"
#include "tandem/network/import.hpp"

namespace tandem::cli {
namespace {

using plan::Objective;
using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::Each;

std::vector<link::Link> links() {
  std::vector<link::Link> links;
  for (const char* name : {"3g", "4g", "wifi"}) {
    links.push_back(*link::find(name));
    links.back().rtt = Milliseconds{0};
  }
  return links;
}

Result<PairOfTables> modelled(const network::Network& network, int batch) {
  auto device = profile::model_profile(network, *profile::find_device_model("jetson-tx2"), {.batch = batch});
  auto cloud = profile::model_profile(network, *profile::find_device_model("tesla-k40c"), {.batch = batch});
  if (!device) return forward_error(device);
  if (!cloud) return forward_error(cloud);
  device->codecs["linear8"] = profile::modelled_codec(network, profile::FeatureCoding::eight_bit, batch);
  cloud->codecs["linear8"] = device->codecs["linear8"];
  return PairOfTables{std::move(*device), std::move(*cloud)};
}

const std::vector<JointResult>& results_of(const std::string& name) {
  static std::map<std::string, std::vector<JointResult>> cache;
  auto& results = cache[name];
  if (results.empty()) {
    const auto network = network::load("zoo:" + name);
    EXPECT_THAT(network, IsOk());
    auto evaluated = evaluate(*network, modelled, {.links = links(), .batches = {1, 4}, .codec = "linear8"});
    EXPECT_THAT(evaluated, IsOk());
    results = std::move(*evaluated);
  }
  return results;
}

std::vector<std::string> patterns(const std::string& name, Phase phase) {
  std::vector<std::string> patterns;
  for (const JointResult& result : results_of(name)) {
    if (result.phase == phase && result.batch == 1) patterns.push_back(pattern_of(result));
  }
  return patterns;
}

const JointResult& result_of(const std::string& name, Phase phase, const std::string& link) {
  for (const JointResult& result : results_of(name)) {
    if (result.phase == phase && result.link == link && result.batch == 1 && result.objective == Objective::latency) {
      return result;
    }
  }
  ADD_FAILURE() << "no result of " << name << " over " << link;
  return results_of(name).front();
}

TEST(JointDnn, NoOptimumIsWorseThanOnePlaceAlone) {
  for (const char* name : {"alexnet", "chair", "pix2pix"}) {
    for (const JointResult& result : results_of(name)) {
      EXPECT_LE(result.cost, std::min(result.device_only, result.cloud_only) * (1 + 1e-9)) << name;
      EXPECT_GE(result.improvement(), -1e-6);
      EXPECT_GE(result.cloud_work, 0.0);
      EXPECT_LE(result.cloud_work, 1.0 + 1e-9);
    }
  }
}

TEST(JointDnn, DiscriminativeNetworksBeginOnTheDeviceAndEndInTheCloud) {
  for (const char* name : {"alexnet", "nin"}) {
    const auto found = patterns(name, Phase::inference);
    EXPECT_THAT(found, Each(AnyOf("device", "cloud", "device-cloud"))) << name;
    EXPECT_EQ(pattern_of(result_of(name, Phase::inference, "wifi")), "device-cloud") << name;
  }
}

// Fig. 2.12 (c): "the first nine layers", of which the input is one.
TEST(JointDnn, AlexNetOverWiFiIsCutAfterTheSecondPooling) {
  EXPECT_EQ(schedule_of(result_of("alexnet", Phase::inference, "wifi")), "device 1-8, cloud 9-21");
}

TEST(JointDnn, GenerativeNetworksBeginInTheCloudAndEndOnTheDevice) {
  const auto found = patterns("chair", Phase::inference);
  EXPECT_THAT(found, Each(AnyOf("device", "cloud", "cloud-device")));
  EXPECT_EQ(pattern_of(result_of("chair", Phase::inference, "4g")), "cloud-device");
}

TEST(JointDnn, AutoencodersAreInTheCloudInTheMiddleOnly) {
  EXPECT_EQ(pattern_of(result_of("pix2pix", Phase::inference, "4g")), "device-cloud-device");
}

TEST(JointDnn, TrainingComesBackToTheDevice) {
  for (const char* name : {"alexnet", "pix2pix"}) {
    EXPECT_THAT(patterns(name, Phase::training), Contains("device-cloud-device")) << name;
  }
}

TEST(JointDnn, SchedulesAreToldInLayersOfTheNetwork) {
  JointResult result;
  result.layers = 4;
  result.segments = {{.first = 1, .last = 3},
                     {.first = 4, .last = 4, .place = plan::Place::cloud},
                     {.first = 5, .last = 6, .place = plan::Place::cloud},
                     {.first = 7, .last = 8}};
  EXPECT_EQ(schedule_of(result), "device 1-3, cloud 4-4; backward cloud 4-3, device 2-1");
  EXPECT_EQ(pattern_of(result), "device-cloud-device");
}

}  // namespace
}  // namespace tandem::cli
