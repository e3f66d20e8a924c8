// Plans of graphs through the real program: good graphs, and hostile ones.
#include <gmock/gmock.h>

#include <algorithm>
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
