// What client and server exchange, as plain values; protobuf stays inside src/rpc.
//
// Open Inference Protocol v2 (package `inference`): tensors go as raw contents. A tensor coded for the link is a UINT8
// vector with the parameter `tandem.codec` on it. A request may carry `tandem.answer_codec`, the codec the client
// wishes for the outputs. A server that does not know these parameters sees plain tensors as long as no codec is asked
// for. See docs/protocol.md.
//
// Thread rule: values.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tandem/base/units.hpp"
#include "tandem/network/tensor.hpp"

namespace tandem::rpc {

struct WireTensor {
  // Of the tensor itself, also where it is coded; but a received "jpeg" is a vector of as many u8 as the file has
  // bytes.
  network::TensorSpec spec{};
  std::string codec{};  // empty: `payload` holds the tensor's own bytes; else coded (codec.hpp), or an image file
  std::vector<std::byte> payload{};
};

struct InferRequest {
  std::string model{};  // see segment_name.hpp
  std::string id{};
  std::vector<WireTensor> inputs{};
  std::string answer_codec{};          // empty: plain tensors
  std::vector<std::string> outputs{};  // names of those wished for; empty: all
};

// What the server spent, from its own clock.
struct ServerTimes {
  Milliseconds queue{};  // waiting for a worker
  Milliseconds decode{};
  Milliseconds compute{};
  Milliseconds encode{};
  [[nodiscard]] Milliseconds total() const { return queue + decode + compute + encode; }
};

// How busy the server is with other requests as it answers one.
struct ServerLoad {
  int queued = 0;   // waiting for a worker
  int running = 0;  // on a worker
  int workers = 1;
  Milliseconds wait{};  // that a request would have in the queue if it came now
};

struct InferAnswer {
  std::string model{};
  std::string id{};
  std::vector<WireTensor> outputs{};
  std::optional<ServerTimes> times{};  // absent from servers that are not ours, as is the next
  std::optional<ServerLoad> load{};
};

struct ModelMetadata {
  std::string name{};
  std::string platform{};
  std::vector<std::string> versions{};
  std::vector<network::TensorSpec> inputs{};  // -1 in a shape: any size
  std::vector<network::TensorSpec> outputs{};
  // Ours: "tandem.fingerprint", "tandem.blocks", "tandem.profile" (JSON), "tandem.priors",
  // "tandem.load_wait_us" and its siblings.
  std::map<std::string, std::string> properties{};
};

struct ServerMetadata {
  std::string name{};
  std::string version{};
  std::vector<std::string> extensions{};
};

}  // namespace tandem::rpc
