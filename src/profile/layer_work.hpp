// What a device model must know of a network's layers: how much they compute, move and start.
#pragma once

#include <vector>

#include "tandem/network/network.hpp"
#include "tandem/profile/device_model.hpp"

namespace tandem::profile {

struct LayerWork {
  Operation operation = Operation::other;
  double flops = 0.0;
  double values = 0.0;      // read and written, all samples
  double parameters = 0.0;  // read once, but for the recurrent half, which every step reads again
  double steps = 1.0;       // of a recurrent layer
  bool follows = false;     // reads only the layer before it: can be fused into it
};

// One per layer of the network.
std::vector<LayerWork> work_of(const network::Network& network, int batch);

// Without what it takes to start the layer.
Milliseconds compute_time(const LayerWork& work, const DeviceModel& model, double peak_gflops);
Milliseconds memory_time(const LayerWork& work, const DeviceModel& model, double bytes_per_value);
Milliseconds start_time(const LayerWork& work, const DeviceModel& model);

double bytes_of(const std::string& precision);

// Whether `work`, the layer at `place` of a group, runs within the layer before it.
bool is_fused(const LayerWork& work, const DeviceModel& model, bool first_of_group);

}  // namespace tandem::profile
