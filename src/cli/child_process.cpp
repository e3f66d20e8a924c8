#include "child_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "tandem/base/clock.hpp"

namespace tandem::cli {
namespace {

constexpr const char* kSelf = "/proc/self/exe";
constexpr Milliseconds kPatience{3000};

}  // namespace

Result<std::unique_ptr<ChildProcess>> ChildProcess::start(const std::vector<std::string>& arguments) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail(Errc::internal, fmt::format("no pipe: {}", std::strerror(errno)));
  std::vector<std::string> words{"tandem"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);

  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) {
    ::close(ends[0]);
    ::close(ends[1]);
    return fail(Errc::internal, fmt::format("no process: {}", std::strerror(errno)));
  }
  if (pid == 0) {
    // Between fork and exec of a program with threads: only calls that are safe in a signal handler.
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != parent) ::_exit(1);
    ::dup2(ends[1], STDOUT_FILENO);
    ::execv(kSelf, argv.data());
    ::_exit(127);
  }
  ::close(ends[1]);
  return std::unique_ptr<ChildProcess>(new ChildProcess(pid, ends[0]));
}

ChildProcess::~ChildProcess() {
  ::close(output_);
  if (pid_ <= 0) return;
  ::kill(pid_, SIGTERM);
  if (wait_for_end(kPatience)) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

bool ChildProcess::wait_for_end(Milliseconds patience) {
  const Clock& clock = steady_clock();
  const Instant end = clock.now() + patience;
  while (::waitpid(pid_, nullptr, WNOHANG) == 0) {
    if (clock.now() > end) return false;
    clock.sleep_until(clock.now() + Milliseconds{5});
  }
  return true;
}

Result<std::string> ChildProcess::read_line(Milliseconds deadline) {
  const Instant end = steady_clock().now() + deadline;
  for (;;) {
    if (const auto newline = pending_.find('\n'); newline != std::string::npos) {
      std::string line = pending_.substr(0, newline);
      pending_.erase(0, newline + 1);
      return line;
    }
    const Milliseconds left = end - steady_clock().now();
    if (left <= Milliseconds{0}) return fail(Errc::deadline_exceeded, "the process we started did not answer in time");
    pollfd wait{.fd = output_, .events = POLLIN, .revents = 0};
    if (::poll(&wait, 1, static_cast<int>(left.count()) + 1) <= 0) continue;
    char chunk[4096];
    const ssize_t got = ::read(output_, chunk, sizeof chunk);
    if (got > 0) {
      pending_.append(chunk, static_cast<std::size_t>(got));
      continue;
    }
    if (got < 0 && errno == EINTR) continue;
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    return fail(Errc::unavailable,
                fmt::format("the process we started ended with {} {}", WIFEXITED(status) ? "exit code" : "signal",
                            WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status)));
  }
}

}  // namespace tandem::cli
