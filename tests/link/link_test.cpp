#include "tandem/link/link.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <filesystem>
#include <fstream>

#include "matchers.hpp"

namespace tandem::link {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(Link, PresetsAreTable23) {
  const Link l3g = find("3g").value();
  EXPECT_EQ(l3g.down.value, 2.0275);
  EXPECT_EQ(l3g.up.value, 1.1);
  EXPECT_EQ(l3g.alpha_up, 868.98);
  EXPECT_EQ(l3g.alpha_down, 122.12);
  EXPECT_EQ(l3g.beta.value, 817.88);
  const Link l4g = find("4G").value();
  EXPECT_EQ(l4g.down.value, 13.76);
  EXPECT_EQ(l4g.up.value, 5.85);
  EXPECT_EQ(l4g.alpha_up, 438.39);
  EXPECT_EQ(l4g.alpha_down, 51.97);
  EXPECT_EQ(l4g.beta.value, 1288.04);
  const Link wifi = find("Wi-Fi").value();
  EXPECT_EQ(wifi.down.value, 54.97);
  EXPECT_EQ(wifi.up.value, 18.88);
  EXPECT_EQ(wifi.alpha_up, 283.17);
  EXPECT_EQ(wifi.alpha_down, 137.01);
  EXPECT_EQ(wifi.beta.value, 132.86);
}

TEST(Link, EveryPresetNamesItsSource) {
  for (const Preset& preset : presets()) {
    EXPECT_GT(preset.link.rtt.count(), 0) << preset.link.name;
    EXPECT_GT(preset.source.size(), 40U) << preset.link.name;
  }
}

// Equation 2.21 and Table 2.3 by hand: uploading the raw 150,528-byte image over 4G.
TEST(Link, TimeAndEnergyOfATransfer) {
  const Link link = find("4g").value();
  const Bytes image{150'528};
  EXPECT_NEAR(link.upload_time(image).count(), 150'528 * 8 / 5.85e3 + link.rtt.count() / 2, 1e-9);
  EXPECT_NEAR(link.upload_power().value, 438.39 * 5.85 + 1288.04, 1e-9);
  EXPECT_NEAR(link.upload_energy(image).value, 3852.6215 * (150'528 * 8 / 5.85e3) / 1000, 1e-6);
}

TEST(Link, AnUnknownNameListsThePresets) {
  EXPECT_THAT(find("6g"), HasErrc(Errc::not_found, AllOf(HasSubstr("'6g'"), HasSubstr("3g, 4g, wifi, 5g"))));
}

RC_GTEST_PROP(Link, SurvivesJson, ()) {
  const auto number = [](int low) { return *rc::gen::inRange(low, 1'000'000) / 997.0; };
  const Link link{.name = *rc::gen::element<std::string>("a", "home", "\"quoted\""),
                  .up = Mbps{number(1)},
                  .down = Mbps{number(1)},
                  .rtt = Milliseconds{number(0)},
                  .alpha_up = number(0),
                  .alpha_down = number(0),
                  .beta = Milliwatts{number(0)}};
  const auto back = from_json(parse_json(to_json(link).dump()).value());
  RC_ASSERT(back.has_value());
  RC_ASSERT(*back == link);
}

TEST(Link, RefusalsNameTheField) {
  const Json good = to_json(find("3g").value());
  const auto with = [&](const char* key, const Json& value) {
    Json json = good;
    json[key] = value;
    return from_json(json);
  };
  const auto refused = [](const char* text) { return HasErrc(Errc::invalid_argument, HasSubstr(text)); };
  EXPECT_THAT(with("up_mbps", 0), refused("field 'up_mbps': must be above 0 Mbps"));
  EXPECT_THAT(with("down_mbps", -3), refused("field 'down_mbps'"));
  EXPECT_THAT(with("rtt_ms", -1), refused("field 'rtt_ms'"));
  EXPECT_THAT(with("rtt_ms", "fast"), refused("field 'rtt_ms': must be a number"));
  EXPECT_THAT(with("beta_mw", -1), refused("field 'beta_mw'"));
  EXPECT_THAT(with("format", "tandem.plan.v1"), refused("field 'format'"));
  EXPECT_THAT(from_json(Json::array()), refused("tandem.link.v1"));
  Json without = good;
  without.erase("up_mbps");
  EXPECT_THAT(from_json(without), refused("field 'up_mbps': is missing"));
}

TEST(Link, ReadsAFileAndNamesItInErrors) {
  const auto path = std::filesystem::temp_directory_path() / ("tandem-link-" + std::to_string(::getpid()) + ".json");
  std::ofstream(path) << to_json(Link{.name = "home", .up = Mbps{3}, .down = Mbps{4}, .rtt = Milliseconds{5}}).dump();
  EXPECT_EQ(find(path.string()).value().name, "home");
  std::ofstream(path, std::ios::trunc) << R"({"format":"tandem.link.v1","name":"x","up_mbps":0})";
  EXPECT_THAT(find(path.string()),
              HasErrc(Errc::invalid_argument, AllOf(HasSubstr(path.filename().string()), HasSubstr("up_mbps"))));
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace tandem::link
