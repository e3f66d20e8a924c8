// Format tandem.device.v1, see docs/formats/device.md.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "tandem/base/file.hpp"
#include "tandem/profile/device_model.hpp"

namespace tandem::profile {
namespace {

constexpr const char* kFormat = "tandem.device.v1";
constexpr std::uintmax_t kMaxDeviceFile = 1U << 20U;
// What rates and shares may be: above nothing, and below every machine.
constexpr NumberBounds kRate{.min = 1e-6, .max = 1e12};
constexpr NumberBounds kShare{.min = 1e-6, .max = 1.0};
constexpr NumberBounds kEfficiency{.min = 1e-6, .max = 100.0};
constexpr NumberBounds kTime{.min = 0.0, .max = 1e6};
constexpr NumberBounds kPower{.min = 0.0, .max = 1e9};
constexpr std::array<std::string_view, 4> kPrecisions = {"f32", "f16", "bf16", "i8"};

constexpr std::array<Operation, 5> kComputing = {Operation::convolution, Operation::grouped_convolution,
                                                 Operation::deconvolution, Operation::matrix_product,
                                                 Operation::recurrent};

Json member(const Json& json, const char* key) {
  return json.is_object() && json.contains(key) ? json[key] : Json::object();
}

std::vector<std::string> keys_of(const Json& json) {
  std::vector<std::string> keys;
  if (!json.is_object()) return keys;
  for (const auto& item : json.items()) keys.push_back(item.key());
  return keys;
}

Status read_peaks(const Json& json, DeviceModel& model) {
  const Json peaks = member(json, "peak_gflops");
  JsonReader reader(peaks, "peak_gflops", Status{});
  for (const std::string& precision : keys_of(peaks)) {
    if (std::ranges::find(kPrecisions, precision) == kPrecisions.end()) {
      reader.refuse(precision, "is no precision; there are f32, f16, bf16 and i8");
    }
    model.peak_gflops[precision] = reader.number(precision.c_str(), kRate);
  }
  if (model.peak_gflops.empty()) reader.refuse("f32", "is missing: state the peak of some precision");
  return reader.status();
}

Status read_efficiency(const Json& json, DeviceModel& model) {
  const Json shares = member(json, "efficiency");
  JsonReader reader(shares, "efficiency", Status{});
  model.efficiency.fill(1.0);
  for (const Operation operation : kComputing) {
    model.efficiency[static_cast<std::size_t>(operation)] =
        reader.number(std::string(name_of(operation)).c_str(), kEfficiency);
  }
  return reader.status();
}

Status read_sources(const Json& json, DeviceModel& model) {
  const Json sources = member(json, "sources");
  JsonReader reader(sources, "sources", Status{});
  for (const std::string& field : keys_of(sources)) {
    model.sources[field] = reader.text(field.c_str());
  }
  return reader.status();
}

std::string preset_names() {
  std::string names;
  for (const DeviceModel& preset : device_presets()) names += (names.empty() ? "" : ", ") + preset.name;
  return names;
}

}  // namespace

Result<DeviceModel> device_model_from_json(const Json& json) {
  JsonReader reader(json, kFormat);
  DeviceModel model{.name = reader.text("name"),
                    .peak_gflops = {},
                    .memory_gb_per_s = reader.number("memory_gb_per_s", kRate),
                    .memory_efficiency = reader.number_or("memory_efficiency", 0.75, kShare),
                    .efficiency = {},
                    .launch = Milliseconds{reader.number_or("launch_ms", 0, kTime)},
                    .call = Milliseconds{reader.number_or("call_ms", 0, kTime)},
                    .recurrent_step = Milliseconds{reader.number_or("recurrent_step_ms", 0, kTime)},
                    .fuses_elementwise = true,
                    .busy_power = Milliwatts{reader.number_or("power_busy_mw", 0, kPower)},
                    .idle_power = Milliwatts{reader.number_or("power_idle_mw", 0, kPower)},
                    .sources = {}};
  if (reader.has("fuses_elementwise")) {
    if (json["fuses_elementwise"].is_boolean()) {
      model.fuses_elementwise = json["fuses_elementwise"].get<bool>();
    } else {
      reader.refuse("fuses_elementwise", "must be true or false");
    }
  }
  if (!reader.status()) return forward_error(reader.status());
  if (const Status s = read_peaks(json, model); !s) return forward_error(s);
  if (const Status s = read_efficiency(json, model); !s) return forward_error(s);
  if (const Status s = read_sources(json, model); !s) return forward_error(s);
  return model;
}

Json to_json(const DeviceModel& model) {
  Json efficiency = Json::object();
  for (const Operation operation : kComputing) {
    efficiency[std::string(name_of(operation))] = model.efficiency[static_cast<std::size_t>(operation)];
  }
  return {{"format", kFormat},
          {"name", model.name},
          {"peak_gflops", model.peak_gflops},
          {"memory_gb_per_s", model.memory_gb_per_s},
          {"memory_efficiency", model.memory_efficiency},
          {"efficiency", std::move(efficiency)},
          {"launch_ms", model.launch.count()},
          {"call_ms", model.call.count()},
          {"recurrent_step_ms", model.recurrent_step.count()},
          {"fuses_elementwise", model.fuses_elementwise},
          {"power_busy_mw", model.busy_power.value},
          {"power_idle_mw", model.idle_power.value},
          {"sources", model.sources}};
}

Result<DeviceModel> find_device_model(const std::string& name_or_file) {
  for (const DeviceModel& preset : device_presets()) {
    if (preset.name == name_or_file) return preset;
  }
  const Result<std::string> text = read_file(name_or_file, kMaxDeviceFile);
  if (!text && text.error().code == Errc::not_found) {
    return fail(Errc::not_found, fmt::format("device '{}': no preset and no file of that name; presets: {}",
                                             name_or_file, preset_names()));
  }
  if (!text) return forward_error(text);
  const Result<Json> json = parse_json(*text);
  if (!json) return forward_error(json, name_or_file);
  Result<DeviceModel> model = device_model_from_json(*json);
  if (!model) return forward_error(model, name_or_file);
  return model;
}

}  // namespace tandem::profile
