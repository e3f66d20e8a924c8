// A device one does not have, as a roofline: what it computes and moves per second, what a layer and a call cost to
// start, and the power it draws. Format tandem.device.v1.
//
//   Result<DeviceModel> board = find_device_model("jetson-tx2");      // a preset, or a tandem.device.v1 file
//   CostTable table = model_profile(network, *board, {.batch = 4});   // labelled modelled
//
// A layer takes the longer of its arithmetic at the peak its class of operation achieves and its memory traffic
// (inputs, outputs and weights once each), plus the cost of starting it: Williams, Waterman and Patterson, "Roofline",
// CACM 2009. A group takes one call and its layers; an element-wise layer behind another layer of its group runs within
// it where the runtime fuses, so that groups are cheaper than their parts, as in section 2.2.1 of the dissertation.
// Thread rule: values.
#pragma once

#include <array>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "tandem/base/json.hpp"
#include "tandem/base/result.hpp"
#include "tandem/base/units.hpp"
#include "tandem/network/network.hpp"
#include "tandem/profile/cost_table.hpp"

namespace tandem::profile {

// What layers have in common that decides which part of the peak they achieve. `other` computes too little to count:
// pooling, normalisation, softmax.
enum class Operation { convolution, grouped_convolution, deconvolution, matrix_product, recurrent, elementwise, other };
inline constexpr std::size_t kOperations = 7;
std::string_view name_of(Operation operation);
// Of a network::Layer's type.
Operation operation_of(std::string_view layer_type);

struct DeviceModel {
  std::string name;
  std::map<std::string, double> peak_gflops;  // by precision: "f32", "f16", "i8"; a multiply-accumulate is two
  double memory_gb_per_s = 0.0;
  double memory_efficiency = 0.75;  // the part of it that layers achieve
  // The part of the peak that each operation achieves; over 1 where an algorithm saves arithmetic (Winograd).
  std::array<double, kOperations> efficiency{};
  Milliseconds launch{};          // to start a layer
  Milliseconds call{};            // to start a group, whatever is in it
  Milliseconds recurrent_step{};  // to start each further step of a recurrent layer
  bool fuses_elementwise = true;  // within a group
  Milliwatts busy_power{}, idle_power{};
  std::map<std::string, std::string> sources;  // where the figures come from, by field

  bool operator==(const DeviceModel&) const = default;
};

struct ModelledProfileOptions {
  std::string precision = "f32";
  int batch = 1;  // times the network's own: weights are read once for all samples
};

// All N(N+1)/2 groups, or the groups that begin or end the network beyond kMaxModelledGroups of them. Energy is busy
// power times latency. Error: invalid_argument (the model has no peak for that precision, a batch below 1).
Result<CostTable> model_profile(const network::Network& network, const DeviceModel& model,
                                const ModelledProfileOptions& options = {});
inline constexpr std::size_t kMaxModelledGroups = 200'000;

// The cost of one group under the model, for its calibration and its tests. O(layers of the group).
Milliseconds modelled_latency(const network::Network& network, const DeviceModel& model, BlockRange range,
                              const ModelledProfileOptions& options = {});

// Live for the whole program.
std::span<const DeviceModel> device_presets();
// Errors: not_found with the names of the presets; invalid_argument naming the field.
Result<DeviceModel> find_device_model(const std::string& name_or_file);
Result<DeviceModel> device_model_from_json(const Json& json);
Json to_json(const DeviceModel& model);

// The bytes that would cross at each boundary, as the dissertation packs features (section 2.4.2): one byte per value,
// and then PNG of the tiled channels. For profiles of networks that no data ran through.
enum class FeatureCoding { eight_bit, eight_bit_png };
// Times are zero: "negligible compared to DNN operators". docs/formats/device.md says where the ratios come from.
CodecCosts modelled_codec(const network::Network& network, FeatureCoding coding, int batch = 1);

}  // namespace tandem::profile
