// A folder that looks like /sys to a meter, and a thread that lets its files follow a power curve in real time.
#pragma once

#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <thread>

#include "tandem/base/clock.hpp"
#include "tandem/base/file.hpp"
#include "tandem/base/random.hpp"

namespace tandem::engine::testing {

namespace fs = std::filesystem;

class FakeSysfs {
 public:
  FakeSysfs() {
    std::string name = (fs::temp_directory_path() / "tandem-sysfs-XXXXXX").string();
    root_ = ::mkdtemp(name.data());
  }
  ~FakeSysfs() {
    std::error_code ignored;
    fs::remove_all(root_, ignored);
  }
  FakeSysfs(const FakeSysfs&) = delete;
  FakeSysfs& operator=(const FakeSysfs&) = delete;

  [[nodiscard]] const fs::path& root() const { return root_; }
  // A reader sees the old or the new content, as with the kernel's files.
  void write(const std::string& file, const std::string& content) const {
    fs::create_directories((root_ / file).parent_path());
    (void)write_file(root_ / file, content + "\n");
  }
  void remove(const std::string& file) const { fs::remove(root_ / file); }

 private:
  fs::path root_;
};

// Calls `update` with the time since its start, at irregular steps of about a millisecond, until destroyed.
class Follower {
 public:
  using Update = std::function<void(Milliseconds since_start)>;
  explicit Follower(Update update)
      : thread_([this, update = std::move(update)] {
          Random random(1);
          while (!ended_) {
            update(steady_clock().now() - start_);
            steady_clock().sleep_until(steady_clock().now() + Milliseconds{random.uniform(0.3, 1.5)});
          }
        }) {}
  ~Follower() {
    ended_ = true;
    thread_.join();
  }
  Follower(const Follower&) = delete;
  Follower& operator=(const Follower&) = delete;
  [[nodiscard]] Instant start() const { return start_; }

 private:
  std::atomic<bool> ended_ = false;
  Instant start_ = steady_clock().now();
  std::thread thread_;  // last: it uses the others
};

}  // namespace tandem::engine::testing
