// The cloud half: offers networks, whole and any run of consecutive blocks a plan can ask for, cut when first asked for
// and kept within a memory budget.
//
//   cloud::Options options{.listen = "0.0.0.0:8001"};
//   options.networks.push_back({.network = *network::load("zoo:resnet50")});
//   auto server = cloud::Server::start(std::move(options));
//
// Thread rule: all functions are safe from any thread; compute runs on worker threads of its own.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tandem/base/result.hpp"
#include "tandem/base/units.hpp"
#include "tandem/codec/prior.hpp"
#include "tandem/engine/model.hpp"
#include "tandem/network/image_input.hpp"
#include "tandem/network/network.hpp"
#include "tandem/profile/cost_table.hpp"

namespace tandem::cloud {

struct ServedNetwork {
  network::Network network;
  std::optional<network::ImageInput> image_input{};  // lets clients send JPEG files as input
  std::optional<profile::CostTable> profile{};       // told to devices that ask, for planning
  codec::Priors priors{};                            // with which devices may code what they send
};

struct Options {
  std::string listen = "127.0.0.1:0";
  std::vector<ServedNetwork> networks{};
  engine::CompileOptions compile{};
  int workers = 1;                               // inferences at the same time
  std::size_t queue_bytes = 256ULL << 20U;       // waiting requests; more are refused as unavailable
  std::size_t model_memory_bytes = 4ULL << 30U;  // compiled models kept; the least recently used goes first
};

class Server {
 public:
  // Error: invalid_argument (no network, two of one name, workers < 1, an address that does not parse or cannot be
  // listened on, such as a port in use).
  static Result<std::unique_ptr<Server>> start(Options options);
  virtual ~Server() = default;
  // HOST:PORT, with the port that was taken.
  [[nodiscard]] virtual std::string address() const = 0;
  // Takes no new requests, lets running ones end within `grace`, cancels the rest; returns when all have.
  virtual void shutdown(Milliseconds grace) = 0;
};

}  // namespace tandem::cloud
