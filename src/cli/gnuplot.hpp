// gnuplot as a child process: a script in, a picture out. No shell, no files.
//
//   Result<std::string> svg = run_gnuplot("set terminal svg\nplot sin(x)\n");
//
// Thread rule: any thread.
#pragma once

#include <string>

#include "tandem/base/result.hpp"

namespace tandem::cli {

// What gnuplot wrote to its standard output. Errors: not_found (it is not installed), deadline_exceeded (a minute),
// internal with the first thing it complained about.
Result<std::string> run_gnuplot(const std::string& script);

}  // namespace tandem::cli
