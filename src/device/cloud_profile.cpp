#include "tandem/device/cloud_profile.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "tandem/base/json.hpp"
#include "tandem/codec/codec.hpp"
#include "tandem/profile/emulate.hpp"
#include "tandem/rpc/client.hpp"

namespace tandem::device {
namespace {

constexpr int kProbes = 5;

std::string property(const rpc::ModelMetadata& metadata, const std::string& key) {
  const auto found = metadata.properties.find(key);
  return found == metadata.properties.end() ? std::string() : found->second;
}

Result<rpc::InferRequest> zero_request(const std::string& model, const network::Boundary& input) {
  rpc::InferRequest request;
  request.model = model;
  request.answer_codec = codec::kLinear8;
  for (const network::TensorSpec& spec : input.tensors) {
    const network::Tensor zeros(spec);
    auto coded = codec::encode(codec::kLinear8, spec, zeros.data);
    if (!coded) return forward_error(coded);
    request.inputs.push_back({.spec = spec, .codec = std::string(codec::kLinear8), .payload = std::move(*coded)});
  }
  return request;
}

// The least of a few: what the server needs when nothing disturbs it.
Result<Milliseconds> time_whole(rpc::Client& client, const std::string& model, const network::Network& network,
                                Milliseconds deadline) {
  auto request = zero_request(model, network.boundaries().front());
  if (!request) return forward_error(request);
  std::vector<Milliseconds> times;
  for (int i = 0; i <= kProbes; ++i) {
    auto answer = client.infer(*request, deadline);
    if (!answer) return forward_error(answer);
    if (!answer->times) {
      return fail(Errc::unimplemented,
                  "the server does not say what it spends: give a profile of it (--profile-cloud FILE)");
    }
    if (i > 0) times.push_back(answer->times->compute);  // the first call warms up
  }
  return *std::ranges::min_element(times);
}

// The device's table at the speed at which the whole network takes `cloud_whole`; coding at the device's own full
// speed.
profile::CostTable scaled(const profile::CostTable& device, Milliseconds cloud_whole) {
  const double factor = cloud_whole / device.cost({.first = 1, .last = device.size()}).latency;
  profile::CostTable table = profile::emulate(device, {.slowdown = 1.0});
  for (const auto& [range, cost] : device.groups()) {
    table.set(range, {.latency = cost.latency * factor, .energy = {}, .std = cost.std * factor, .predicted = true});
  }
  table.device = "cloud";
  return table;
}

}  // namespace

Result<CloudProfile> find_cloud_profile(const std::string& cloud, const std::string& network_in_cloud,
                                        const network::Network& network, const profile::CostTable& device,
                                        Milliseconds deadline) {
  auto client = rpc::Client::connect(cloud);
  if (!client) return forward_error(client);
  auto metadata = (*client)->model_metadata(network_in_cloud, deadline);
  if (!metadata) return forward_error(metadata, "cloud " + cloud);
  const std::string fingerprint = property(*metadata, "tandem.fingerprint");
  if (!fingerprint.empty() && fingerprint != network.fingerprint()) {
    return fail(Errc::failed_precondition,
                fmt::format("cloud {}: its network '{}' is another one (fingerprint {}, here {}); serve the same file",
                            cloud, network_in_cloud, fingerprint, network.fingerprint()));
  }
  if (const std::string told = property(*metadata, "tandem.profile"); !told.empty()) {
    auto json = parse_json(told);
    if (!json) return forward_error(json, "profile told by cloud " + cloud);
    auto table = profile::from_json(*json);
    if (!table) return forward_error(table, "profile told by cloud " + cloud);
    if (const Status fits = profile::check_fits(*table, network, "profile told by cloud " + cloud); !fits) {
      return forward_error(fits);
    }
    return CloudProfile{std::move(*table), "told by the cloud"};
  }
  auto whole = time_whole(**client, network_in_cloud, network, deadline);
  if (!whole) return forward_error(whole, "cloud " + cloud);
  return CloudProfile{scaled(device, *whole), "scaled"};
}

}  // namespace tandem::device
