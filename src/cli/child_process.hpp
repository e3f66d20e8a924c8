// A process of our own that ends with us: `tandem` started again as the cloud of a demo, a bench or a test.
//
//   auto cloud = ChildProcess::start({"serve", "zoo:alexnet", "--listen", "127.0.0.1:0", "--json"});
//   Result<std::string> line = (*cloud)->read_line(Milliseconds{60000});
//
// Thread rule: one thread; the thread that starts it must outlive it (the kernel ends the child with that thread).
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "tandem/base/result.hpp"
#include "tandem/base/units.hpp"

namespace tandem::cli {

class ChildProcess {
 public:
  // Runs this very program with `arguments`. Error: internal, with the system's reason.
  static Result<std::unique_ptr<ChildProcess>> start(const std::vector<std::string>& arguments);
  // SIGTERM, then SIGKILL where it does not end within three seconds.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  // The next line of its standard output, without the newline. Errors: unavailable where it ended (its exit code is
  // named; what it wrote to standard error has gone to ours), deadline_exceeded.
  Result<std::string> read_line(Milliseconds deadline);

 private:
  ChildProcess(pid_t pid, int output) : pid_(pid), output_(output) {}
  bool wait_for_end(Milliseconds patience);

  pid_t pid_;
  int output_;
  std::string pending_;
};

}  // namespace tandem::cli
