// Energy meters, read from the kernel's own files or from an external meter: no daemon, no library.
//
//   Result<std::unique_ptr<Meter>> meter = open_meter("auto");      // or "rapl", "ina226", "/dev/ttyUSB0"
//   Result<Reading> now = (*meter)->read();                         // power, or energy counted so far
//
// | meter      | files                                                                            | unit         |
// | ina219 …   | class/hwmon/hwmon*/: name, power*_input; else in*_input and curr*_input, *_label | µW; mV, mA   |
// | rapl       | class/powercap/intel-rapl:*/: name, energy_uj, max_energy_range_uj               | µJ, wraps    |
// | battery    | class/power_supply/*/: type, status, power_now; else current_now, voltage_now    | µW; µA, µV   |
// | a path     | a pipe or serial device that gives a line per reading: "1234.5 mW", "88 J"        | uW…W, uJ…J   |
//
// (Kernel documentation: hwmon/sysfs-interface, power/powercap, ABI/testing/sysfs-class-power.)
// Thread rule: a Meter is for one thread at a time.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "tandem/base/result.hpp"
#include "tandem/base/units.hpp"

namespace tandem::engine {

// What a meter says: the power right now, or the energy it has counted since some start, which never falls.
using Reading = std::variant<Milliwatts, Millijoules>;

class Meter {
 public:
  virtual ~Meter() = default;
  // "ina226", "ina3221:VDD_IN", "rapl", "battery:BAT0", or the path: what follows `measured:` in a profile.
  [[nodiscard]] virtual const std::string& name() const = 0;
  // What it is of, and where it is read.
  [[nodiscard]] virtual const std::string& description() const = 0;
  // How often there is something new to read.
  [[nodiscard]] virtual Milliseconds period() const = 0;
  // Errors: not_found (a file went away), failed_precondition (no permission, with what gives it; a battery that is
  // being charged; an external meter that says nothing), data_loss (a file or line that holds no number).
  virtual Result<Reading> read() = 0;
};

inline constexpr const char* kSysfs = "/sys";

// All that are there, usable or not, those first that "auto" prefers: sensors of the board, then the processor's own
// counters, then the battery.
std::vector<std::unique_ptr<Meter>> find_meters(const std::filesystem::path& sysfs = kSysfs);

// "auto": the first that can be read; a name of find_meters(); or the path of a pipe or serial device. Errors:
// not_found, with what is there and why it cannot be used; failed_precondition where a named one cannot be read.
Result<std::unique_ptr<Meter>> open_meter(const std::string& which, const std::filesystem::path& sysfs = kSysfs);

}  // namespace tandem::engine
