// Meters that the kernel offers as files under /sys.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "tandem/engine/meter.hpp"

namespace tandem::engine {

using Meters = std::vector<std::unique_ptr<Meter>>;

// INA219, INA226, INA3221 and their kin, a meter for each channel.
Meters hwmon_meters(const std::filesystem::path& sysfs);
// The packages of all processors together, and the whole platform where it is counted.
Meters powercap_meters(const std::filesystem::path& sysfs);
Meters battery_meters(const std::filesystem::path& sysfs);

}  // namespace tandem::engine
