// Plans of graphs through the real program: good graphs, and hostile ones.
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "program.hpp"

namespace tandem::e2e {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::json;

// 1 ms in the cloud and 100 on the device, but the last node, which is quick on both.
Json graph() {
  Json graph{{"format", "tandem.graph.v1"}, {"input_bytes", 100}, {"inputs", {"a"}}, {"outputs", {"d"}}};
  for (const char* id : {"a", "b", "c", "d"}) {
    graph["nodes"].push_back(
        {{"id", id}, {"device_ms", 100}, {"device_mj", 400}, {"cloud_ms", 1}, {"output_bytes", 1000}});
  }
  graph["nodes"][3]["device_ms"] = 1;
  graph["edges"] = Json::parse(R"([["a", "b"], ["a", "c"], ["b", "d"], ["c", "d"]])");
  return graph;
}

Ended plan(const std::string& text, std::vector<std::string> more = {}) {
  const TemporaryFolder folder;
  std::ofstream(folder / "g.json") << text;
  std::vector<std::string> arguments{"plan", "--graph", "g.json", "--link", "4g"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  Ended ended = run(arguments, folder.path());
  EXPECT_EQ(folder.names(), std::vector<std::string>{"g.json"});
  return ended;
}

TEST(PlanGraph, AnswersWithThePlaceOfEveryNode) {
  const Ended ended = plan(graph().dump(), {"--objective", "latency", "--json"});
  ASSERT_EQ(ended.exit_code, 0) << ended.err;
  const Json answer = Json::parse(ended.out);
  EXPECT_EQ(answer["format"], "tandem.plan.v1");
  EXPECT_EQ(answer["assignment"], (Json{{"a", "cloud"}, {"b", "cloud"}, {"c", "cloud"}, {"d", "cloud"}}));
  EXPECT_TRUE(answer["feasible"].get<bool>());
  EXPECT_TRUE(answer["proven_optimal"].get<bool>());
}

TEST(PlanGraph, PicturesItForPeople) {
  const Ended ended = plan(graph().dump());
  ASSERT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_THAT(ended.out, HasSubstr("g.json over 4g: 4 nodes, proven optimal"));
  EXPECT_THAT(ended.out, HasSubstr("4 of 4  a, b, c, d"));
}

TEST(PlanGraph, KeepsPins) {
  Json pinned = graph();
  pinned["nodes"][0]["pin"] = "device";
  const Ended ended = plan(pinned.dump(), {"--json"});
  ASSERT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_EQ(Json::parse(ended.out)["assignment"]["a"], "device");
}

TEST(PlanGraph, OnSeveralTiersNamesTheTierOfEveryNode) {
  Json tiered = graph();
  for (Json& node : tiered["nodes"]) node["tier_ms"]["edge"] = 2;
  tiered["nodes"][0]["pin"] = "device";
  const Ended ended = plan(tiered.dump(), {"--tier", "edge", "--tier-link", "device-edge=wifi", "--json"});
  ASSERT_EQ(ended.exit_code, 0) << ended.err;
  const Json answer = Json::parse(ended.out);
  EXPECT_EQ(answer["format"], "tandem.tiered-plan.v1");
  EXPECT_EQ(answer["assignment"], (Json{{"a", "device"}, {"b", "edge"}, {"c", "edge"}, {"d", "edge"}}));
  EXPECT_TRUE(answer["proven_optimal"].get<bool>());
  EXPECT_EQ(answer["transfers"].size(), 2);
  const Ended missing = plan(tiered.dump(), {"--tier", "fog"});
  EXPECT_EQ(missing.exit_code, 2);
  EXPECT_THAT(missing.err, HasSubstr("nodes[0].tier_ms"));
}

TEST(PlanGraph, LoadsMakeAPlaceSlower) {
  const Ended ended = plan(graph().dump(), {"--cloud-load", "1000", "--json"});
  ASSERT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_EQ(Json::parse(ended.out)["assignment"]["a"], "device");
}

TEST(PlanGraph, WhatKeepsNoLimitIsNotCalledOptimal) {
  const Ended ended = plan(graph().dump(), {"--deadline", "1"});
  EXPECT_EQ(ended.exit_code, 3) << ended.err;
  EXPECT_THAT(ended.out, HasSubstr("no assignment keeps all limits"));
  EXPECT_THAT(ended.out, ::testing::Not(HasSubstr("optimal")));
}

// Profiles that a device model made, in files: a network's blocks, and what lies inside them.
TEST(PlanInsideBlocks, CostsNoMoreThanThePlanBetweenBlocks) {
  const TemporaryFolder folder;
  const auto profile = [&folder](const char* model, const char* file) {
    const Ended ended =
        run({"profile", "zoo:mobilenetv2", "--device-model", model, "-o", file, "--json"}, folder.path());
    EXPECT_EQ(ended.exit_code, 0) << ended.err;
  };
  profile("jetson-tx2", "d.json");
  profile("tesla-k40c", "c.json");
  const std::vector<std::string> between{
      "plan", "zoo:mobilenetv2", "--profile-device", "d.json", "--profile-cloud", "c.json", "--link", "wifi", "--json"};
  std::vector<std::string> inside = between;
  inside.emplace_back("--inside-blocks");
  const Json one = Json::parse(run(between, folder.path()).out), other = Json::parse(run(inside, folder.path()).out);
  EXPECT_EQ(other["assignment"].size(), 65);
  EXPECT_LE(other["latency_ms"].get<double>(), one["latency_ms"].get<double>() * (1 + 1e-9));
  EXPECT_EQ(other["proven_optimal"].get<bool>(), other["costs"] == "fused");
  if (other["costs"] == "fused") {
    EXPECT_NEAR(other["latency_ms"].get<double>(), one["latency_ms"].get<double>(), 1e-6);
  }
}

TEST(BenchJointDnn, ReadsAFolderOfProfiles) {
  const TemporaryFolder folder;
  for (const auto& [model, place] : {std::pair{"jetson-tx2", "device"}, {"tesla-k40c", "cloud"}}) {
    std::filesystem::create_directory(folder / place);
    const Ended ended = run(
        {"profile", "zoo:chair", "--device-model", model, "-o", std::string(place) + "/chair.profile.json", "--json"},
        folder.path());
    ASSERT_EQ(ended.exit_code, 0) << ended.err;
  }
  const std::vector<std::string> folders{"bench",     "jointdnn", "--device",  "device", "--cloud", "cloud",
                                         "--network", "chair",    "--batches", "1",      "--json"};
  const Ended measured = run(folders, folder.path());
  ASSERT_EQ(measured.exit_code, 0) << measured.err;
  const Ended modelled = run({"bench", "jointdnn", "--network", "chair", "--batches", "1", "--json"});
  ASSERT_EQ(modelled.exit_code, 0) << modelled.err;
  const Json rows = Json::parse(measured.out)["rows"], same = Json::parse(modelled.out)["rows"];
  ASSERT_EQ(rows.size(), 12);  // two phases, three links, two objectives
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(rows[i]["schedule"], same[i]["schedule"]);
    EXPECT_NEAR(rows[i]["figure"].get<double>(), same[i]["figure"].get<double>(), 1e-6);
  }
  std::vector<std::string> larger = folders;
  larger[9] = "2";
  const Ended refused = run(larger, folder.path());
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, HasSubstr("--batches 1"));
}

