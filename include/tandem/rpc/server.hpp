// The server half of the Open Inference Protocol: gRPC's callback API in front of a Handler.
//
//   auto server = rpc::Server::start({.listen = "127.0.0.1:0"}, handler);   // handler must outlive the server
//   fmt::print("{}", (*server)->address());
//
// Thread rule: gRPC's threads call the handler concurrently; a handler must not block them, it enqueues and answers
// later. The server may be used from any thread.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tandem/base/clock.hpp"
#include "tandem/base/result.hpp"
#include "tandem/rpc/message.hpp"

namespace tandem::rpc {

// Takes the input of a request in parts while it arrives (InferInParts in docs/protocol.md). Calls come one after the
// other, from any thread.
class Arrival {
 public:
  virtual ~Arrival() = default;
  // Must not block. An error ends the call with it.
  virtual Status take(std::vector<std::byte> part) = 0;
};

// One inference in flight. Call `finish` once, from any thread; a Call dropped without it ends as unavailable.
struct Call {
  InferRequest request;                // sizes checked: each plain payload has the bytes of its spec
  std::shared_ptr<Arrival> arrival;    // has taken all of the one input, which has neither payload nor spec; else null
  Instant deadline;                    // from the client
  std::function<bool()> is_cancelled;  // the client gave up
  std::function<void(Result<InferAnswer>)> finish;
};

class Handler {
 public:
  virtual ~Handler() = default;
  virtual void infer(Call call) = 0;
  // A request in parts has begun, of which all is known but its input's payload and spec. What is returned takes the
  // parts, and goes with the Call that follows when all are there; null: the parts are collected, and the Call is as
  // any other. An error ends the call with it.
  virtual Result<std::shared_ptr<Arrival>> arriving(const InferRequest& /*request*/) { return nullptr; }
  virtual bool ready() = 0;
  // Calls `finish` once, now or later, from any thread: when the model can answer without delay, or with why it cannot.
  virtual void model_ready(const std::string& model, std::function<void(Status)> finish) = 0;
  virtual Result<ModelMetadata> model_metadata(const std::string& model) = 0;
  virtual ServerMetadata server_metadata() = 0;
};

struct ServerOptions {
  std::string listen = "127.0.0.1:0";  // port 0: any free port
  std::size_t max_message_bytes = 64ULL << 20U;
};

class Server {
 public:
  // Error: invalid_argument with the address and why (it does not parse, the port is in use).
  static Result<std::unique_ptr<Server>> start(const ServerOptions& options, Handler& handler);
  virtual ~Server() = default;
  // HOST:PORT, with the port that was taken.
  [[nodiscard]] virtual std::string address() const = 0;
  // Stops accepting, lets running calls end within `grace`, cancels the rest; returns when all have.
  virtual void shutdown(Milliseconds grace) = 0;
};

}  // namespace tandem::rpc
