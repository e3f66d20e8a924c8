#include "gnuplot.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

namespace tandem::cli {
namespace {

constexpr int kPatienceMs = 60'000;

// A file in memory. gnuplot's three streams are such files, so that no pipe can fill up and nothing lies about on disk.
class MemoryFile {
 public:
  explicit MemoryFile(const char* name) : descriptor_(::memfd_create(name, MFD_CLOEXEC)) {}
  ~MemoryFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  [[nodiscard]] int descriptor() const { return descriptor_; }

  // From its start; false where the system refuses.
  [[nodiscard]] bool fill(const std::string& content) const {
    std::size_t written = 0;
    while (written < content.size()) {
      const ssize_t n = ::write(descriptor_, content.data() + written, content.size() - written);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return false;
      written += static_cast<std::size_t>(n);
    }
    return ::lseek(descriptor_, 0, SEEK_SET) == 0;
  }

  [[nodiscard]] std::string content() const {
    std::string content;
    char chunk[65536];
    for (;;) {
      const ssize_t n = ::pread(descriptor_, chunk, sizeof chunk, static_cast<off_t>(content.size()));
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return content;
      content.append(chunk, static_cast<std::size_t>(n));
    }
  }

 private:
  int descriptor_;
};

struct Streams {
  MemoryFile input{"gnuplot-script"}, output{"gnuplot-picture"}, errors{"gnuplot-errors"};
};

// 0, or why it did not start. Without -d a person's own start-up file would change our pictures.
int start(const Streams& streams, pid_t& pid) {
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, streams.input.descriptor(), STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, streams.output.descriptor(), STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, streams.errors.descriptor(), STDERR_FILENO);
  std::string program = "gnuplot", defaults_only = "-d";
  char* const arguments[] = {program.data(), defaults_only.data(), nullptr};
  const int error = ::posix_spawnp(&pid, program.c_str(), &actions, nullptr, arguments, environ);
  ::posix_spawn_file_actions_destroy(&actions);
  return error;
}

// Whether the process ended in time; it is ended where not.
bool wait_for_end(pid_t pid, int& status) {
  const int watch = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));  // glibc 2.36's header is not for C++
  pollfd end{.fd = watch, .events = POLLIN, .revents = 0};
  int ready = 0;
  do ready = ::poll(&end, 1, kPatienceMs);
  while (ready < 0 && errno == EINTR);
  ::close(watch);
  if (ready == 0) ::kill(pid, SIGKILL);
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return ready != 0;
}

// gnuplot shows the line it stumbled over before it says why; the last line that is not empty is the reason.
std::string reason_in(const std::string& errors) {
  const std::size_t end = errors.find_last_not_of(" \t\r\n");
  if (end == std::string::npos) return "no reason given";
  const std::size_t newline = errors.rfind('\n', end);
  const std::size_t begin = errors.find_first_not_of(" \t", newline == std::string::npos ? 0 : newline + 1);
  return errors.substr(begin, end - begin + 1);
}

}  // namespace

Result<std::string> run_gnuplot(const std::string& script) {
  const Streams streams;
  if (streams.input.descriptor() < 0 || streams.output.descriptor() < 0 || streams.errors.descriptor() < 0 ||
      !streams.input.fill(script)) {
    return fail(Errc::internal, fmt::format("no memory for gnuplot's script: {}", std::strerror(errno)));
  }
  pid_t pid = 0;
  if (const int error = start(streams, pid); error == ENOENT) {
    return fail(Errc::not_found, "gnuplot is not installed, and draws the plots; get it with: apt install gnuplot-nox");
  } else if (error != 0) {
    return fail(Errc::internal, fmt::format("gnuplot cannot be started: {}", std::strerror(error)));
  }
  int status = 0;
  if (!wait_for_end(pid, status)) return fail(Errc::deadline_exceeded, "gnuplot took over a minute for a plot");
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    return fail(Errc::internal, "gnuplot: " + reason_in(streams.errors.content()));
  }
  return streams.output.content();
}

}  // namespace tandem::cli
