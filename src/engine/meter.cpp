#include "tandem/engine/meter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "external_meter.hpp"
#include "sysfs_meters.hpp"

namespace tandem::engine {
namespace {

namespace fs = std::filesystem;

std::string names_of(const Meters& meters) {
  std::string names;
  for (const auto& meter : meters) names += (names.empty() ? "" : ", ") + meter->name();
  return names.empty() ? "none" : names;
}

}  // namespace

Meters find_meters(const fs::path& sysfs) {
  Meters all;
  for (auto* find : {hwmon_meters, powercap_meters, battery_meters}) {
    Meters found = find(sysfs);
    std::ranges::move(found, std::back_inserter(all));
  }
  return all;
}

Result<std::unique_ptr<Meter>> open_meter(const std::string& which, const fs::path& sysfs) {
  if (which.find('/') != std::string::npos) return open_external_meter(which);
  Meters meters = find_meters(sysfs);
  if (which != "auto") {
    const auto named = std::ranges::find(meters, which, [](const auto& meter) { return meter->name(); });
    if (named == meters.end()) {
      return fail(Errc::not_found, fmt::format("no meter '{}'; there are: {} (a pipe or device needs a '/': ./{})",
                                               which, names_of(meters), which));
    }
    if (const auto reading = (*named)->read(); !reading) return forward_error(reading, "meter " + which);
    return std::move(*named);
  }
  std::string reasons;
  for (auto& meter : meters) {
    const auto reading = meter->read();
    if (reading) return std::move(meter);
    reasons += fmt::format("{}{}: {}", reasons.empty() ? "" : "; ", meter->name(), reading.error().message);
  }
  return fail(Errc::not_found,
              meters.empty() ? fmt::format("no energy meter under {}: neither an INA sensor, nor RAPL, nor a battery; "
                                           "name an external one, or model energy by --power-busy-mw",
                                           sysfs.string())
                             : "no energy meter can be used: " + reasons);
}

}  // namespace tandem::engine
