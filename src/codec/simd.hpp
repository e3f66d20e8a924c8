// Highway, set up for a source file that is compiled once for each kind of processor. The including file has defined
// HWY_TARGET_INCLUDE as its own name.
//
// No guard: foreach_target.h includes that file again for each target, and this one with it.
#include <hwy/foreach_target.h>  // IWYU pragma: keep
// After foreach_target.h.
#include <hwy/highway.h>
