// What the network costs in the cloud, as far as the device can find out.
//
//   auto found = find_cloud_profile("cloud:8001", network.name(), network, device_table, Milliseconds{3000});
//
// Thread rule: free function, blocks for at most `deadline` per call it makes.
#pragma once

#include <string>

#include "tandem/base/result.hpp"
#include "tandem/base/units.hpp"
#include "tandem/network/network.hpp"
#include "tandem/profile/cost_table.hpp"

namespace tandem::device {

struct CloudProfile {
  profile::CostTable table;
  // "told by the cloud", or "scaled": the device's own table times the ratio of one timed request.
  std::string origin;
};

// Takes the table the server tells in its metadata. Where it tells none, times a few requests of the whole network on
// an all-zero input, which 8-bit coding shrinks to almost nothing on the link, and scales the device's table (slowdown
// taken out) by what the server says it computed. Errors: unavailable, deadline_exceeded; failed_precondition where the
// server's network of that name has another fingerprint; unimplemented where a server that is not ours tells no times.
Result<CloudProfile> find_cloud_profile(const std::string& cloud, const std::string& network_in_cloud,
                                        const network::Network& network, const profile::CostTable& device,
                                        Milliseconds deadline);

}  // namespace tandem::device
