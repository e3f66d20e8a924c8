// `tandem bench jointdnn`, which has more options than the other benches.
#pragma once

#include "command.hpp"

namespace tandem::cli {

void add_jointdnn_bench(CLI::App* bench, Outcome& outcome);

}  // namespace tandem::cli
