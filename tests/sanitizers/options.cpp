// What every program of ours tells the sanitizers at its start. Compiled in, not set in the environment, so that it
// also holds for programs that tests start, and for a program run by hand. ASAN_OPTIONS and the like still override it.
//
// OpenVINO, TBB, gRPC and CBC are not built with sanitizers: what they keep until the end of the process is no leak of
// ours, and their synchronisation is invisible to the thread sanitizer.

#include <cstdlib>

namespace {

// OpenVINO's TBB loads a library with RTLD_DEEPBIND, which the address sanitizer refuses, unless it is told of it.
[[gnu::constructor]] void tell_tbb() {
  ::setenv("TBB_ENABLE_SANITIZERS", "1", 0);
}

}  // namespace

extern "C" {

const char* __asan_default_options();  // NOLINT(bugprone-reserved-identifier): the sanitizers fix these names
const char* __asan_default_options() {
  return "detect_stack_use_after_return=1:strict_string_checks=1:check_initialization_order=1";
}

const char* __ubsan_default_options();  // NOLINT(bugprone-reserved-identifier)
const char* __ubsan_default_options() {
  return "print_stacktrace=1";
}

const char* __lsan_default_options();  // NOLINT(bugprone-reserved-identifier)
const char* __lsan_default_options() {
  return "print_suppressions=0";
}

const char* __lsan_default_suppressions();  // NOLINT(bugprone-reserved-identifier)
const char* __lsan_default_suppressions() {
  return "leak:libopenvino\n"
         "leak:libtbb\n"
         "leak:libgrpc\n"
         "leak:libCoinUtils\n";
}

const char* __tsan_default_options();  // NOLINT(bugprone-reserved-identifier)
const char* __tsan_default_options() {
  return "ignore_noninstrumented_modules=1:second_deadlock_stack=1:halt_on_error=0";
}

const char* __tsan_default_suppressions();  // NOLINT(bugprone-reserved-identifier)
const char* __tsan_default_suppressions() {
  return "race:libopenvino\n"
         "race:libtbb\n"
         "race:libgrpc\n"
         "race:libgpr\n"
         "race:libprotobuf\n"
         "mutex:libgrpc\n"
         "deadlock:libgrpc\n";
}
}
