#include "tuning_option.hpp"

#include <fmt/format.h>

#include "tandem/base/number.hpp"
#include "tandem/profile/tuning.hpp"

namespace tandem::cli {

void add_tuning_options(CLI::App* command, TuningOptions& options) {
  auto* file = command
                   ->add_option("--tuning", options.file,
                                "of 'tandem codec tune': cut and codec are chosen together, within a loss of accuracy")
                   ->type_name("FILE");
  command->add_option("--max-loss", options.max_loss, "with --tuning: at most, 0.5% or 0.005; else what the file says")
      ->needs(file)
      ->type_name("SHARE");
}

Result<double> share_of(const std::string& text, const std::string& option) {
  const bool percent = text.ends_with('%');
  const auto number = parse_number<double>(std::string_view(text).substr(0, text.size() - (percent ? 1 : 0)));
  const double share = number.value_or(-1) / (percent ? 100 : 1);
  if (share >= 0 && share <= 1) return share;
  return fail(Errc::invalid_argument, fmt::format("{} '{}': write a share as 0.5% or 0.005", option, text));
}

Status apply(const TuningOptions& options, profile::CostTable& device, profile::CostTable& cloud, std::string& codec) {
  if (options.file.empty()) return {};
  const auto tuning = profile::load_tuning(options.file);
  if (!tuning) return forward_error(tuning);
  if (tuning->fingerprint != device.fingerprint || tuning->layers != device.size()) {
    return fail(Errc::failed_precondition,
                fmt::format("{} is of network '{}' ({}), the profile of '{}' ({}): tune the network that is planned",
                            options.file, tuning->network, tuning->fingerprint, device.network, device.fingerprint));
  }
  double max_loss = tuning->max_loss;
  if (!options.max_loss.empty()) {
    const auto told = share_of(options.max_loss, "--max-loss");
    if (!told) return forward_error(told);
    max_loss = *told;
  }
  device = profile::with_tuning(std::move(device), *tuning, max_loss);
  cloud = profile::with_tuning(std::move(cloud), *tuning, max_loss);
  if (codec == "auto") codec = "any";
  return {};
}

}  // namespace tandem::cli
