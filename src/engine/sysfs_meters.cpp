#include "sysfs_meters.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string_view>
#include <utility>

#include "sysfs_file.hpp"

namespace tandem::engine {
namespace {

namespace fs = std::filesystem;

class NamedMeter : public Meter {
 public:
  NamedMeter(std::string name, std::string description, Milliseconds period)
      : name_(std::move(name)), description_(std::move(description)), period_(period) {}
  [[nodiscard]] const std::string& name() const override { return name_; }
  [[nodiscard]] const std::string& description() const override { return description_; }
  [[nodiscard]] Milliseconds period() const override { return period_; }

 private:
  std::string name_;
  std::string description_;
  Milliseconds period_;
};

// A file in microwatts.
class PowerFile final : public NamedMeter {
 public:
  PowerFile(std::string name, std::string description, Milliseconds period, fs::path file)
      : NamedMeter(std::move(name), std::move(description), period), file_(std::move(file)) {}
  Result<Reading> read() override {
    const auto microwatts = read_sysfs_number(file_);
    if (!microwatts) return forward_error(microwatts);
    return Milliwatts{*microwatts / 1000};
  }

 private:
  fs::path file_;
};

// Two files, voltage and current; `watts` is what the product of their units is worth.
class VoltageTimesCurrent final : public NamedMeter {
 public:
  VoltageTimesCurrent(std::string name, std::string description, Milliseconds period, fs::path voltage,
                      fs::path current, double watts)
      : NamedMeter(std::move(name), std::move(description), period),
        voltage_(std::move(voltage)),
        current_(std::move(current)),
        watts_(watts) {}
  Result<Reading> read() override {
    const auto voltage = read_sysfs_number(voltage_);
    if (!voltage) return forward_error(voltage);
    const auto current = read_sysfs_number(current_);
    if (!current) return forward_error(current);
    // Some drivers count what flows out of a battery as negative.
    return Milliwatts{std::abs(*voltage * *current) * watts_ * 1000};
  }

 private:
  fs::path voltage_, current_;
  double watts_;
};

// Counters in microjoules that start again at zero after their range, added up.
class EnergyCounters final : public NamedMeter {
 public:
  EnergyCounters(std::string name, std::string description, Milliseconds period, std::vector<fs::path> zones)
      : NamedMeter(std::move(name), std::move(description), period), zones_(zones.begin(), zones.end()) {}
  Result<Reading> read() override {
    for (Zone& zone : zones_) {
      const auto now = read_sysfs_number(zone.folder / "energy_uj");
      if (!now) return forward_error(now);
      if (zone.last && *now < *zone.last) {
        const auto range = read_sysfs_number(zone.folder / "max_energy_range_uj");
        if (!range) return forward_error(range);
        total_ += *range;
      }
      if (zone.last) total_ += *now - *zone.last;
      zone.last = *now;
    }
    return Millijoules{total_ / 1000};
  }

 private:
  struct Zone {
    explicit Zone(fs::path path) : folder(std::move(path)) {}
    fs::path folder;
    std::optional<double> last;  // µJ
  };
  std::vector<Zone> zones_;
  double total_ = 0;  // µJ, since the first reading
};

// A fuel gauge tells what the battery gives only while nothing else feeds the device.
class Battery final : public Meter {
 public:
  Battery(std::unique_ptr<Meter> gauge, fs::path status) : gauge_(std::move(gauge)), status_(std::move(status)) {}
  [[nodiscard]] const std::string& name() const override { return gauge_->name(); }
  [[nodiscard]] const std::string& description() const override { return gauge_->description(); }
  [[nodiscard]] Milliseconds period() const override { return gauge_->period(); }
  Result<Reading> read() override {
    const auto status = read_sysfs_text(status_);
    if (!status) return forward_error(status);
    if (*status != "Discharging") {
      return fail(Errc::failed_precondition, fmt::format("{}: says '{}': the device must run on its battery; unplug it",
                                                         status_.string(), *status));
    }
    return gauge_->read();
  }

