#include "tandem/engine/meter.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cmath>

#include "fake_sysfs.hpp"
#include "matchers.hpp"

namespace tandem::engine {
namespace {

using ::testing::ElementsAre;
using testing::FakeSysfs;
using ::testing::HasSubstr;

std::vector<std::string> names(const std::vector<std::unique_ptr<Meter>>& meters) {
  std::vector<std::string> all;
  for (const auto& meter : meters) all.push_back(meter->name());
  return all;
}

double power_mw(const FakeSysfs& sysfs, const std::string& name) {
  const auto meter = open_meter(name, sysfs.root());
  if (!meter) {
    ADD_FAILURE() << meter.error().message;
    return NAN;
  }
  return std::get<Milliwatts>((*meter)->read().value()).value;
}

void add_rapl(const FakeSysfs& sysfs, const std::string& zone, const std::string& name, const std::string& energy) {
  sysfs.write("class/powercap/" + zone + "/name", name);
  sysfs.write("class/powercap/" + zone + "/energy_uj", energy);
  sysfs.write("class/powercap/" + zone + "/max_energy_range_uj", "1000000");
}

TEST(Meter, FindsNoneWhereThereIsNone) {
  const FakeSysfs sysfs;
  EXPECT_TRUE(find_meters(sysfs.root()).empty());
  EXPECT_TRUE(find_meters("/nowhere").empty());
  EXPECT_THAT(open_meter("auto", sysfs.root()), HasErrc(Errc::not_found, HasSubstr("no energy meter under")));
}

TEST(Meter, FindsAllAndPrefersTheBoardsSensors) {
  const FakeSysfs sysfs;
  sysfs.write("class/power_supply/BAT0/type", "Battery");
  sysfs.write("class/power_supply/BAT0/status", "Discharging");
  sysfs.write("class/power_supply/BAT0/power_now", "8000000");
  sysfs.write("class/power_supply/AC/type", "Mains");
  add_rapl(sysfs, "intel-rapl:0", "package-0", "5");
  add_rapl(sysfs, "intel-rapl:0:0", "core", "5");
  add_rapl(sysfs, "intel-rapl:1", "psys", "5");
  sysfs.write("class/hwmon/hwmon0/name", "coretemp");
  sysfs.write("class/hwmon/hwmon0/power1_input", "1");
  sysfs.write("class/hwmon/hwmon1/name", "ina226");
  sysfs.write("class/hwmon/hwmon1/power1_input", "2500000");
  EXPECT_THAT(names(find_meters(sysfs.root())), ElementsAre("ina226", "rapl", "rapl:psys", "battery:BAT0"));
  EXPECT_EQ((*open_meter("auto", sysfs.root()))->name(), "ina226");
}

TEST(Meter, ReadsEveryUnitAsTheKernelGivesIt) {
  const FakeSysfs sysfs;
  sysfs.write("class/hwmon/hwmon3/name", "ina219");
  sysfs.write("class/hwmon/hwmon3/power1_input", "1234567");  // µW
  EXPECT_DOUBLE_EQ(power_mw(sysfs, "ina219"), 1234.567);
  sysfs.write("class/hwmon/hwmon10/name", "ina3221");
  sysfs.write("class/hwmon/hwmon10/in1_input", "5000");   // mV
  sysfs.write("class/hwmon/hwmon10/curr1_input", "300");  // mA
  sysfs.write("class/hwmon/hwmon10/in1_label", "VDD_GPU");
  sysfs.write("class/hwmon/hwmon10/in2_input", "19000");
  sysfs.write("class/hwmon/hwmon10/curr2_input", "500");
  sysfs.write("class/hwmon/hwmon10/in2_label", "VDD_IN");
  sysfs.write("class/hwmon/hwmon10/in3_input", "3300");
  sysfs.write("class/hwmon/hwmon10/curr3_input", "100");
  EXPECT_DOUBLE_EQ(power_mw(sysfs, "ina3221:VDD_GPU"), 1500);
  EXPECT_DOUBLE_EQ(power_mw(sysfs, "ina3221:VDD_IN"), 9500);
  EXPECT_DOUBLE_EQ(power_mw(sysfs, "ina3221:3"), 330);
  EXPECT_EQ((*open_meter("auto", sysfs.root()))->name(), "ina3221:VDD_IN") << "what feeds the whole board";
  sysfs.write("class/power_supply/battery/type", "Battery");
  sysfs.write("class/power_supply/battery/status", "Discharging");
  sysfs.write("class/power_supply/battery/current_now", "-500000");  // µA
  sysfs.write("class/power_supply/battery/voltage_now", "3800000");  // µV
  EXPECT_DOUBLE_EQ(power_mw(sysfs, "battery:battery"), 1900);
}

TEST(Meter, AddsPackagesUpAndCountsOnOverAWrap) {
  const FakeSysfs sysfs;
  add_rapl(sysfs, "intel-rapl:0", "package-0", "900000");
  add_rapl(sysfs, "intel-rapl:1", "package-1", "100");
  const auto meter = open_meter("rapl", sysfs.root());
  ASSERT_THAT(meter, IsOk());
  const double before = std::get<Millijoules>((*meter)->read().value()).value;
  sysfs.write("class/powercap/intel-rapl:0/energy_uj", "50000");  // 150000 on, over the range of 1000000
  sysfs.write("class/powercap/intel-rapl:1/energy_uj", "2100");
  const double after = std::get<Millijoules>((*meter)->read().value()).value;
  EXPECT_DOUBLE_EQ(after - before, 152);
}

TEST(Meter, ABatteryThatIsChargedSaysSo) {
  const FakeSysfs sysfs;
  sysfs.write("class/power_supply/BAT0/type", "Battery");
  sysfs.write("class/power_supply/BAT0/status", "Charging");
  sysfs.write("class/power_supply/BAT0/power_now", "8000000");
  EXPECT_THAT(open_meter("auto", sysfs.root()), HasErrc(Errc::not_found, HasSubstr("says 'Charging'")));
  EXPECT_THAT(open_meter("battery:BAT0", sysfs.root()), HasErrc(Errc::failed_precondition, HasSubstr("unplug it")));
}

TEST(Meter, SaysWhatPermissionIsMissing) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may read everything";
  const FakeSysfs sysfs;
  add_rapl(sysfs, "intel-rapl:0", "package-0", "1");
  ::chmod((sysfs.root() / "class/powercap/intel-rapl:0/energy_uj").c_str(), 0);
  EXPECT_THAT(open_meter("rapl", sysfs.root()), HasErrc(Errc::failed_precondition, HasSubstr("chmod a+r")));
  EXPECT_THAT(open_meter("auto", sysfs.root()), HasErrc(Errc::not_found, HasSubstr("no permission")));
}

TEST(Meter, AFileThatGoesAwayOrHoldsNoNumberIsAnError) {
  const FakeSysfs sysfs;
  sysfs.write("class/hwmon/hwmon0/name", "ina226");
  sysfs.write("class/hwmon/hwmon0/power1_input", "5");
  const auto meter = open_meter("ina226", sysfs.root());
  ASSERT_THAT(meter, IsOk());
  sysfs.write("class/hwmon/hwmon0/power1_input", "much");
  EXPECT_THAT((*meter)->read(), HasErrc(Errc::data_loss, HasSubstr("holds no number: 'much'")));
  sysfs.write("class/hwmon/hwmon0/power1_input", "");
  EXPECT_THAT((*meter)->read(), HasErrc(Errc::data_loss, HasSubstr("power1_input")));
  sysfs.remove("class/hwmon/hwmon0/power1_input");
  EXPECT_THAT((*meter)->read(), HasErrc(Errc::not_found, HasSubstr("power1_input")));
}

TEST(Meter, NamesThoseThereAre) {
  const FakeSysfs sysfs;
  add_rapl(sysfs, "intel-rapl:0", "package-0", "1");
  EXPECT_THAT(open_meter("ina226", sysfs.root()), HasErrc(Errc::not_found, HasSubstr("there are: rapl")));
}

// A pipe with a meter at its other end.
class Pipe {
 public:
  Pipe() : path_((sysfs_.root() / "meter").string()) {
    ::mkfifo(path_.c_str(), 0600);
    writer_ =
        ::open(path_.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);  // a pipe without reader cannot be opened to write
  }
  ~Pipe() { ::close(writer_); }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  void say(const std::string& text) const {
    EXPECT_EQ(::write(writer_, text.data(), text.size()), ssize_t(text.size()));
  }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  FakeSysfs sysfs_;
  std::string path_;
  int writer_ = -1;
};

TEST(ExternalMeter, ReadsItsLinesInAnyUnit) {
  for (const auto& [line, expected] : std::vector<std::pair<std::string, Reading>>{{"1500 mW", Milliwatts{1500}},
                                                                                   {"2.5 W", Milliwatts{2500}},
                                                                                   {"250uW", Milliwatts{0.25}},
                                                                                   {" 88 J\r", Millijoules{88000}},
                                                                                   {"7e3 uJ", Millijoules{7}}}) {
    const Pipe pipe;
    pipe.say(line + "\n");
    const auto meter = open_meter(pipe.path());
    ASSERT_THAT(meter, IsOk());
    const auto reading = (*meter)->read();
    ASSERT_THAT(reading, IsOk()) << line;
    EXPECT_EQ(*reading, expected) << line;
  }
}

TEST(ExternalMeter, TheLatestLineCountsAndARestOfALineAtTheStartDoesNot) {
  const Pipe pipe;
  pipe.say("34 m\n100 mW\n200 mW\n300 m");
  const auto meter = open_meter(pipe.path());
  ASSERT_THAT(meter, IsOk());
  EXPECT_EQ((*meter)->read().value(), Reading(Milliwatts{200}));
  pipe.say("W\n");
  EXPECT_EQ((*meter)->read().value(), Reading(Milliwatts{300}));
}

TEST(ExternalMeter, RefusesNonsense) {
  const Pipe pipe;
  pipe.say("100 mW\n100 apples\n");
  const auto meter = open_meter(pipe.path());
  ASSERT_THAT(meter, IsOk());
  EXPECT_THAT((*meter)->read(), HasErrc(Errc::data_loss, HasSubstr("'100 apples' is no reading")));
  const Pipe endless;
  endless.say(std::string(1000, '7'));
  EXPECT_THAT((*open_meter(endless.path()))->read(), HasErrc(Errc::data_loss, HasSubstr("gives no lines")));
  const Pipe mixed;
  mixed.say("1 mW\n1 mJ\n");
  EXPECT_THAT((*open_meter(mixed.path()))->read(), HasErrc(Errc::data_loss, HasSubstr("one of them only")));
}

TEST(ExternalMeter, ASilentOneIsAnErrorAndNotAZero) {
  const Pipe pipe;
  const auto meter = open_meter(pipe.path());
  ASSERT_THAT(meter, IsOk());
  EXPECT_THAT((*meter)->read(), HasErrc(Errc::failed_precondition, HasSubstr("no line for 2000 ms")));
}

TEST(ExternalMeter, MustBeAPipeOrADevice) {
  const FakeSysfs sysfs;
  sysfs.write("readings.txt", "100 mW");
  EXPECT_THAT(open_meter((sysfs.root() / "readings.txt").string()),
              HasErrc(Errc::failed_precondition, HasSubstr("no pipe and no serial device")));
  EXPECT_THAT(open_meter("/nowhere/tty"), HasErrc(Errc::not_found, HasSubstr("/nowhere/tty")));
}

}  // namespace
}  // namespace tandem::engine
