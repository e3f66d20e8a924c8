// Highway, set up for a source file that is compiled once for each kind of processor. The including file has defined
// HWY_TARGET_INCLUDE as its own name.
//
// No guard: foreach_target.h includes that file again for each target, and this one with it.
//
// Compiled for SSE4, AVX2, AVX-512 and no vectors at all; on ARM for NEON. Processors that have SSSE3 but not SSE4 are
// from before 2008 and take the last: each kind more costs every build.
#ifndef HWY_DISABLED_TARGETS
#define HWY_DISABLED_TARGETS HWY_SSSE3
#endif
#include <hwy/foreach_target.h>  // IWYU pragma: keep
// After foreach_target.h.
#include <hwy/highway.h>
