#include "device_profile.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "tandem/base/clock.hpp"
#include "tandem/base/log.hpp"
#include "tandem/codec/codec.hpp"
#include "tandem/engine/profiler.hpp"
#include "tandem/profile/emulate.hpp"
#include "tandem/profile/store.hpp"
#include "terminal.hpp"

namespace tandem::cli {
namespace {

constexpr std::size_t kMostSamples = 4;  // of the inputs, for sizes of coded tensors

// From the store, or measured now: at full speed and without modelled power.
Result<DeviceProfile> measured_profile(const network::Network& network, const DeviceOptions& device, bool quiet) {
  engine::ProfileOptions options;
  options.compile = device.compile;
  options.compile.slowdown = 1.0;
  std::optional<profile::ProfileStore> store;
  if (auto folder = profile::user_store_folder()) store.emplace(std::move(*folder));
  if (store) {
    profile::ProfileKey key = engine::profile_key(network, options);
    // Energy that was measured serves this machine as it is; a device that is made up has modelled energy.
    const bool as_it_is = device.compile.slowdown == 1.0 && device.busy_mw == 0.0 && device.idle_mw == 0.0;
    for (const bool measured_energy : {true, false}) {
      if (measured_energy && !as_it_is) continue;
      key.measured_energy = measured_energy;
      auto kept = store->find(key);
      if (!kept) logger().warn("{}; measured anew", kept.error().message);
      if (!kept || !*kept || !profile::check_fits(**kept, network, "")) continue;
      return DeviceProfile{std::move(**kept), "measured before"};
    }
  }
  Progress progress("profiling " + network.name(), quiet);
  options.progress = [&](double fraction, const std::string& detail) { progress.update(fraction, detail); };
  auto table = engine::measure_profile(network, options);
  if (!table) return forward_error(table);
  progress.finish();
  if (store) {
    if (const auto kept = store->keep(*table); !kept) logger().warn("{}", kept.error().message);
  }
  return DeviceProfile{std::move(*table), "measured now"};
}

// What sending the input as a JPEG costs: the size and the time to code and decode it, at full speed.
Result<std::optional<profile::CodecCosts>> jpeg_costs(std::span<const Input> inputs,
                                                      const Result<network::ImageInput>& image_input, int boundaries) {
  profile::CodecCosts costs;
  costs.bytes.assign(static_cast<std::size_t>(boundaries), 0.0);
  costs.encode.assign(costs.bytes.size(), {});
  costs.decode.assign(costs.bytes.size(), {});
  const Clock& clock = steady_clock();
  double images = 0;
  for (const Input& input : inputs.first(std::min(inputs.size(), kMostSamples))) {
    if (!input.image || !image_input) continue;
    const codec::Image fitted = codec::fit(*input.image, *image_input);
    const Instant start = clock.now();
    auto file = codec::encode_jpeg(fitted, kInputJpegQuality);
    if (!file) return forward_error(file);
    const Instant coded = clock.now();
    auto decoded = codec::decode_image(*file);
    if (!decoded) return forward_error(decoded);
    network::Tensor tensor(input.tensors.front().spec);
    if (const Status done = codec::to_tensor(*decoded, *image_input, tensor.spec, tensor.data); !done)
      return forward_error(done);
    costs.bytes[0] += static_cast<double>(file->size());
    costs.encode[0] += coded - start;
    costs.decode[0] += clock.now() - coded;
    ++images;
  }
  if (images == 0) return std::nullopt;
  costs.bytes[0] /= images;
  costs.encode[0] /= images;
  costs.decode[0] /= images;
  return costs;
}

Status add_codec_costs(profile::CostTable& table, const network::Network& network, const DeviceOptions& options,
                       std::span<const Input> inputs, const Result<network::ImageInput>& image_input) {
  engine::CompileOptions compile = options.compile;
  compile.slowdown = 1.0;
  auto costs = engine::measure_codecs(network, codec_samples(inputs), codec::for_tensors(), compile, options.priors);
  if (!costs) return forward_error(costs);
  table.codecs = std::move(*costs);
  auto jpeg = jpeg_costs(inputs, image_input, network.size() + 1);
  if (!jpeg) return forward_error(jpeg);
  if (*jpeg) table.codecs.emplace(codec::kJpeg, std::move(**jpeg));
  return {};
}

}  // namespace

void add_device_options(CLI::App* command, DeviceOptions& options) {
  command->add_option("--threads", options.compile.threads, "CPU threads of the device's part")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  command->add_option("--precision", options.compile.precision, "f32, or bf16 where the CPU has it")
      ->transform(CLI::CheckedTransformer(std::map<std::string, engine::Precision>{{"f32", engine::Precision::f32},
                                                                                   {"bf16", engine::Precision::bf16}})
                      .description("f32|bf16"))
      ->type_name("")
      ->default_str("f32");
  command->add_option("--slowdown", options.compile.slowdown, "emulate a device this many times slower")
      ->check(CLI::Range(1.0, engine::kMaxSlowdown))
      ->capture_default_str();
  command->add_option("--power-busy-mw", options.busy_mw, "the device's power while it computes, for modelled energy")
      ->check(CLI::Range(0.0, 1e9))
      ->capture_default_str();
  command->add_option("--power-idle-mw", options.idle_mw, "its power while it waits")
      ->check(CLI::Range(0.0, 1e9))
      ->capture_default_str();
}

std::vector<engine::Sample> codec_samples(std::span<const Input> inputs) {
  std::vector<engine::Sample> samples;
  for (const Input& input : inputs.first(std::min(inputs.size(), kMostSamples))) samples.push_back(input.tensors);
  return samples;
}

Result<DeviceProfile> device_profile(const network::Network& network, const DeviceOptions& options,
                                     const std::string& file, std::span<const Input> inputs,
                                     const Result<network::ImageInput>& image_input, bool quiet) {
  if (!file.empty()) {
    auto table = profile::load(file);
    if (!table) return forward_error(table);
    if (const Status fits = profile::check_fits(*table, network, file); !fits) return forward_error(fits);
    if (options.check_runtime) {
      if (const Status fits = profile::check_runtime(*table, engine::runtime_version(), file); !fits)
        return forward_error(fits);
    }
    return DeviceProfile{std::move(*table), file};
  }
  auto measured = measured_profile(network, options, quiet);
  if (!measured) return forward_error(measured);
  if (const Status added = add_codec_costs(measured->table, network, options, inputs, image_input); !added) {
    return forward_error(added);
  }
  measured->table = profile::emulate(measured->table, {.slowdown = options.compile.slowdown,
                                                       .idle_power = Milliwatts{options.idle_mw},
                                                       .busy_power = Milliwatts{options.busy_mw}});
  return measured;
}

}  // namespace tandem::cli
