// Runs the real `tandem` program, in the foreground or as a server that ends with the test.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

namespace tandem::e2e {

struct Ended {
  int exit_code = -1;  // 128 + signal where a signal ended it; -1 where it had to be killed after the deadline
  std::string out;
  std::string err;
};

// Runs `tandem ARGUMENTS...` in `folder` to its end.
Ended run(const std::vector<std::string>& arguments, const std::string& folder = ".",
          std::chrono::seconds deadline = std::chrono::seconds(100));

// A `tandem` that runs until destroyed.
class Running {
 public:
  explicit Running(const std::vector<std::string>& arguments);
  ~Running();
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  // The next line of its standard output; empty where it ended or the deadline passed.
  std::string line(std::chrono::seconds deadline = std::chrono::seconds(60));
  void kill();  // at once, as a crash would
  int stop();   // SIGTERM; its exit code

 private:
  pid_t pid_ = -1;
  int out_ = -1;
  std::string pending_;
};

// An empty folder of its own, removed at the end.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  // Names of what lies in it, sorted.
  [[nodiscard]] std::vector<std::string> names() const;

 private:
  std::string path_;
};

}  // namespace tandem::e2e
