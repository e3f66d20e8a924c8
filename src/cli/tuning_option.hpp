// How `tandem plan` and `tandem run` take what `tandem codec tune` measured into account.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "tandem/base/result.hpp"
#include "tandem/profile/cost_table.hpp"

namespace tandem::cli {

struct TuningOptions {
  std::string file;      // empty: none
  std::string max_loss;  // "0.5%" or "0.005"; empty: what the file was made for
};
void add_tuning_options(CLI::App* command, TuningOptions& options);

// "0.5%" and "0.005" are 0.005. Error: invalid_argument naming `option`.
Result<double> share_of(const std::string& text, const std::string& option);

// Leaves the tables only the file's codecs, each where it loses little enough, and has `codec` choose among them where
// it is "auto": a JPEG of the input too, so that no cut is taken that loses to it. Nothing without a file. Errors:
// those of reading it; failed_precondition where it is of another network.
Status apply(const TuningOptions& options, profile::CostTable& device, profile::CostTable& cloud, std::string& codec);

}  // namespace tandem::cli
