#include "sysfs_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "tandem/base/number.hpp"

namespace tandem::engine {
namespace fs = std::filesystem;

Result<std::string> read_sysfs_text(const fs::path& file) {
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  std::array<char, 256> buffer{};
  const ssize_t count = fd < 0 ? -1 : ::read(fd, buffer.data(), buffer.size());
  const int error = errno;
  if (fd >= 0) ::close(fd);
  if (count < 0) {
    if (error == ENOENT || error == ENODEV || error == ENOTDIR) {
      return fail(Errc::not_found, fmt::format("{}: the file is not there (any more)", file.string()));
    }
    if (error == EACCES || error == EPERM) {
      return fail(Errc::failed_precondition,
                  fmt::format("{0}: no permission to read it; as root: chmod a+r {0}", file.string()));
    }
    return fail(Errc::data_loss, fmt::format("{}: cannot be read: {}", file.string(), std::strerror(error)));
  }
  std::string text(buffer.data(), static_cast<std::size_t>(count));
  text.erase(text.find_last_not_of(" \n\r\t") + 1);
  return text;
}

Result<double> read_sysfs_number(const fs::path& file) {
  const auto text = read_sysfs_text(file);
  if (!text) return forward_error(text);
  const auto value = parse_number<long long>(*text);
  if (!value) return fail(Errc::data_loss, fmt::format("{}: holds no number: '{}'", file.string(), *text));
  return static_cast<double>(*value);
}

std::vector<fs::path> sysfs_entries(const fs::path& folder, const std::string& prefix) {
  std::vector<fs::path> entries;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    if (entry->path().filename().string().starts_with(prefix)) entries.push_back(entry->path());
  }
  // Shorter names first: their numbers are smaller.
  std::ranges::sort(entries, {}, [](const fs::path& path) {
    const std::string name = path.filename().string();
    return std::pair(name.size(), name);
  });
  return entries;
}

}  // namespace tandem::engine
