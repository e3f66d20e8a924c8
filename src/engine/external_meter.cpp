#include "external_meter.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <optional>
#include <string>

namespace tandem::engine {
namespace {

constexpr Milliseconds kPeriod{5};      // of looking for lines, not of the meter's
constexpr Milliseconds kSilence{2000};  // after which a meter is held for dead
constexpr std::size_t kLongestLine = 256;

struct Unit {
  std::string_view name;
  bool is_power;
  double milli;  // in mW or mJ
};
constexpr std::array kUnits{Unit{"uW", true, 1e-3},  Unit{"mW", true, 1},  Unit{"W", true, 1e3},
                            Unit{"uJ", false, 1e-3}, Unit{"mJ", false, 1}, Unit{"J", false, 1e3}};

class ExternalMeter final : public Meter {
 public:
  ExternalMeter(std::string path, int fd, const Clock& clock)
      : name_(std::move(path)), description_("external meter, " + name_), fd_(fd), clock_(clock), heard_(clock.now()) {}
  ~ExternalMeter() override { ::close(fd_); }
  ExternalMeter(const ExternalMeter&) = delete;
  ExternalMeter& operator=(const ExternalMeter&) = delete;

  [[nodiscard]] const std::string& name() const override { return name_; }
  [[nodiscard]] const std::string& description() const override { return description_; }
  [[nodiscard]] Milliseconds period() const override { return kPeriod; }

  // The last complete line; waits for the first.
  Result<Reading> read() override {
    for (;;) {
      if (const Status got = take_all(); !got) return forward_error(got);
      if (last_ && clock_.now() - heard_ < kSilence) return *last_;
      if (clock_.now() - heard_ >= kSilence) {
        return fail(Errc::failed_precondition,
                    fmt::format("{}: no line for {:.0f} ms; is the meter running?", name_, kSilence.count()));
      }
      pollfd waiting{.fd = fd_, .events = POLLIN, .revents = 0};
      ::poll(&waiting, 1, static_cast<int>(kPeriod.count()));
    }
  }

 private:
  Status take_all() {
    std::array<char, 4096> buffer{};
    for (;;) {
      const ssize_t count = ::read(fd_, buffer.data(), buffer.size());
      if (count == 0) return {};  // a pipe without a writer: the silence will tell
      if (count < 0) {
        if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return {};
        return fail(Errc::not_found, fmt::format("{}: {}", name_, std::strerror(errno)));
      }
      pending_.append(buffer.data(), static_cast<std::size_t>(count));
      if (const Status taken = take_lines(); !taken) return taken;
    }
  }

  Status take_lines() {
    for (std::size_t end = pending_.find('\n'); end != std::string::npos; end = pending_.find('\n')) {
      const std::string line = pending_.substr(0, end);
      pending_.erase(0, end + 1);
      if (line.find_first_not_of(" \r\t") == std::string::npos) continue;
      // Who opens a serial line in the middle of one sees its rest only.
      const auto reading = parse_meter_line(line);
      if (!reading && !std::exchange(first_line_, false)) return forward_error(reading, name_);
      first_line_ = false;
      if (!reading) continue;
      if (last_ && last_->index() != reading->index()) {
        return fail(Errc::data_loss, fmt::format("{}: gives power and energy in turn; one of them only", name_));
      }
      last_ = *reading;
      heard_ = clock_.now();
    }
    if (pending_.size() > kLongestLine) return fail(Errc::data_loss, fmt::format("{}: gives no lines", name_));
    return {};
  }

  std::string name_;
  std::string description_;
  int fd_;
  const Clock& clock_;
  Instant heard_;
  std::string pending_;
  bool first_line_ = true;
  std::optional<Reading> last_;
};

// As bytes come, without the line editing that a terminal does.
void make_raw(int fd) {
  termios settings{};
  if (::tcgetattr(fd, &settings) != 0) return;  // no terminal
  ::cfmakeraw(&settings);
  settings.c_cflag |= static_cast<tcflag_t>(CLOCAL | CREAD);
  ::tcsetattr(fd, TCSANOW, &settings);
}

}  // namespace

Result<Reading> parse_meter_line(std::string_view line) {
  const auto bad = [&line] {
    return fail(Errc::data_loss, fmt::format("'{}' is no reading such as '1234.5 mW' or '88 J'", line.substr(0, 60)));
  };
  const std::string_view all = line;
  while (line.starts_with(' ') || line.starts_with('\t')) line.remove_prefix(1);
  while (line.ends_with(' ') || line.ends_with('\r') || line.ends_with('\t')) line.remove_suffix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), value);
  line.remove_prefix(static_cast<std::size_t>(end - line.data()));
  while (line.starts_with(' ') || line.starts_with('\t')) line.remove_prefix(1);
  if (error != std::errc{} || !std::isfinite(value) || value < 0) {
    line = all;
    return bad();
  }
  for (const Unit& unit : kUnits) {
    if (line != unit.name) continue;
    if (unit.is_power) return Milliwatts{value * unit.milli};
    return Millijoules{value * unit.milli};
  }
  line = all;
  return bad();
}

Result<std::unique_ptr<Meter>> open_external_meter(const std::filesystem::path& path, const Clock& clock) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) {
    return fail(Errc::not_found, fmt::format("{}: {}", path.string(), std::strerror(errno)));
  }
  if (!S_ISFIFO(info.st_mode) && !S_ISCHR(info.st_mode)) {
    return fail(Errc::failed_precondition,
                fmt::format("{}: is no pipe and no serial device, which an external meter writes to", path.string()));
  }
  const int fd = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
  if (fd < 0) {
    return fail(Errc::failed_precondition,
                fmt::format("{}: cannot be opened: {}", path.string(), std::strerror(errno)));
  }
  make_raw(fd);
  return std::make_unique<ExternalMeter>(path.string(), fd, clock);
}

}  // namespace tandem::engine
