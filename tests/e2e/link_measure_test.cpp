// `tandem link`: measuring a link, traces, and what goes wrong with them.
#include <gmock/gmock.h>

#include <fstream>

#include "program.hpp"
#include "tandem/base/json.hpp"

namespace tandem::e2e {
namespace {

using ::testing::HasSubstr;

std::string listening(Running& program) {
  const auto json = parse_json(program.line());
  return json && json->contains("listening") ? (*json)["listening"].get<std::string>() : std::string();
}

TEST(LinkProbe, MeasuresAShapedLinkAndWritesItAsAFile) {
  const TemporaryFolder folder;
  std::ofstream(folder / "link.json")
      << R"({"format":"tandem.link.v1","name":"l","up_mbps":4,"down_mbps":12,"rtt_ms":20})";
  Running cloud({"serve", "zoo:chair", "--listen", "127.0.0.1:0", "--json"});
  const std::string address = listening(cloud);
  ASSERT_NE(address, "");
  Running proxy(
      {"link", "shape", "--link", folder / "link.json", "--target", address, "--listen", "127.0.0.1:0", "--json"});
  const std::string shaped = listening(proxy);
  ASSERT_NE(shaped, "");
  const Ended ended = run({"link", "probe", shaped, "--budget", "200kB", "--radio", "4g", "--name", "home", "-o",
                           folder / "home.json", "--json"});
  ASSERT_EQ(ended.exit_code, 0) << ended.err;
  const Json measured = parse_json(ended.out).value();
  // The accuracy on a quiet machine is in `tandem bench link`.
  EXPECT_NEAR(measured["up_mbps"].get<double>(), 4, 2);
  EXPECT_NEAR(measured["down_mbps"].get<double>(), 12, 6);
  EXPECT_NEAR(measured["rtt_ms"].get<double>(), 20, 5);
  EXPECT_LE(measured["up_low_mbps"].get<double>(), measured["up_mbps"].get<double>());
  EXPECT_GE(measured["up_high_mbps"].get<double>(), measured["up_mbps"].get<double>());
  EXPECT_LE(measured["up_bytes"].get<int>() + measured["down_bytes"].get<int>(), 200'000);
  const Ended shown = run({"link", folder / "home.json", "--json"});
  ASSERT_EQ(shown.exit_code, 0) << shown.err;
  const Json link = parse_json(shown.out).value();
  EXPECT_EQ(link["name"], "home");
  EXPECT_EQ(link["up_mbps"], measured["up_mbps"]);
  EXPECT_EQ(link["beta_mw"], 1288.04);
}

TEST(LinkProbe, AServerThatIsNotThereIsUnreachable) {
  const Ended ended = run({"link", "probe", "127.0.0.1:1", "--deadline", "500"});
  EXPECT_EQ(ended.exit_code, 4);
  EXPECT_THAT(ended.err, HasSubstr("127.0.0.1:1"));
  EXPECT_EQ(run({"link", "probe", "127.0.0.1:1", "--budget", "10"}).exit_code, 4) << "who is not there, comes first";
}

TEST(LinkTrace, IsTheSameForTheSameSeedAndShapesALink) {
  const TemporaryFolder folder;
  for (const char* file : {"a.csv", "b.csv"}) {
    const Ended made =
        run({"link", "trace", "--kind", "train", "--seed", "3", "--seconds", "60", "-o", folder / file, "--json"});
    ASSERT_EQ(made.exit_code, 0) << made.err;
    EXPECT_EQ(parse_json(made.out).value()["points"], 60);
  }
  const auto content = [&](const char* file) {
    std::ifstream in(folder / file);
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  EXPECT_EQ(content("a.csv"), content("b.csv"));
  EXPECT_EQ(run({"link", "trace", "--kind", "train", "--seed", "3", "--seconds", "60"}).out, content("a.csv"));
  Running proxy({"link", "shape", "--link", "4g", "--trace", folder / "a.csv", "--target", "127.0.0.1:1", "--listen",
                 "127.0.0.1:0", "--json"});
  EXPECT_NE(listening(proxy), "");
  EXPECT_EQ(proxy.stop(), 0);
}

TEST(LinkTrace, SaysWhichLineIsWrong) {
  const TemporaryFolder folder;
  std::ofstream(folder / "bad.csv") << "time_ms,up_mbps,down_mbps,rtt_ms\n0,1,1,1\n0,1,1,1\n";
  const Ended ended = run({"link", "shape", "--link", "4g", "--trace", folder / "bad.csv", "--target", "127.0.0.1:1"});
  EXPECT_EQ(ended.exit_code, 2);
  EXPECT_THAT(ended.err, HasSubstr("bad.csv: line 3: time_ms must rise"));
  const Ended kind = run({"link", "trace", "--kind", "boat"});
  EXPECT_EQ(kind.exit_code, 2);
  EXPECT_THAT(kind.err, HasSubstr("walking, driving, train"));
}

}  // namespace
}  // namespace tandem::e2e
