// A device and a cloud as two processes, over loopback or a shaped link between them.
#include <gmock/gmock.h>

#include <filesystem>

#include "program.hpp"
#include "tandem/base/json.hpp"

namespace tandem::e2e {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;

const std::string kScene = std::string(TANDEM_SCENES_DIR) + "/01-morning.jpg";

std::string serve_and_listen(Running& cloud) {
  const auto json = parse_json(cloud.line());
  return json && json->contains("listening") ? (*json)["listening"].get<std::string>() : std::string();
}

std::vector<Json> rows(const std::string& text) {
  std::vector<Json> all;
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t end = text.find('\n', from);
    if (auto json = parse_json(text.substr(from, end - from))) all.push_back(*json);
    from = end == std::string::npos ? text.size() : end + 1;
  }
  return all;
}

TEST(SplitRun, AnswersAsTheWholeNetworkAndSaysWhatItTook) {
  Running cloud({"serve", "zoo:mobilenetv2", "--listen", "127.0.0.1:0", "--json"});
  const std::string address = serve_and_listen(cloud);
  ASSERT_NE(address, "");
  const Ended alone = run({"run", "zoo:mobilenetv2", "--input", kScene, "--json"});
  ASSERT_EQ(alone.exit_code, 0) << alone.err;
  for (const char* cut : {"auto", "0", "8"}) {
    const Ended split = run({"run", "zoo:mobilenetv2", "--input", kScene, "--cloud", address, "--cut", cut, "--codec",
                             "raw", "--require-cloud", "--json"});
    ASSERT_EQ(split.exit_code, 0) << split.err;
    const Json row = rows(split.out).at(0);
    EXPECT_EQ(row["top"][0]["index"], rows(alone.out).at(0)["top"][0]["index"]);
    EXPECT_FALSE(row["degraded"].get<bool>());
    for (const char* key : {"input", "cut", "total_ms", "device_ms", "encode_ms", "upload_ms", "cloud_ms",
                            "download_ms", "up_bytes", "down_bytes", "energy_mj", "predicted_ms"}) {
      EXPECT_TRUE(row.contains(key)) << key;
    }
  }
  EXPECT_EQ(cloud.stop(), 0);
}

TEST(SplitRun, ACloudThatCannotBeReachedMeansTheDeviceAndAWarning) {
  const std::vector<std::string> arguments{"run",     "zoo:chair",   "--input", "random:1",
                                           "--cloud", "127.0.0.1:1", "--json"};
  const Ended without = run(arguments);
  EXPECT_EQ(without.exit_code, 0) << without.err;
  EXPECT_THAT(without.err, HasSubstr("127.0.0.1:1"));
  EXPECT_EQ(rows(without.out).at(0)["cut"], 10);
  auto requiring = arguments;
  requiring.emplace_back("--require-cloud");
  EXPECT_EQ(run(requiring).exit_code, 4);
}

TEST(SplitRun, ACloudThatDiesMidwayIsSurvived) {
  Running cloud({"serve", "zoo:chair", "--listen", "127.0.0.1:0", "--json"});
  const std::string address = serve_and_listen(cloud);
  ASSERT_NE(address, "");
  Running device(
      {"run", "zoo:chair", "--input", "random:1", "--cloud", address, "--cut", "2", "--repeat", "60", "--json"});
  ASSERT_NE(device.line(), "");
  cloud.kill();
  bool degraded = false;
  for (int i = 1; i < 60; ++i) {
    const auto json = parse_json(device.line(seconds(20)));
    ASSERT_TRUE(json.has_value()) << "after " << i;
    degraded = degraded || (*json)["degraded"].get<bool>();
  }
  EXPECT_TRUE(degraded);
}

TEST(SplitRun, ThePlannedTimeIsNearTheMeasuredOneOverAShapedLink) {
  Running cloud({"serve", "zoo:chair", "--listen", "127.0.0.1:0", "--json"});
  const std::string address = serve_and_listen(cloud);
  ASSERT_NE(address, "");
  Running proxy({"link", "shape", "--link", "4g", "--target", address, "--listen", "127.0.0.1:0", "--json"});
  const std::string shaped = serve_and_listen(proxy);
  ASSERT_NE(shaped, "");
  const Ended ended = run({"run", "zoo:chair", "--input", "random:1", "--cloud", shaped, "--link", "4g", "--cut", "0",
                           "--codec", "raw", "--repeat", "5", "--require-cloud", "--json"});
  ASSERT_EQ(ended.exit_code, 0) << ended.err;
  const Json row = rows(ended.out).at(4);
  // 196,608 bytes at 13.76 Mbps and a round trip of 60 ms: nothing can be faster; much slower is a defect.
  EXPECT_GT(row["total_ms"].get<double>(), 170);
  EXPECT_LT(row["total_ms"].get<double>(), 400);
}

TEST(Zoo, ListsTheDissertationsLayerCounts) {
  const Ended ended = run({"zoo", "--json"});
  ASSERT_EQ(ended.exit_code, 0) << ended.err;
  const std::map<std::string, int> expected{{"alexnet", 21}, {"overfeat", 14}, {"deepspeech", 10}, {"resnet", 70},
                                            {"vgg16", 37},   {"nin", 29},      {"chair", 10},      {"pix2pix", 32}};
  int found = 0;
  const Json listed = parse_json(ended.out).value();
  for (const Json& network : listed["networks"]) {
    const auto entry = expected.find(network["name"].get<std::string>());
    if (entry == expected.end()) continue;
    EXPECT_EQ(network["layers"], entry->second);
    ++found;
  }
  EXPECT_EQ(found, 8);
}

}  // namespace
}  // namespace tandem::e2e
