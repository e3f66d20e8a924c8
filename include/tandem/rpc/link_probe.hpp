// The model `tandem.link` that our server offers beside its networks, for measuring the link: it takes a vector of
// bytes and answers with one as long as it is asked for, of bytes that no layer on the way can compress.
//
//   Result<InferAnswer> answer = client->infer(link_probe_request(100'000, 0), deadline);   // up only
//
// Nothing is computed, and both lengths are bounded. Thread rule: free functions.
#pragma once

#include <cstddef>
#include <string_view>

#include "tandem/base/result.hpp"
#include "tandem/rpc/message.hpp"

namespace tandem::rpc {

inline constexpr std::string_view kLinkProbeModel = "tandem.link";
// In one direction of one call: seconds on the slowest links.
inline constexpr std::size_t kMaxLinkProbeBytes = 256 * 1024;

InferRequest link_probe_request(std::size_t up, std::size_t down);
ModelMetadata link_probe_metadata();

// What the request asks to be sent down. Error: invalid_argument (other inputs than the model's, or too many bytes).
Result<std::size_t> link_probe_bytes(const InferRequest& request);
InferAnswer link_probe_answer(const InferRequest& request, std::size_t bytes);

}  // namespace tandem::rpc
