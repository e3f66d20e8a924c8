// The client half of the Open Inference Protocol: works with our server and with any other.
//
//   auto client = rpc::Client::connect("127.0.0.1:8001");
//   Result<InferAnswer> answer = (*client)->infer(std::move(request), Milliseconds{500});
//
// Every call has a deadline; none blocks longer. A call sets up its connection on demand and survives a server's
// restart.
//
// Thread rule: all functions are safe from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tandem/base/result.hpp"
#include "tandem/base/units.hpp"
#include "tandem/rpc/message.hpp"

namespace tandem::rpc {

struct CallTimes {
  Milliseconds serialise{};  // before anything is handed to the transport
  Milliseconds total{};      // from there until the whole answer is received
};

class Client {
 public:
  // Errors: invalid_argument (an address that is not HOST:PORT). Does not connect yet.
  static Result<std::unique_ptr<Client>> connect(const std::string& address);
  virtual ~Client() = default;

  // Errors of all calls: unavailable (no connection), deadline_exceeded, the server's own; data_loss for an answer that
  // does not hold together (shape and bytes differ, missing contents). `times` is filled where given.
  // Move the request in: its tensors then go to the transport without a copy.
  virtual Result<InferAnswer> infer(InferRequest request, Milliseconds deadline, CallTimes* times = nullptr) = 0;
  // The same for a request with one input, whose payload is made while what is there of it is sent already: `next` is
  // called until it gives no more bytes, and its error ends the call. Needs a server of ours; unimplemented otherwise.
  // The shape of the input is not sent: its codec must say it.
  using NextPart = std::function<Result<std::vector<std::byte>>()>;
  virtual Result<InferAnswer> infer_in_parts(InferRequest request, const NextPart& next, Milliseconds deadline) = 0;
  virtual Status server_live(Milliseconds deadline) = 0;
  virtual Status server_ready(Milliseconds deadline) = 0;
  // Our server answers when the model is compiled: a way to warm up. Error: not_found.
  virtual Status model_ready(const std::string& model, Milliseconds deadline) = 0;
  virtual Result<ServerMetadata> server_metadata(Milliseconds deadline) = 0;
  virtual Result<ModelMetadata> model_metadata(const std::string& model, Milliseconds deadline) = 0;
};

}  // namespace tandem::rpc
