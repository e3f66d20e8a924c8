// What `tandem codec tune` measured decides what `tandem run --tuning` sends.
#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <sstream>

#include "pools.hpp"
#include "program.hpp"
#include "tandem/base/json.hpp"

namespace tandem::e2e {
namespace {

using ::testing::HasSubstr;

// A small network in the cloud, and a tuning of it in which every coding is within the loss.
class RunTuning : public ::testing::Test {
 protected:
  RunTuning() {
    write_pools(network_, {.layers = 3, .channels = 3, .classifies = true});
    const Ended tuned = tune(network_);
    EXPECT_EQ(tuned.exit_code, 0) << tuned.err;
    tuning_ = parse_json(tuned.out).value_or(Json());
    cloud_.emplace(std::vector<std::string>{"serve", network_, "--listen", "127.0.0.1:0", "--json"});
    const auto serving = parse_json(cloud_->line()).value_or(Json::object());
    address_ = serving.value("listening", "");
  }

  static Ended tune(const std::string& network) {
    return run({"codec", "tune", network, "--data", TANDEM_SCENES_DIR, "--bits", "8,4", "--samples", "2", "--max-loss",
                "100%", "--by-channel", "--json"});
  }

  // A file in which only this codec, if any, loses nothing, and nothing may be lost.
  [[nodiscard]] std::string only(const std::string& codec) const {
    Json edited = tuning_;
    edited["max_loss"] = 0;
    for (Json& coding : edited["codings"]) coding["loss"] = coding["codec"] == codec ? 0 : 1;
    const std::string file = folder_ / "only.json";
    std::ofstream(file) << edited.dump();
    return file;
  }

  [[nodiscard]] Ended run_with(const std::string& tuning, const std::vector<std::string>& more = {}) const {
    std::vector<std::string> arguments{"run",    network_,          "--input", "random:1", "--cloud",
                                       address_, "--require-cloud", "--cut",   "2",        "--link",
                                       "3g",     "--tuning",        tuning};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(arguments);
  }

  // Of the plan's line "up  1.2 kB tfc:4  9.1 ms ...".
  static std::string codec_sent(const Ended& ended) {
    EXPECT_EQ(ended.exit_code, 0) << ended.err;
    std::istringstream lines(ended.out);
    for (std::string line; std::getline(lines, line);) {
      std::istringstream words(line);
      std::string lane;
      std::string size;
      std::string unit;
      std::string codec;
      if (words >> lane >> size >> unit >> codec && lane == "up") return codec;
    }
    return "no transfer";
  }

  TemporaryFolder folder_;
  const std::string network_ = folder_ / "tuned.xml";
  Json tuning_;
  std::optional<Running> cloud_;
  std::string address_;
};

TEST_F(RunTuning, SendsWhatLosesLittleEnough) {
  ASSERT_NE(address_, "");
  for (const char* codec : {"tfc", "tfc-fast:4", "tfc:4c", "linear8"}) {
    const bool measured = std::ranges::any_of(
        tuning_["codings"], [codec](const Json& one) { return one["codec"] == codec && one["after"] == 2; });
    EXPECT_TRUE(measured) << codec;
    EXPECT_EQ(codec_sent(run_with(only(codec))), codec);
  }
  EXPECT_EQ(codec_sent(run_with(only("none"))), "raw") << "everything else loses too much";
  // Of the many that lose little enough one with the fewest bits, for 3G is slow.
  EXPECT_THAT(codec_sent(run_with(network_ + ".tuning.json")), HasSubstr(":4"));
  EXPECT_THAT(codec_sent(run_with(only("none"), {"--max-loss", "100%"})), HasSubstr(":4"));
}

TEST_F(RunTuning, SendsNoMoreBytesThanThatTakes) {
  ASSERT_NE(address_, "");
  const Ended ended = run_with(only("tfc-fast:4"), {"--json"});
  ASSERT_EQ(ended.exit_code, 0) << ended.err;
  const Json row = parse_json(ended.out).value_or(Json());
  EXPECT_EQ(row["cut"], 2);
  EXPECT_EQ(row["degraded"], false);
  EXPECT_LT(row["up_bytes"].get<double>(), 3 * 16 * 16 / 2 + 64) << "four bits a value, and a header";
}

TEST_F(RunTuning, RefusesOneOfAnotherNetwork) {
  ASSERT_NE(address_, "");
  const std::string other = folder_ / "other.xml";
  write_pools(other, {.layers = 4, .channels = 3, .classifies = true});
  ASSERT_EQ(tune(other).exit_code, 0);
  const Ended ended = run_with(other + ".tuning.json");
  EXPECT_EQ(ended.exit_code, 2);
  EXPECT_EQ(ended.out, "");
  const std::string said = ended.err.substr(std::min(ended.err.find("tandem: "), ended.err.size()));
  EXPECT_THAT(said, HasSubstr("other.xml.tuning.json is of network 'other'"));
  EXPECT_THAT(said, HasSubstr("the profile of 'tuned'"));
  EXPECT_EQ(std::ranges::count(said, '\n'), 1);
}

TEST_F(RunTuning, SaysWhatIsWrongWithAFile) {
  ASSERT_NE(address_, "");
  const Ended ended = run_with(only("none"), {"--max-loss", "x"});
  EXPECT_EQ(ended.exit_code, 2);
  EXPECT_THAT(ended.err, HasSubstr("--max-loss 'x': write a share as 0.5% or 0.005"));
  std::ofstream(folder_ / "no.json") << R"({"format": "tandem.plan.v1"})";
  const Ended format = run_with(folder_ / "no.json");
  EXPECT_EQ(format.exit_code, 2);
  EXPECT_THAT(format.err, HasSubstr("no.json"));
  EXPECT_THAT(format.err, HasSubstr("tandem.tuning.v1"));
}

TEST(CodecTune, RefusesANetworkWithoutClasses) {
  const TemporaryFolder folder;
  write_pools(folder / "planes.xml", {.channels = 3});
  const Ended ended =
      run({"codec", "tune", "planes.xml", "--data", TANDEM_SCENES_DIR, "--samples", "1"}, folder.path());
  EXPECT_EQ(ended.exit_code, 2);
  EXPECT_THAT(ended.err, HasSubstr("is no list of classes"));
  EXPECT_EQ(folder.names(), (std::vector<std::string>{"planes.bin", "planes.xml"}));
}

}  // namespace
}  // namespace tandem::e2e