 private:
  std::unique_ptr<Meter> gauge_;
  fs::path status_;
};

constexpr Milliseconds kSensorPeriod{5};     // an INA converts in milliseconds; reading it over I2C takes about one
constexpr Milliseconds kCounterPeriod{5};    // RAPL counts every millisecond or so
constexpr Milliseconds kBatteryPeriod{250};  // fuel gauges average over longer

constexpr std::array<std::string_view, 6> kSensors{"ina219", "ina220", "ina226", "ina230", "ina238", "ina3221"};

// The driver's own interval where it tells one.
Milliseconds period_of(const fs::path& chip) {
  const auto interval = read_sysfs_number(chip / "update_interval");
  return interval && *interval > 0 ? std::max(Milliseconds{1}, Milliseconds{*interval}) : kSensorPeriod;
}

std::string channel_name(const fs::path& chip, const std::string& kind, const std::string& quantity, int channel,
                         bool only) {
  const auto label = read_sysfs_text(chip / fmt::format("{}{}_label", quantity, channel));
  if (label && !label->empty()) return fmt::format("{}:{}", kind, *label);
  return only ? kind : fmt::format("{}:{}", kind, channel);
}

void add_channels(const fs::path& chip, const std::string& kind, Meters& meters) {
  std::error_code ignored;
  const Milliseconds period = period_of(chip);
  // An INA3221 has three channels, and the sum of them where all measure alike.
  constexpr int kChannels = 4;
  std::vector<int> powers, pairs;
  for (int channel = 1; channel <= kChannels; ++channel) {
    if (fs::exists(chip / fmt::format("power{}_input", channel), ignored)) powers.push_back(channel);
    if (fs::exists(chip / fmt::format("in{}_input", channel), ignored) &&
        fs::exists(chip / fmt::format("curr{}_input", channel), ignored)) {
      pairs.push_back(channel);
    }
  }
  for (const int channel : powers) {
    const fs::path file = chip / fmt::format("power{}_input", channel);
    meters.push_back(std::make_unique<PowerFile>(channel_name(chip, kind, "power", channel, powers.size() == 1),
                                                 "power sensor " + file.string(), period, file));
  }
  if (!powers.empty()) return;
  for (const int channel : pairs) {
    const fs::path voltage = chip / fmt::format("in{}_input", channel);
    constexpr double kMillivoltMilliampere = 1e-6;
    meters.push_back(std::make_unique<VoltageTimesCurrent>(
        channel_name(chip, kind, "in", channel, pairs.size() == 1), "power sensor " + voltage.string() + " and current",
        period, voltage, chip / fmt::format("curr{}_input", channel), kMillivoltMilliampere));
  }
}

}  // namespace

Meters hwmon_meters(const fs::path& sysfs) {
  Meters meters;
  for (const fs::path& chip : sysfs_entries(sysfs / "class/hwmon", "hwmon")) {
    const auto kind = read_sysfs_text(chip / "name");
    if (kind && std::ranges::find(kSensors, *kind) != kSensors.end()) add_channels(chip, *kind, meters);
  }
  // The rail that feeds the whole board, as Jetson boards label it.
  std::ranges::stable_partition(meters, [](const auto& meter) { return meter->name().ends_with(":VDD_IN"); });
  return meters;
}

Meters powercap_meters(const fs::path& sysfs) {
  std::vector<fs::path> packages, platforms;
  for (const fs::path& zone : sysfs_entries(sysfs / "class/powercap", "intel-rapl:")) {
    const auto name = read_sysfs_text(zone / "name");
    if (!name) continue;
    if (name->starts_with("package-")) packages.push_back(zone);
    if (*name == "psys") platforms.push_back(zone);
  }
  Meters meters;
  if (!packages.empty()) {
    meters.push_back(std::make_unique<EnergyCounters>(
        "rapl", fmt::format("processor package{}, {}", packages.size() == 1 ? "" : "s", packages.front().string()),
        kCounterPeriod, packages));
  }
  if (!platforms.empty()) {
    meters.push_back(std::make_unique<EnergyCounters>("rapl:psys", "whole platform, " + platforms.front().string(),
                                                      kCounterPeriod, platforms));
  }
  return meters;
}

Meters battery_meters(const fs::path& sysfs) {
  Meters meters;
  std::error_code ignored;
  for (const fs::path& supply : sysfs_entries(sysfs / "class/power_supply", "")) {
    const auto type = read_sysfs_text(supply / "type");
    if (!type || *type != "Battery") continue;
    const std::string name = "battery:" + supply.filename().string();
    std::unique_ptr<Meter> gauge;
    if (fs::exists(supply / "power_now", ignored)) {
      gauge = std::make_unique<PowerFile>(name, "fuel gauge " + (supply / "power_now").string(), kBatteryPeriod,
                                          supply / "power_now");
    } else if (fs::exists(supply / "current_now", ignored) && fs::exists(supply / "voltage_now", ignored)) {
      constexpr double kMicrovoltMicroampere = 1e-12;
      gauge =
          std::make_unique<VoltageTimesCurrent>(name, "fuel gauge " + (supply / "current_now").string(), kBatteryPeriod,
                                                supply / "voltage_now", supply / "current_now", kMicrovoltMicroampere);
    }
    if (gauge) meters.push_back(std::make_unique<Battery>(std::move(gauge), supply / "status"));
  }
  return meters;
}

}  // namespace tandem::engine
