// The server half of the Open Inference Protocol: gRPC's callback API in front of a Handler.
//
//   auto server = rpc::Server::start({.listen = "127.0.0.1:0"}, handler);   // handler must outlive the server
//   fmt::print("{}", (*server)->address());
//
// Thread rule: gRPC's threads call the handler concurrently; a handler must not block them: it enqueues and answers
// later.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "tandem/base/clock.hpp"
#include "tandem/base/result.hpp"
#include "tandem/rpc/message.hpp"

namespace tandem::rpc {

// One inference in flight. `finish` is called exactly once, from any thread.
struct Call {
  InferRequest request;
  Instant deadline;                    // from the client
  std::function<bool()> is_cancelled;  // the client gave up
  std::function<void(Result<InferAnswer>)> finish;
};

class Handler {
 public:
  virtual ~Handler() = default;
  virtual void infer(Call call) = 0;
  virtual bool ready() = 0;
  virtual Status model_ready(const std::string& model) = 0;
  virtual Result<ModelMetadata> model_metadata(const std::string& model) = 0;
  virtual ServerMetadata server_metadata() = 0;
};

struct ServerOptions {
  std::string listen = "127.0.0.1:0";  // port 0: any free port
  std::size_t max_message_bytes = 64ULL << 20U;
};

class Server {
 public:
  // Errors: invalid_argument (an address that does not parse), unavailable (port in use), with the address.
  static Result<std::unique_ptr<Server>> start(const ServerOptions& options, Handler& handler);
  virtual ~Server() = default;
  [[nodiscard]] virtual std::string address() const = 0;
  // Stops accepting, lets running calls end within `grace`, cancels the rest; returns when all have.
  virtual void shutdown(Milliseconds grace) = 0;
};

}  // namespace tandem::rpc