struct Hostile {
  const char* name;
  void (*damage)(Json&);
  const char* says;
};

void PrintTo(const Hostile& hostile, std::ostream* out) {
  *out << hostile.name;
}

class HostileGraph : public ::testing::TestWithParam<Hostile> {};

TEST_P(HostileGraph, GivesOneLineThatNamesTheField) {
  Json damaged = graph();
  GetParam().damage(damaged);
  const Ended ended = plan(damaged.dump());
  EXPECT_EQ(ended.exit_code, 2);
  EXPECT_EQ(ended.out, "");
  EXPECT_THAT(ended.err, HasSubstr("g.json"));
  EXPECT_THAT(ended.err, HasSubstr(GetParam().says));
  EXPECT_EQ(std::ranges::count(ended.err, '\n'), 1) << ended.err;
}

INSTANTIATE_TEST_SUITE_P(
    Cli, HostileGraph,
    ::testing::Values(Hostile{"cycle", [](Json& j) { j["edges"].push_back({"d", "a"}); }, "edges["},
                      Hostile{"unknown_id", [](Json& j) { j["edges"][2][0] = "x"; }, "edges[2][0]"},
                      Hostile{"id_twice", [](Json& j) { j["nodes"][3]["id"] = "b"; }, "nodes[3].id"},
                      Hostile{"negative", [](Json& j) { j["nodes"][3]["device_ms"] = -1; }, "nodes[3].device_ms"},
                      Hostile{"null_for_nan", [](Json& j) { j["nodes"][2]["device_mj"] = nullptr; },
                              "nodes[2].device_mj"},
                      Hostile{"no_nodes", [](Json& j) { j["nodes"] = 1'000'000'000; }, "nodes"},
                      Hostile{"edge_twice", [](Json& j) { j["edges"].push_back({"a", "b"}); }, "edges[4]"}),
    [](const auto& test) { return test.param.name; });

TEST(HostileGraphFile, ANumberThatIsNoneIsNamed) {
  for (const char* number : {"NaN", "1e999", "-Infinity", "0x10"}) {
    std::string text = graph().dump();
    text.replace(text.find("\"device_ms\":100,"), 15, std::string("\"device_ms\":") + number);
    const Ended ended = plan(text);
    EXPECT_EQ(ended.exit_code, 2) << number;
    EXPECT_THAT(ended.err, HasSubstr("nodes[0].device_ms")) << number;
    EXPECT_EQ(std::ranges::count(ended.err, '\n'), 1) << ended.err;
  }
}

TEST(HostileGraphFile, AHugeFileIsRefusedUnread) {
  const TemporaryFolder folder;
  {
    std::ofstream file(folder / "huge.json");
    file.seekp(std::int64_t{3} << 30);
    file << "}";
  }
  const Ended ended = run({"plan", "--graph", "huge.json", "--link", "4g"}, folder.path());
  EXPECT_EQ(ended.exit_code, 2);
  EXPECT_THAT(ended.err, HasSubstr("huge.json"));
  EXPECT_EQ(std::ranges::count(ended.err, '\n'), 1) << ended.err;
}

TEST(HostileGraphFile, AGraphBesideANetworkIsRefused) {
  EXPECT_EQ(run({"plan", "zoo:chair", "--graph", "g.json", "--link", "4g"}).exit_code, 2);
}

}  // namespace
}  // namespace tandem::e2e
