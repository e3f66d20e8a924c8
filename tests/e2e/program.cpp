#include "program.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

namespace tandem::e2e {
namespace {

using Clock = std::chrono::steady_clock;

struct Pipe {
  int read = -1;
  int write = -1;
  Pipe() {
    int ends[2] = {-1, -1};
    if (::pipe2(ends, O_CLOEXEC) == 0) {
      read = ends[0];
      write = ends[1];
    }
  }
};

pid_t start(const std::vector<std::string>& arguments, const std::string& folder, int out, int err) {
  std::vector<std::string> words{TANDEM_BINARY};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::chdir(folder.c_str()) != 0) ::_exit(126);
  const int nothing = ::open("/dev/null", O_RDONLY);
  ::dup2(nothing, STDIN_FILENO);
  ::dup2(out, STDOUT_FILENO);
  if (err >= 0) ::dup2(err, STDERR_FILENO);
  // Profiles of tests are the tests' own; one that needs a store to itself sets the variable.
  ::setenv("TANDEM_PROFILES", TANDEM_TEST_PROFILES, 0);
  ::execv(TANDEM_BINARY, argv.data());
  ::_exit(127);
}

int exit_code(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

Ended run(const std::vector<std::string>& arguments, const std::string& folder, std::chrono::seconds deadline) {
  Pipe out;
  Pipe err;
  const pid_t pid = start(arguments, folder, out.write, err.write);
  ::close(out.write);
  ::close(err.write);
  Ended ended;
  const auto end = Clock::now() + deadline;
  pollfd waits[2] = {{.fd = out.read, .events = POLLIN, .revents = 0},
                     {.fd = err.read, .events = POLLIN, .revents = 0}};
  std::string* texts[2] = {&ended.out, &ended.err};
  bool late = false;
  while (waits[0].fd >= 0 || waits[1].fd >= 0) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now()).count();
    late = left <= 0;
    if (late) break;
    if (::poll(waits, 2, static_cast<int>(left)) <= 0) continue;
    for (int i = 0; i < 2; ++i) {
      if (waits[i].fd < 0 || waits[i].revents == 0) continue;
      char chunk[8192];
      const ssize_t got = ::read(waits[i].fd, chunk, sizeof chunk);
      if (got > 0) {
        texts[i]->append(chunk, static_cast<std::size_t>(got));
      } else {
        waits[i].fd = -1;
      }
    }
  }
  if (late) ::kill(pid, SIGKILL);
  int status = 0;
  ::waitpid(pid, &status, 0);
  ::close(out.read);
  ::close(err.read);
  ended.exit_code = late ? -1 : exit_code(status);
  return ended;
}

Running::Running(const std::vector<std::string>& arguments) {
  const Pipe out;
  pid_ = start(arguments, ".", out.write, -1);
  ::close(out.write);
  out_ = out.read;
}

Running::~Running() {
  kill();
  ::close(out_);
}

std::string Running::line(std::chrono::seconds deadline) {
  const auto end = Clock::now() + deadline;
  for (;;) {
    if (const auto newline = pending_.find('\n'); newline != std::string::npos) {
      std::string line = pending_.substr(0, newline);
      pending_.erase(0, newline + 1);
      return line;
    }
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now()).count();
    if (left <= 0) return {};
    pollfd wait{.fd = out_, .events = POLLIN, .revents = 0};
    if (::poll(&wait, 1, static_cast<int>(left)) <= 0) continue;
    char chunk[4096];
    const ssize_t got = ::read(out_, chunk, sizeof chunk);
    if (got <= 0) return {};
    pending_.append(chunk, static_cast<std::size_t>(got));
  }
}

void Running::kill() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

int Running::stop() {
  if (pid_ <= 0) return -1;
  ::kill(pid_, SIGTERM);
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = -1;
  return exit_code(status);
}

TemporaryFolder::TemporaryFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "tandem-test-XXXXXX").string();
  if (const char* made = ::mkdtemp(name.data()); made != nullptr) path_ = made;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::vector<std::string> TemporaryFolder::names() const {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(path_))
    names.push_back(entry.path().filename().string());
  std::ranges::sort(names);
  return names;
}

}  // namespace tandem::e2e
