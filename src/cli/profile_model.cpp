#include "profile_model.hpp"

#include <fmt/format.h>

#include <optional>

#include "tandem/base/file.hpp"
#include "tandem/profile/calibrate.hpp"
#include "tandem/profile/device_model.hpp"
#include "terminal.hpp"

namespace tandem::cli {
namespace {

using profile::Calibration;
using profile::ErrorSummary;

Json to_json(const ErrorSummary& errors) {
  return {{"groups", errors.groups}, {"median", errors.median}, {"percentile_95", errors.percentile_95}};
}

std::string in_words(const ErrorSummary& errors) {
  return fmt::format("median {:.1f} %, 95th percentile {:.1f} % over {} groups", 100 * errors.median,
                     100 * errors.percentile_95, errors.groups);
}

Result<Calibration> calibrated(const network::Network& network, const profile::DeviceModel& model,
                               const DeviceModelOptions& options) {
  const auto measured = profile::load(options.calibrate);
  if (!measured) return forward_error(measured);
  auto calibration = profile::calibrate(network, model, *measured, {.precision = options.precision});
  if (!calibration) return forward_error(calibration, options.calibrate);
  if (!options.save.empty()) {
    const Status saved = write_file(options.save, profile::to_json(calibration->model).dump(2) + "\n");
    if (!saved) return forward_error(saved);
  }
  return calibration;
}

}  // namespace

void add_device_model_options(CLI::App* command, DeviceModelOptions& options) {
  auto* model = command
                    ->add_option("--device-model", options.model,
                                 "measure nothing: model the device, a preset (jetson-tx2, tesla-k40c, jetson-tx2-cpu, "
                                 "jetson-nano, raspberry-pi-4, snapdragon-855-gpu) or a tandem.device.v1 file")
                    ->type_name("NAME|FILE");
  command->add_option("--model-precision", options.precision, "of the modelled device: f32, f16, bf16, i8")
      ->capture_default_str()
      ->needs(model);
  command->add_flag("--png-features", options.png, "model 8-bit features as PNG files, as the dissertation sends them")
      ->needs(model);
  auto* calibrate =
      command->add_option("--calibrate", options.calibrate, "a measured profile of the network to fit the model to")
          ->type_name("FILE")
          ->needs(model);
  command->add_option("--save-device-model", options.save, "where to write the calibrated model")
      ->type_name("FILE")
      ->needs(calibrate);
}

Outcome profile_with_model(const network::Network& network, const DeviceModelOptions& options,
                           const std::string& output, bool json) {
  auto model = profile::find_device_model(options.model);
  if (!model) return forward_error(model);
  std::optional<Calibration> calibration;
  if (!options.calibrate.empty()) {
    auto fitted = calibrated(network, *model, options);
    if (!fitted) return forward_error(fitted);
    calibration = std::move(*fitted);
  }
  auto table =
      profile::model_profile(network, calibration ? calibration->model : *model, {.precision = options.precision});
  if (!table) return forward_error(table);
  table->codecs["linear8"] = profile::modelled_codec(
      network, options.png ? profile::FeatureCoding::eight_bit_png : profile::FeatureCoding::eight_bit);
  if (const Status saved = profile::save(*table, output); !saved) return forward_error(saved);

  const profile::Cost whole = table->cost({.first = 1, .last = table->size()});
  if (json) {
    Json answer{{"file", output},
                {"network", table->network},
                {"device", table->device},
                {"layers", table->size()},
                {"groups", table->group_count()},
                {"latency_ms", whole.latency.count()},
                {"energy_mj", whole.energy.value},
                {"energy_source", table->energy_source}};
    if (calibration) {
      answer["calibration"] = {{"fitted", to_json(calibration->fitted)},
                               {"held_out", to_json(calibration->held_out)},
                               {"held_out_before", to_json(calibration->held_out_before)}};
    }
    fmt::print("{}\n", answer.dump(2));
    return Exit::done;
  }
  fmt::print("{} on {}: whole network {}, {:.0f} mJ, nothing of it measured\n", table->network, table->device,
             human_time(whole.latency), whole.energy.value);
  if (calibration) {
    fmt::print("error on held-out groups: {}\n", in_words(calibration->held_out));
    fmt::print("  before the calibration: {}\n", in_words(calibration->held_out_before));
    fmt::print("  of the fitted groups:   {}\n", in_words(calibration->fitted));
  }
  fmt::print("written to {}\n", output);
  return Exit::done;
}

}  // namespace tandem::cli
