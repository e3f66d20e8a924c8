// `tandem profile` and its store: what is kept, found again, compared and refused.
#include <gmock/gmock.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "pools.hpp"
#include "program.hpp"
#include "tandem/base/json.hpp"

namespace tandem::e2e {
namespace {

using ::testing::HasSubstr;

// A store of its own for the programs a test runs.
class ProfileStore : public ::testing::Test {
 protected:
  ProfileStore() {
    ::setenv("TANDEM_PROFILES", (folder_ / "store").c_str(), 1);
    write_pools(network_, {.layers = 4});
  }
  ~ProfileStore() override { ::unsetenv("TANDEM_PROFILES"); }

  static Json json(const Ended& ended) {
    EXPECT_EQ(ended.exit_code, 0) << ended.err;
    return parse_json(ended.out).value_or(Json());
  }
  static void replace(const std::string& file, const std::string& what, const std::string& by) {
    std::ifstream in(file);
    std::string text(std::istreambuf_iterator<char>(in), {});
    const std::size_t at = text.find(what);
    ASSERT_NE(at, std::string::npos) << what;
    std::ofstream(file) << text.replace(at, what.size(), by);
  }

  TemporaryFolder folder_;
  const std::string network_ = folder_ / "pools.xml";
};

TEST_F(ProfileStore, KeepsShowsComparesExportsMergesRefusesAndForgets) {
  EXPECT_THAT(run({"profile", "list"}).out, HasSubstr("no profile in"));
  const Json made = json(run({"profile", network_, "--slowdown", "10", "-o", folder_ / "slow.json", "--json"}));
  EXPECT_EQ(made["slowdown"], 10.0);
  const Json listed = json(run({"profile", "list", "--json"}));
  ASSERT_EQ(listed["profiles"].size(), 1U);
  const Json entry = listed["profiles"][0];
  EXPECT_EQ(entry["network"], "pools");
  EXPECT_EQ(entry["slowdown"], 1.0) << "what was measured, not what is emulated";
  EXPECT_EQ(entry["stale"], false);
  EXPECT_THAT(entry["runtime"].get<std::string>(), HasSubstr("openvino 20"));
  const std::string id = entry["id"];
  EXPECT_THAT(run({"profile", "list"}).out, HasSubstr(id));
  EXPECT_THAT(run({"profile", "show", id.substr(0, 6)}).out, HasSubstr("from here on"));

  ASSERT_EQ(run({"profile", "export", id, "-o", folder_ / "a.json"}).exit_code, 0);
  const Json same = json(run({"profile", "diff", id, folder_ / "a.json", "--json"}));
  EXPECT_EQ(same["median_ratio"], 1.0);
  EXPECT_EQ(same["groups"].size(), entry["groups"].get<std::size_t>());
  const Json slower = json(run({"profile", "diff", folder_ / "a.json", folder_ / "slow.json", "--json"}));
  EXPECT_NEAR(slower["median_ratio"].get<double>(), 10, 1e-6);
  EXPECT_EQ(run({"profile", "merge", id, folder_ / "a.json", "-o", folder_ / "both.json"}).exit_code, 0);
  EXPECT_THAT(run({"profile", "merge", id, folder_ / "slow.json", "-o", folder_ / "x.json"}).err,
              HasSubstr("slowdown"));

  // One of another runtime is refused where it is to be executed, with the command that renews it.
  replace(folder_ / "both.json", "\"runtime\": \"openvino ", "\"runtime\": \"openvino 1-");
  const Ended stale = run({"run", network_, "--input", "random:1", "--profile-device", folder_ / "both.json"});
  EXPECT_EQ(stale.exit_code, 2);
  EXPECT_THAT(stale.err, HasSubstr("renew it with: tandem profile pools -o"));

  // Planning finds it: nothing is measured again.
  const Json before = json(run({"plan", network_, "--slowdown", "10", "--link", "4g", "--json"}));
  EXPECT_EQ(json(run({"profile", "list", "--json"}))["profiles"].size(), 1U);
  EXPECT_GT(before["baselines"]["device_only"]["latency_ms"].get<double>(), 0);
  EXPECT_EQ(run({"profile", "remove", id}).exit_code, 0);
  EXPECT_EQ(run({"profile", "show", id}).exit_code, 2);
}

TEST_F(ProfileStore, WithoutANetworkSaysWhatToGive) {
  const Ended ended = run({"profile"});
  EXPECT_EQ(ended.exit_code, 2);
  EXPECT_THAT(ended.err, HasSubstr("give a NETWORK"));
}

TEST_F(ProfileStore, SaysWhenThereIsNoMeter) {
  std::filesystem::create_directory(folder_ / "sys");
  EXPECT_THAT(run({"profile", "meters", "--meter-root", folder_ / "sys"}).out, HasSubstr("no energy meter"));
  const Ended ended = run({"profile", network_, "--meter", "auto", "--meter-root", folder_ / "sys"});
  EXPECT_EQ(ended.exit_code, 2);
  EXPECT_THAT(ended.err, HasSubstr("no energy meter under"));
  EXPECT_THAT(run({"profile", network_, "--meter", "auto", "--device-model", "jetson-tx2"}).err,
              HasSubstr("leave --meter out"));
  const Ended both = run({"profile", network_, "--meter", "auto", "--slowdown", "2"});
  EXPECT_EQ(both.exit_code, 2);
  EXPECT_THAT(both.err, HasSubstr("leave --slowdown"));
}

TEST_F(ProfileStore, ListsTheMetersThereAre) {
  const std::string chip = folder_ / "sys/class/hwmon/hwmon0";
  std::filesystem::create_directories(chip);
  std::ofstream(chip + "/name") << "ina226\n";
  std::ofstream(chip + "/power1_input") << "3000000\n";
  const Json listed = json(run({"profile", "meters", "--meter-root", folder_ / "sys", "--json"}));
  EXPECT_EQ(listed["meters"][0]["name"], "ina226");
  EXPECT_EQ(listed["meters"][0]["usable"], true);
  EXPECT_EQ(listed["meters"][0]["says"], "3.000 W now");
}

}  // namespace
}  // namespace tandem::e2e
