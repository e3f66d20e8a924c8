#include "tandem/profile/store.hpp"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <thread>

#include "matchers.hpp"

namespace tandem::profile {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class ProfileStoreTest : public ::testing::Test {
 protected:
  ~ProfileStoreTest() override { fs::remove_all(folder_); }

  static fs::path new_folder() {
    std::string name = (fs::temp_directory_path() / "tandem-store-XXXXXX").string();
    return ::mkdtemp(name.data());
  }

  fs::path folder_ = new_folder();
  ProfileStore store_{folder_ / "a" / "b"};
};

CostTable table_of(const std::string& fingerprint = "0123456789abcdef", double latency = 5) {
  CostTable table;
  table.network = "net";
  table.fingerprint = fingerprint;
  table.device = "some processor, 2 threads, f32";
  table.threads = 2;
  table.precision = "f32";
  table.runtime = "openvino 1.2.3";
  table.layers = {"a", "b", "c"};
  table.boundary_bytes = {1, 2, 3, 4};
  table.set({.first = 1, .last = 3}, {.latency = Milliseconds{latency}, .energy = {}, .std = Milliseconds{0.1}});
  return table;
}

TEST_F(ProfileStoreTest, FindsWhatItKept) {
  const CostTable table = table_of();
  EXPECT_FALSE(store_.find(key_of(table)).value().has_value());
  EXPECT_TRUE(store_.list().empty());
  const auto kept = store_.keep(table);
  ASSERT_THAT(kept, IsOk());
  const auto found = store_.find(key_of(table)).value();
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(to_json(*found), to_json(table));
  EXPECT_EQ(store_.list().at(0).id, kept->id);
  EXPECT_EQ(store_.get(kept->id.substr(0, 5))->id, kept->id);
}

TEST_F(ProfileStoreTest, KeepsOneForEveryPartOfTheKey) {
  std::set<std::string> ids;
  const auto keep = [&](auto change) {
    CostTable table = table_of();
    change(table);
    ASSERT_THAT(store_.keep(table), IsOk());
    ids.insert(id_of(key_of(table)));
    EXPECT_TRUE(store_.find(key_of(table)).value().has_value());
  };
  keep([](CostTable&) {});
  keep([](CostTable& t) { t.fingerprint = "fedcba9876543210"; });
  keep([](CostTable& t) { t.device = "another"; });
  keep([](CostTable& t) { t.batch = 4; });
  keep([](CostTable& t) { t.threads = 1; });
  keep([](CostTable& t) { t.precision = "bf16"; });
  keep([](CostTable& t) { t.runtime = "openvino 1.2.4"; });
  keep([](CostTable& t) { t.energy_source = "measured:rapl"; });
  keep([](CostTable& t) { t.requests = Requests::back_to_back; });
  EXPECT_EQ(ids.size(), 9U);
  EXPECT_EQ(store_.list().size(), 9U);
}

TEST_F(ProfileStoreTest, AMeasuredGroupIsNotReplacedByAPrediction) {
  ASSERT_THAT(store_.keep(table_of()), IsOk());
  CostTable predicted = table_of();
  predicted.set({.first = 1, .last = 3}, {.latency = Milliseconds{4}, .std = Milliseconds{1}, .predicted = true});
  predicted.set({.first = 1, .last = 2}, {.latency = Milliseconds{3}, .std = Milliseconds{1}, .predicted = true});
  const auto kept = store_.keep(predicted);
  ASSERT_THAT(kept, IsOk());
  EXPECT_EQ(kept->table.cost({.first = 1, .last = 3}).latency, Milliseconds{5});
  EXPECT_TRUE(kept->table.cost({.first = 1, .last = 2}).predicted);
  EXPECT_EQ(kept->table.measured_count(), 1U);
  CostTable surer = predicted;
  surer.set({.first = 1, .last = 2}, {.latency = Milliseconds{3.5}, .std = Milliseconds{0.1}, .predicted = true});
  EXPECT_EQ(merge(predicted, surer)->cost({.first = 1, .last = 2}).latency, Milliseconds{3.5});
  EXPECT_EQ(merge(predicted, table_of())->cost({.first = 1, .last = 3}).latency, Milliseconds{5});
}

TEST_F(ProfileStoreTest, ANewMeasurementReplacesTheOldAndKeepsWhatItDoesNotHave) {
  CostTable all = table_of();
  all.set({.first = 2, .last = 2}, {.latency = Milliseconds{1}});
  ASSERT_THAT(store_.keep(all), IsOk());
  ASSERT_THAT(store_.keep(table_of("0123456789abcdef", 7)), IsOk());
  const CostTable kept = *store_.find(key_of(all)).value();
  EXPECT_EQ(kept.cost({.first = 1, .last = 3}).latency, Milliseconds{7});
  EXPECT_EQ(kept.cost({.first = 2, .last = 2}).latency, Milliseconds{1});
}

TEST_F(ProfileStoreTest, KeepsNothingThatIsEmulated) {
  CostTable table = table_of();
  table.slowdown = 10;
  EXPECT_THAT(store_.keep(table), HasErrc(Errc::invalid_argument, HasSubstr("only what was measured")));
}

TEST_F(ProfileStoreTest, NamesWhatIsDamagedAndShowsTheRest) {
  ASSERT_THAT(store_.keep(table_of()), IsOk());
  const CostTable other = table_of("fedcba9876543210");
  ASSERT_THAT(store_.keep(other), IsOk());
  std::ofstream(store_.get(id_of(key_of(other)))->file) << "{";
  std::vector<Error> damaged;
  EXPECT_EQ(store_.list(&damaged).size(), 1U);
  ASSERT_EQ(damaged.size(), 1U);
  EXPECT_THAT(damaged[0].message, HasSubstr(id_of(key_of(other))));
  EXPECT_THAT(store_.find(key_of(other)), HasErrc(Errc::invalid_argument, HasSubstr(".profile.json")));
}

TEST_F(ProfileStoreTest, SaysWhatIsNotThereOrNotClear) {
  EXPECT_THAT(store_.get("12"), HasErrc(Errc::not_found, HasSubstr("no profile '12'")));
  ASSERT_THAT(store_.keep(table_of()), IsOk());
  CostTable other = table_of();
  other.batch = 8;
  ASSERT_THAT(store_.keep(other), IsOk());
  EXPECT_THAT(store_.get("0123"), HasErrc(Errc::invalid_argument, HasSubstr("2 profiles begin with '0123'")));
  EXPECT_THAT(store_.get(""), HasErrc(Errc::not_found, HasSubstr("no profile ''")));
  ASSERT_THAT(store_.remove(id_of(key_of(other))), IsOk());
  EXPECT_THAT(store_.get("0123"), IsOk());
}

TEST_F(ProfileStoreTest, AFolderThatCannotBeMadeIsAnError) {
  std::ofstream(folder_ / "file") << "x";
  EXPECT_THAT(ProfileStore(folder_ / "file" / "store").keep(table_of()),
              HasErrc(Errc::invalid_argument, HasSubstr("profiles cannot be kept here")));
}

// Each process keeps groups of its own in one profile, while others read it: nothing is lost, nothing is half there.
TEST_F(ProfileStoreTest, ConcurrentProcessesLoseNothing) {
  constexpr int kProcesses = 4;
  constexpr int kGroups = 25;
  const auto table = [] {
    CostTable base = table_of();
    base.layers.assign(std::size_t{kProcesses} * kGroups, "x");
    base.boundary_bytes.assign(std::size_t{kProcesses} * kGroups + 1, 1.0);
    return base;
  };
  std::vector<pid_t> children;
  for (int process = 0; process < kProcesses; ++process) {
    const pid_t child = ::fork();
    if (child == 0) {
      for (int group = 0; group < kGroups; ++group) {
        CostTable mine = table();
        mine.set({.first = 1, .last = kProcesses * kGroups}, {.latency = Milliseconds{9}});
        const int layer = process * kGroups + group + 1;
        mine.set({.first = layer, .last = layer}, {.latency = Milliseconds{1}});
        if (!store_.keep(mine)) ::_exit(1);
        const auto found = store_.find(key_of(mine));
        if (!found || !*found) ::_exit(2);
      }
      ::_exit(0);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = -1;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  const auto kept = store_.find(key_of(table())).value();
  ASSERT_TRUE(kept.has_value());
  EXPECT_EQ(kept->group_count(), static_cast<std::size_t>(kProcesses * kGroups + 2));
}

TEST(UserStoreFolder, FollowsTheEnvironment) {
  const auto set = [](const char* name, const char* value) {
    value == nullptr ? ::unsetenv(name) : ::setenv(name, value, 1);
  };
  const std::string home = std::getenv("HOME") != nullptr ? std::getenv("HOME") : "";
  set("TANDEM_PROFILES", "/a");
  set("XDG_DATA_HOME", "/b");
  set("HOME", "/c");
  EXPECT_EQ(user_store_folder().value(), "/a");
  set("TANDEM_PROFILES", nullptr);
  EXPECT_EQ(user_store_folder().value(), "/b/tandem/profiles");
  set("XDG_DATA_HOME", "");
  EXPECT_EQ(user_store_folder().value(), "/c/.local/share/tandem/profiles");
  set("HOME", nullptr);
  EXPECT_THAT(user_store_folder(), HasErrc(Errc::not_found, HasSubstr("no folder for profiles")));
  set("HOME", home.empty() ? nullptr : home.c_str());
}

TEST(MergeProfiles, TakesTheGroupsOfBothAndTheLesserOfTwo) {
  CostTable a = table_of("0123456789abcdef", 5);
  a.set({.first = 1, .last = 1}, {.latency = Milliseconds{2}});
  CostTable b = table_of("0123456789abcdef", 4);
  b.set({.first = 3, .last = 3}, {.latency = Milliseconds{3}});
  const auto merged = merge(a, b);
  ASSERT_THAT(merged, IsOk());
  EXPECT_EQ(merged->group_count(), 3U);
  EXPECT_EQ(merged->cost({.first = 1, .last = 3}).latency, Milliseconds{4});
  EXPECT_EQ(to_json(*merge(a, b))["groups"], to_json(*merge(b, a))["groups"]);
}

TEST(MergeProfiles, RefusesWhatDoesNotBelongTogether) {
  CostTable other = table_of();
  other.runtime = "openvino 9";
  EXPECT_THAT(merge(table_of(), other),
              HasErrc(Errc::failed_precondition, HasSubstr("runtime: 'openvino 1.2.3' and 'openvino 9'")));
  CostTable measured = table_of();
  measured.energy_source = "measured:rapl";
  EXPECT_THAT(merge(table_of(), measured), HasErrc(Errc::failed_precondition, HasSubstr("one measured, one modelled")));
}

TEST(CheckRuntime, RefusesAnotherAndNamesTheCommand) {
  EXPECT_THAT(check_runtime(table_of(), "openvino 1.2.3", "x.json"), IsOk());
  EXPECT_THAT(check_runtime(table_of(), "openvino 2.0.0", "x.json"),
              HasErrc(Errc::failed_precondition,
                      HasSubstr("was measured by openvino 1.2.3, this is openvino 2.0.0; renew it with: tandem profile "
                                "net -o x.json")));
  CostTable silent = table_of();
  silent.runtime.clear();
  EXPECT_THAT(check_runtime(silent, "openvino 2.0.0", "x.json"), IsOk());
}

}  // namespace
}  // namespace tandem::profile
