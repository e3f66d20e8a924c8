// Bad input of every kind: one clear line, the documented exit code, and no file left behind.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "program.hpp"

namespace tandem::e2e {
namespace {

using ::testing::HasSubstr;

void write(const std::string& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
}

struct Case {
  std::string name;
  std::vector<std::string> arguments;
  int exit_code;
  std::string says;
};

void PrintTo(const Case& c, std::ostream* out) {
  *out << c.name;
}

// The files the cases refer to.
void prepare(const TemporaryFolder& folder) {
  write(folder / "garbage.onnx", "this is no network");
  write(folder / "garbage.tflite", std::string("\x1c\0\0\0TFL3\xff\xff\xff\xff", 12));
  write(folder / "cut.xml", "<?xml version=\"1.0\"?><net name=\"x\" version=\"11\"><layers><layer id=");
  write(folder / "no_image.jpg", "\xff\xd8\xff\xe0 cut off");
  write(folder / "bad.json", "{\"format\": \"tandem.link.v1\", ");
  write(folder / "zero.json",
        R"({"format":"tandem.link.v1","name":"z","up_mbps":0,"down_mbps":1,"rtt_ms":1,"alpha_up_mw_per_mbps":0,)"
        R"("alpha_down_mw_per_mbps":0,"beta_mw":0})");
  write(folder / "other.profile.json",
        R"({"format":"tandem.profile.v1","network":"other","fingerprint":"0123456789abcdef","device":"d","batch":1,)"
        R"("layers":["a"],"boundary_bytes":[4,4],"groups":[{"first":1,"last":1,"latency_ms":1,"energy_mj":0,)"
        R"("std_ms":0}],"energy_source":"modelled"})");
  const auto profile = [&folder](const std::string& name, const std::string& layers, const std::string& groups) {
    write(folder / (name + ".profile.json"),
          R"({"format":"tandem.profile.v1","network":"n","fingerprint":"0123456789abcdef","device":"d","batch":1,)"
          R"("layers":)" +
              layers + R"(,"boundary_bytes":[4,4,4],"groups":[)" + groups + R"(],"energy_source":"modelled"})");
  };
  const auto group = [](const std::string& first, const std::string& last, const std::string& ms) {
    return R"({"first":)" + first + R"(,"last":)" + last + R"(,"latency_ms":)" + ms + R"(,"energy_mj":0,"std_ms":0})";
  };
  const std::string two = R"(["a","b"])";
  profile("group_twice", two, group("1", "2", "1") + "," + group("1", "2", "2"));
  profile("negative", two, group("1", "2", "-1"));
  profile("nan", two, group("1", "2", "NaN"));
  profile("endless", two, group("1", "2", "1e999"));
  profile("layer_that_is_not_there", two, group("1", "1000000000", "1"));
  profile("billion_layers", "1000000000", group("1", "2", "1"));
}

// `tandem plan` with this profile on both places.
std::vector<std::string> plan_of(const std::string& name) {
  const std::string file = name + ".profile.json";
  return {"plan", "--profile-device", file, "--profile-cloud", file, "--link", "4g"};
}

// `tandem plan` with a profile of one layer, and more arguments.
std::vector<std::string> plan_with(std::vector<std::string> more) {
  std::vector<std::string> arguments{
      "plan", "--profile-device", "other.profile.json", "--profile-cloud", "other.profile.json", "--link", "4g"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

class BadInput : public ::testing::TestWithParam<Case> {};

TEST_P(BadInput, GivesOneClearLineAndLeavesNothing) {
  const TemporaryFolder folder;
  prepare(folder);
  const auto before = folder.names();
  const Ended ended = run(GetParam().arguments, folder.path());
  EXPECT_EQ(ended.exit_code, GetParam().exit_code) << ended.err;
  EXPECT_THAT(ended.err, HasSubstr(GetParam().says));
  EXPECT_EQ(std::ranges::count(ended.err, '\n'), 1) << ended.err;
  EXPECT_EQ(ended.out, "");
  EXPECT_EQ(folder.names(), before);
}

INSTANTIATE_TEST_SUITE_P(
    Cli, BadInput,
    ::testing::Values(
        Case{"no_command", {}, 2, "--help"}, Case{"unknown_command", {"fly"}, 2, "--help"},
        Case{"unknown_option", {"zoo", "--frobnicate"}, 2, "--frobnicate"},
        Case{"missing_file", {"inspect", "nowhere.onnx"}, 2, "nowhere.onnx"},
        Case{"garbage_onnx", {"inspect", "garbage.onnx"}, 2, "garbage.onnx"},
        Case{"garbage_tflite", {"inspect", "garbage.tflite"}, 2, "garbage.tflite"},
        Case{"cut_off_ir", {"inspect", "cut.xml"}, 2, "cut.xml"}, Case{"a_folder", {"inspect", "."}, 2, "."},
        Case{"unknown_zoo_name", {"inspect", "zoo:nothing"}, 2, "alexnet"},
        Case{"unknown_link", {"plan", "zoo:chair", "--link", "6g"}, 2, "6g"},
        Case{"damaged_link", {"link", "bad.json"}, 2, "bad.json"},
        Case{"zero_rate", {"link", "zero.json"}, 2, "up_mbps"},
        Case{"profile_of_another_network",
             {"plan", "zoo:chair", "--profile-device", "other.profile.json", "--profile-cloud", "other.profile.json",
              "--link", "4g"},
             2,
             "other.profile.json"},
        Case{"plan_bad_pin", plan_with({"--pin", "1=moon"}), 2, "--pin"},
        Case{"plan_pins_a_layer_that_is_not_there", plan_with({"--first-on-device", "9"}), 2, "1..1"},
        Case{"plan_negative_deadline", plan_with({"--deadline", "-5"}), 2, "deadline"},
        Case{"plan_bad_sweep", plan_with({"--sweep", "speed=1:2"}), 2, "up_mbps"},
        Case{"plan_endless_sweep", plan_with({"--sweep", "rtt_ms=1:2:1e9"}), 2, "steps"},
        Case{"plan_plot_of_no_kind", plan_with({"--pareto", "-o", "plot.bmp"}), 2, "plot.bmp"},
        Case{"plan_bad_risk", plan_with({"--risk", "1.5"}), 2, "1.5"},
        Case{"plan_damaged_optima", {"plan", "--optima", "bad.json", "--link", "4g"}, 2, "bad.json"},
        Case{"plan_bad_tier", plan_with({"--tier", "edge"}), 2, "--tier"},
        Case{"plan_solver_that_keeps_no_limits", plan_with({"--deadline", "5", "--solver", "path"}), 2, "label"},
        Case{"plan_two_kinds_of_answer", plan_with({"--risk", "0.9", "--sweep", "up_mbps=1:2"}), 2, "--sweep"},
        Case{"plan_percentile_with_a_limit", plan_with({"--risk", "0.9", "--deadline", "5"}), 2, "--deadline"},
        Case{"plan_tiers_with_a_limit", plan_with({"--tier", "edge=x.json", "--max-switches", "2"}), 2,
             "--max-switches"},
        Case{"plan_optima_under_a_load", plan_with({"--all-optima", "o.json", "--cloud-load", "2"}), 2, "--cloud-load"},
        Case{"plan_training_with_a_pin", plan_with({"--training", "--pin", "1=cloud"}), 2, "--pin"},
        Case{"plan_why_of_a_front", plan_with({"--pareto", "--explain"}), 2, "--explain"},
        Case{"plan_inside_blocks_of_no_network", plan_with({"--inside-blocks"}), 2, "network"},
        Case{"plan_input_of_no_network", plan_with({"--input", "random:1"}), 2, "--input"},
        Case{"profile_with_a_group_twice", plan_of("group_twice"), 2, "groups[1].first"},
        Case{"profile_with_a_negative_time", plan_of("negative"), 2, "groups[0].latency_ms"},
        Case{"profile_with_no_number", plan_of("nan"), 2, "groups[0].latency_ms"},
        Case{"profile_with_an_endless_time", plan_of("endless"), 2, "groups[0].latency_ms"},
        Case{"profile_with_a_layer_too_many", plan_of("layer_that_is_not_there"), 2, "groups[0].last"},
        Case{"profile_that_claims_a_billion_layers", plan_of("billion_layers"), 2, "layers"},
        Case{"jointdnn_of_an_unknown_network", {"bench", "jointdnn", "--network", "lenet"}, 2, "alexnet"},
        Case{"no_profile",
             {"plan", "--profile-device", "gone.json", "--profile-cloud", "gone.json", "--link", "4g"},
             2,
             "gone.json"},
        Case{"image_for_a_network_without_images", {"run", "zoo:chair", "--input", "no_image.jpg"}, 2, "no_image.jpg"},
        Case{"damaged_image", {"run", "zoo:mobilenetv2", "--input", "no_image.jpg"}, 2, "no_image.jpg"},
        Case{"bad_slowdown", {"profile", "zoo:chair", "--slowdown", "0.5", "-o", "out.json"}, 2, "slowdown"},
        Case{"unwritable_profile",
             {"profile", "zoo:chair", "--groups", "prefix", "-o", "nowhere/out.json"},
             2,
             "nowhere/out.json"},
        Case{"serve_bad_address", {"serve", "zoo:chair", "--listen", "nonsense"}, 2, "nonsense"}),
    [](const auto& test) { return test.param.name; });

TEST(BadInput, APortInUseIsNamed) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(socket, 1), 0);
  socklen_t length = sizeof address;
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &length);
  const std::string listen = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  const Ended ended = run({"serve", "zoo:chair", "--listen", listen});
  EXPECT_EQ(ended.exit_code, 2);
  EXPECT_THAT(ended.err, HasSubstr(listen));
  EXPECT_EQ(std::ranges::count(ended.err, '\n'), 1) << ended.err;
  ::close(socket);
}

TEST(Help, EveryCommandHasAnExample) {
  for (const char* command : {"zoo", "inspect", "profile", "link", "plan", "serve", "run", "demo", "bench"}) {
    const Ended ended = run({command, "--help"});
    EXPECT_EQ(ended.exit_code, 0) << command;
    EXPECT_THAT(ended.out, HasSubstr("Example:\n  tandem ")) << command;
  }
}

}  // namespace
}  // namespace tandem::e2e
