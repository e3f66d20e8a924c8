#include "tandem/base/file.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

namespace tandem {
namespace fs = std::filesystem;

Result<std::string> read_file(const fs::path& path, std::uintmax_t max_bytes) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) return fail(Errc::not_found, path.string() + ": no such file");
  if (fs::is_directory(status)) return fail(Errc::invalid_argument, path.string() + ": is a folder, a file is needed");
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail(Errc::invalid_argument, path.string() + ": cannot be read: " + std::strerror(errno));
  std::string content;
  char chunk[65536];
  while (in.read(chunk, sizeof chunk) || in.gcount() > 0) {
    content.append(chunk, static_cast<std::size_t>(in.gcount()));
    if (content.size() > max_bytes) {
      return fail(Errc::invalid_argument, path.string() + ": larger than " + std::to_string(max_bytes) + " bytes");
    }
  }
  return content;
}

Status write_file(const fs::path& path, std::string_view content) {
  fs::path temporary = path;
  temporary += ".tmp" + std::to_string(::getpid());
  {
    std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
    if (out) out.write(content.data(), static_cast<std::streamsize>(content.size()));
    out.flush();
    if (!out) {
      const std::string reason = std::strerror(errno);
      std::error_code ignored;
      fs::remove(temporary, ignored);
      return fail(Errc::invalid_argument, path.string() + ": cannot be written: " + reason);
    }
  }
  std::error_code error;
  fs::rename(temporary, path, error);
  if (error) {
    std::error_code ignored;
    fs::remove(temporary, ignored);
    return fail(Errc::invalid_argument, path.string() + ": cannot be written: " + error.message());
  }
  return {};
}

}  // namespace tandem
