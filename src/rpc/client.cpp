#include "tandem/rpc/client.hpp"

#include <grpcpp/client_context.h>
#include <grpcpp/generic/generic_stub.h>

#include <chrono>
#include <utility>

#include "address.hpp"
#include "call_in_parts.hpp"
#include "channel.hpp"
#include "convert.hpp"
#include "deadline.hpp"
#include "open_inference.grpc.pb.h"
#include "status.hpp"
#include "tandem/base/clock.hpp"
#include "wire.hpp"

namespace tandem::rpc {
namespace {

constexpr const char* kInferMethod = "/inference.GRPCInferenceService/ModelInfer";

class GrpcClient final : public Client {
 public:
  explicit GrpcClient(const std::string& address)
      : peer_("server " + address),
        channel_(make_channel(address)),
        stub_(inference::GRPCInferenceService::NewStub(channel_)),
        raw_stub_(channel_) {}

  Result<InferAnswer> infer(InferRequest request, Milliseconds deadline, CallTimes* times) override {
    const Instant start = steady_clock().now();
    const auto head = head_of(request);
    const grpc::ByteBuffer message = join(head, kRawInputContents, take_payloads(std::move(request.inputs)));
    const Instant sent = steady_clock().now();
    const auto answer = call_raw(message, deadline - (sent - start));
    const Instant received = steady_clock().now();
    if (times != nullptr) *times = {.serialise = sent - start, .total = received - sent};
    if (!answer) return forward_error(answer);
    return read_answer(*answer);
  }

  Result<InferAnswer> infer_in_parts(InferRequest request, const NextPart& next, Milliseconds deadline) override {
    if (const Status left = time_is_left(deadline); !left) return forward_error(left);
    CallInParts running(raw_stub_, deadline);
    running.send(join(head_of(request), kRawInputContents, {}));
    while (true) {
      auto part = next();
      if (!part) return forward_error(part);
      if (part->empty()) break;
      RawContents contents;
      contents.push_back(std::move(*part));
      if (!running.send(join(inference::ModelInferRequest(), kRawInputContents, std::move(contents)))) break;
    }
    grpc::ByteBuffer answer;
    if (const Status done = from_grpc(running.finish(answer), peer_); !done) return forward_error(done);
    return read_answer(answer);
  }

  Status server_live(Milliseconds deadline) override {
    inference::ServerLiveResponse response;
    const Status called = call(&Stub::ServerLive, inference::ServerLiveRequest{}, response, deadline);
    return called ? yes(response.live(), "is not live") : called;
  }

  Status server_ready(Milliseconds deadline) override {
    inference::ServerReadyResponse response;
    const Status called = call(&Stub::ServerReady, inference::ServerReadyRequest{}, response, deadline);
    return called ? yes(response.ready(), "is not ready") : called;
  }

  Status model_ready(const std::string& model, Milliseconds deadline) override {
    inference::ModelReadyRequest request;
    request.set_name(model);
    inference::ModelReadyResponse response;
    const Status called = call(&Stub::ModelReady, request, response, deadline);
    return called ? yes(response.ready(), "model '" + model + "' is not ready") : called;
  }

  Result<ServerMetadata> server_metadata(Milliseconds deadline) override {
    inference::ServerMetadataResponse response;
    const Status called = call(&Stub::ServerMetadata, inference::ServerMetadataRequest{}, response, deadline);
    if (!called) return forward_error(called);
    return ServerMetadata{.name = response.name(),
                          .version = response.version(),
                          .extensions = {response.extensions().begin(), response.extensions().end()}};
  }

  Result<ModelMetadata> model_metadata(const std::string& model, Milliseconds deadline) override {
    inference::ModelMetadataRequest request;
    request.set_name(model);
    inference::ModelMetadataResponse response;
    const Status called = call(&Stub::ModelMetadata, request, response, deadline);
    if (!called) return forward_error(called);
    auto metadata = metadata_from(response);
    if (!metadata) return damaged(metadata.error());
    return metadata;
  }

 private:
  using Stub = inference::GRPCInferenceService::Stub;

  [[nodiscard]] Result<InferAnswer> read_answer(const grpc::ByteBuffer& message) const {
    inference::ModelInferResponse head;
    auto contents = split(message, kRawOutputContents, head);
    if (!contents) return damaged(contents.error());
    auto answer = answer_from(head, std::move(*contents));
    if (!answer) return damaged(answer.error());
    return answer;
  }

  template <class Request, class Response>
  Status call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*), const Request& request,
              Response& response, Milliseconds deadline) {
    if (Status left = time_is_left(deadline); !left) return left;
    grpc::ClientContext context;
    set_deadline(context, deadline);
    return from_grpc((*stub_.*method)(&context, request, &response), peer_);
  }

  // The calling thread itself drives the call, as in gRPC's blocking stubs: no hand-over between threads.
  Result<grpc::ByteBuffer> call_raw(const grpc::ByteBuffer& message, Milliseconds deadline) {
    if (const Status left = time_is_left(deadline); !left) return forward_error(left);
    grpc::ClientContext context;
    set_deadline(context, deadline);
    grpc::CompletionQueue queue;
    const auto running = raw_stub_.PrepareUnaryCall(&context, kInferMethod, message, &queue);
    running->StartCall();
    grpc::ByteBuffer answer;
    grpc::Status status;
    running->Finish(&answer, &status, this);
    void* tag = nullptr;
    bool ok = false;
    queue.Next(&tag, &ok);
    if (const Status done = from_grpc(status, peer_); !done) return forward_error(done);
    return answer;
  }

  // gRPC may still send a call whose deadline has just passed.
  [[nodiscard]] Status time_is_left(Milliseconds deadline) const {
    if (deadline.count() > 0) return {};
    return fail(Errc::deadline_exceeded, peer_ + ": no time was left for the call");
  }

  [[nodiscard]] Status yes(bool answer, const std::string& otherwise) const {
    if (answer) return {};
    return fail(Errc::unavailable, peer_ + ": " + otherwise);
  }

  [[nodiscard]] tl::unexpected<Error> damaged(const Error& error) const {
    return fail(Errc::data_loss, peer_ + ": answer: " + error.message);
  }

  std::string peer_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<Stub> stub_;
  grpc::GenericStub raw_stub_;
};

}  // namespace

Result<std::unique_ptr<Client>> Client::connect(const std::string& address) {
  const auto parsed = parse_address(address);
  if (!parsed) return forward_error(parsed);
  if (parsed->port == 0) {
    return fail(Errc::invalid_argument, "'" + address + "' is no address of a server: its port must be 1 to 65535");
  }
  return std::make_unique<GrpcClient>(to_string(*parsed));
}

}  // namespace tandem::rpc
