#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "layer_work.hpp"
#include "tandem/profile/device_model.hpp"

namespace tandem::profile {
namespace {

// A block when its group begins with it, and when it comes behind another: its first layer may then be fused.
struct BlockTimes {
  Milliseconds leading{}, following{};
};

std::vector<BlockTimes> block_times(const network::Network& network, const DeviceModel& model,
                                    const ModelledProfileOptions& options) {
  const std::vector<LayerWork> works = work_of(network, options.batch);
  const double peak = model.peak_gflops.at(options.precision);
  const double bytes = bytes_of(options.precision);
  std::vector<BlockTimes> times;
  times.reserve(network.blocks().size());
  for (const network::Block& block : network.blocks()) {
    BlockTimes block_time;
    for (int layer = block.first_layer; layer <= block.last_layer; ++layer) {
      const LayerWork& work = works[layer];
      const Milliseconds alone =
          std::max(compute_time(work, model, peak), memory_time(work, model, bytes)) + start_time(work, model);
      if (!is_fused(work, model, layer == block.first_layer)) block_time.leading += alone;
      if (!is_fused(work, model, false)) block_time.following += alone;
    }
    times.push_back(block_time);
  }
  return times;
}

Status check(const DeviceModel& model, const ModelledProfileOptions& options) {
  if (options.batch < 1) return fail(Errc::invalid_argument, "the batch must be at least 1");
  if (model.peak_gflops.contains(options.precision)) return {};
  return fail(Errc::invalid_argument,
              fmt::format("device model '{}' has no 'peak_gflops' for precision '{}'", model.name, options.precision));
}

// The first extent of the input; 1 for a scalar.
int own_batch(const network::Network& network) {
  const auto& shape = network.boundaries().front().tensors.front().shape;
  return shape.empty() ? 1
                       : static_cast<int>(std::clamp<std::int64_t>(static_cast<std::int64_t>(shape.front()), 1, 65536));
}

}  // namespace

Milliseconds modelled_latency(const network::Network& network, const DeviceModel& model, BlockRange range,
                              const ModelledProfileOptions& options) {
  const std::vector<BlockTimes> times = block_times(network, model, options);
  Milliseconds latency = model.call + times[range.first - 1].leading;
  for (int block = range.first + 1; block <= range.last; ++block) latency += times[block - 1].following;
  return latency;
}

Result<CostTable> model_profile(const network::Network& network, const DeviceModel& model,
                                const ModelledProfileOptions& options) {
  if (const Status s = check(model, options); !s) return forward_error(s);
  CostTable table;
  table.network = network.name();
  table.fingerprint = network.fingerprint();
  table.device = fmt::format("{} ({}, modelled)", model.name, options.precision);
  table.batch = own_batch(network) * options.batch;
  table.energy_source = "modelled";
  table.idle_power = model.idle_power;
  table.busy_power = model.busy_power;
  for (const network::Block& block : network.blocks()) {
    table.layers.push_back(block.name);
    table.parameters.push_back(static_cast<double>(block.parameters));
  }
  for (const network::Boundary& boundary : network.boundaries()) {
    table.boundary_bytes.push_back(options.batch * static_cast<double>(boundary.bytes()));
  }
  const std::vector<BlockTimes> times = block_times(network, model, options);
  const int n = network.size();
  const bool all = static_cast<std::size_t>(n) * (n + 1) / 2 <= kMaxModelledGroups;
  for (int first = 1; first <= n; ++first) {
    Milliseconds latency = model.call + times[first - 1].leading;
    for (int last = first; last <= n; ++last) {
      if (last > first) latency += times[last - 1].following;
      if (all || first == 1 || last == n) {
        table.set({.first = first, .last = last}, {.latency = latency, .energy = model.busy_power * latency});
      }
    }
  }
  return table;
}

}  // namespace tandem::profile
