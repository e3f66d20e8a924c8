#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "matchers.hpp"
#include "tables.hpp"
#include "tandem/base/file.hpp"
#include "tandem/profile/cost_table.hpp"

namespace tandem::profile {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

CostTable small_table() {
  CostTable table = table_of(2);
  table.idle_power = Milliwatts{300};
  table.busy_power = Milliwatts{4000};
  table.slowdown = 10;
  table.boundary_bytes = {4000, 2000, 40};
  table.set({1, 1}, cost_of(1.25));
  table.set({1, 2}, cost_of(2.5));
  table.codecs["linear8"] = {.bytes = {900, 500, 20},
                             .encode = {Milliseconds{0.5}, Milliseconds{0.25}, Milliseconds{0.1}},
                             .decode = {Milliseconds{0.1}, Milliseconds{0.2}, Milliseconds{0.3}}};
  table.codecs["tfc/4"] = table.codecs["linear8"];
  table.codecs["tfc/4"].last_bytes = {400, 250, 0};
  table.codecs["tfc/4"].behind = {Milliseconds{1.5}, Milliseconds{0.75}, Milliseconds{0}};
  table.codecs["tfc/4"].ahead = {Milliseconds{0.5}, Milliseconds{0.25}, Milliseconds{0}};
  return table;
}

void expect_same(const CostTable& a, const CostTable& b) {
  EXPECT_EQ(to_json(a), to_json(b));
  EXPECT_EQ(a.group_count(), b.group_count());
}

class TemporaryFolder : public ::testing::Test {
 protected:
  TemporaryFolder()
      : folder_(std::filesystem::temp_directory_path() / ("tandem_profile_test" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(folder_);
  }
  ~TemporaryFolder() override { std::filesystem::remove_all(folder_); }
  [[nodiscard]] std::filesystem::path file(const char* name) const { return folder_ / name; }

 private:
  std::filesystem::path folder_;
};

using ProfileFile = TemporaryFolder;

TEST_F(ProfileFile, ComesBackAsItWasSaved) {
  const CostTable table = small_table();
  ASSERT_THAT(save(table, file("a.json")), IsOk());
  const auto loaded = load(file("a.json"));
  ASSERT_THAT(loaded, IsOk());
  expect_same(table, *loaded);
  EXPECT_EQ(loaded->slowdown, 10);
  EXPECT_EQ(loaded->busy_power, Milliwatts{4000});
  EXPECT_EQ(loaded->codecs.at("linear8").decode[2], Milliseconds{0.3});
  EXPECT_TRUE(loaded->codecs.at("linear8").behind.empty());
  EXPECT_EQ(loaded->codecs.at("tfc/4").last_bytes[1], 250);
  EXPECT_EQ(loaded->codecs.at("tfc/4").behind[1], Milliseconds{0.75});
  EXPECT_EQ(loaded->codecs.at("tfc/4").ahead[1], Milliseconds{0.25});
}

TEST_F(ProfileFile, TellsPredictedGroupsFromMeasuredOnesAndHowRequestsCame) {
  CostTable table = small_table();
  table.requests = Requests::back_to_back;
  table.set({2, 2}, {.latency = Milliseconds{1}, .std = Milliseconds{0.2}, .predicted = true});
  ASSERT_THAT(save(table, file("a.json")), IsOk());
  const auto loaded = load(file("a.json"));
  ASSERT_THAT(loaded, IsOk());
  expect_same(table, *loaded);
  EXPECT_TRUE(loaded->cost({2, 2}).predicted);
  EXPECT_EQ(loaded->cost({2, 2}).std, Milliseconds{0.2});
  EXPECT_FALSE(loaded->cost({1, 1}).predicted);
  EXPECT_EQ(loaded->measured_count(), 2U);
  EXPECT_EQ(loaded->requests, Requests::back_to_back);
  Json json = to_json(table);
  json["requests"] = "often";
  EXPECT_THAT(from_json(json), HasErrc(Errc::invalid_argument, HasSubstr("'requests'")));
}

TEST_F(ProfileFile, ErrorsNameTheFile) {
  EXPECT_THAT(load(file("none.json")), HasErrc(Errc::not_found, HasSubstr("none.json")));
  ASSERT_THAT(write_file(file("half.json"), "{\"format\": \"tandem.pro"), IsOk());
  EXPECT_THAT(load(file("half.json")), HasErrc(Errc::invalid_argument, HasSubstr("half.json")));
  EXPECT_THAT(save(small_table(), file("no/such/folder.json")), HasErrc(Errc::invalid_argument, HasSubstr("folder")));
}

TEST_F(ProfileFile, AnInterruptedProfileIsReadOnlyWhereAskedFor) {
  CostTable table = table_of(3);
  table.set({2, 2}, cost_of(1));  // does not cover the network
  ASSERT_THAT(save(table, file("a.partial"), Completeness::partial), IsOk());
  EXPECT_THAT(load(file("a.partial")), HasErrc(Errc::invalid_argument, HasSubstr("interrupted")));
  const auto kept = load(file("a.partial"), Completeness::partial);
  ASSERT_THAT(kept, IsOk());
  expect_same(table, *kept);
}

TEST_F(ProfileFile, NamesInAnyEncodingAreSaved) {
  CostTable table = small_table();
  table.layers[0] = "conv\xff\xfe";
  ASSERT_THAT(save(table, file("a.json")), IsOk());
  EXPECT_THAT(load(file("a.json")), IsOk());
}

TEST(ProfileJson, OptionalFieldsHaveDefaults) {
  Json json = to_json(small_table());
  for (const char* key : {"batch", "energy_source", "idle_power_mw", "busy_power_mw", "slowdown", "codecs"}) {
    json.erase(key);
  }
  for (Json& group : json["groups"]) {
    group.erase("energy_mj");
    group.erase("std_ms");
  }
  const auto table = from_json(json);
  ASSERT_THAT(table, IsOk());
  EXPECT_EQ(table->batch, 1);
  EXPECT_EQ(table->energy_source, "modelled");
  EXPECT_EQ(table->slowdown, 1.0);
  EXPECT_EQ(table->cost({1, 1}).energy, Millijoules{0});
}

struct Damage {
  const char* what;
  void (*apply)(Json&);
  const char* message;
};

class DamagedProfile : public ::testing::TestWithParam<Damage> {};

TEST_P(DamagedProfile, IsRefusedWithTheFieldsName) {
  Json json = to_json(small_table());
  GetParam().apply(json);
  EXPECT_THAT(from_json(json), HasErrc(Errc::invalid_argument, HasSubstr(GetParam().message)));
}

INSTANTIATE_TEST_SUITE_P(
    Each, DamagedProfile,
    ::testing::Values(
        Damage{"format", [](Json& j) { j["format"] = "tandem.plan.v1"; }, "'format'"},
        Damage{"no_layers", [](Json& j) { j["layers"] = Json::array(); }, "'layers'"},
        Damage{"too_many_layers", [](Json& j) { j["layers"] = std::vector<std::string>(4097, "x"); }, "'layers'"},
        Damage{"short_boundaries", [](Json& j) { j["boundary_bytes"] = {1, 2}; }, "'boundary_bytes'"},
        Damage{"negative_bytes", [](Json& j) { j["boundary_bytes"][1] = -1; }, "'boundary_bytes[1]'"},
        Damage{"missing_groups", [](Json& j) { j.erase("groups"); }, "'groups'"},
        Damage{"groups_of_numbers", [](Json& j) { j["groups"] = {1}; }, "'groups[0]'"},
        Damage{"group_outside", [](Json& j) { j["groups"][0]["last"] = 3; }, "'groups[0].last'"},
        Damage{"group_from_zero", [](Json& j) { j["groups"][0]["first"] = 0; }, "'groups[0].first'"},
        Damage{"group_backwards", [](Json& j) { j["groups"][1]["first"] = 2, j["groups"][1]["last"] = 1; },
               "'groups[1].last'"},
        Damage{"group_twice", [](Json& j) { j["groups"].push_back(j["groups"][0]); }, "twice"},
        Damage{"negative_latency", [](Json& j) { j["groups"][0]["latency_ms"] = -1; }, "'groups[0].latency_ms'"},
        Damage{"latency_as_text", [](Json& j) { j["groups"][0]["latency_ms"] = "1"; }, "'groups[0].latency_ms'"},
        Damage{"uncovered_layer", [](Json& j) { j["groups"].erase(1); }, "layer 2 ('layer2')"},
        Damage{"slowdown", [](Json& j) { j["slowdown"] = 0.5; }, "'slowdown'"},
        Damage{"codecs_list", [](Json& j) { j["codecs"] = Json::array(); }, "'codecs'"},
        Damage{"codec_short", [](Json& j) { j["codecs"]["linear8"]["encode_ms"] = {1}; }, "'codecs.linear8.encode_ms'"},
        Damage{"codec_lacks", [](Json& j) { j["codecs"]["linear8"].erase("bytes"); }, "'codecs.linear8.bytes'"},
        Damage{"codec_pieces", [](Json& j) { j["codecs"]["tfc/4"].erase("last_bytes"); }, "'codecs.tfc/4.last_bytes'"},
        Damage{"codec_behind", [](Json& j) { j["codecs"]["tfc/4"]["behind_ms"] = {1}; }, "'codecs.tfc/4.behind_ms'"},
        Damage{"partial", [](Json& j) { j["partial"] = true; }, "'partial'"}),
    [](const auto& damage) { return damage.param.what; });

RC_GTEST_PROP(ProfileJson, AnyJsonIsReadOrRefusedInOneLine, (const std::vector<std::string>& keys)) {
  Json json = to_json(small_table());
  const std::vector<Json> odd{nullptr, 1e300, "x", Json::object(), {-1, 0}};
  for (const std::string& key : keys) json[key] = key;
  for (const char* key : {"layers", "groups", "codecs", "boundary_bytes", "batch"}) {
    if (*rc::gen::arbitrary<bool>()) json[key] = *rc::gen::elementOf(odd);
  }
  const auto table = from_json(json);
  if (!table) RC_ASSERT(table.error().message.find('\n') == std::string::npos);
}

TEST(ProfileJson, AllGroupsOfFiveHundredLayersAreReadQuickly) {
  constexpr int kLayers = 500;
  CostTable table = table_of(kLayers);
  for (int first = 1; first <= kLayers; ++first) {
    for (int last = first; last <= kLayers; ++last) table.set({first, last}, cost_of(last - first + 1));
  }
  const Json json = to_json(table);
  const auto start = std::chrono::steady_clock::now();
  const auto read = from_json(json);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(read->group_count(), table.group_count());
  EXPECT_LT(took.count(), 5.0);
  RecordProperty("seconds", std::to_string(took.count()));
}

}  // namespace
}  // namespace tandem::profile
