#include "tandem/rpc/server.hpp"

#include <fmt/format.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <utility>

#include "address.hpp"
#include "answering.hpp"
#include "channel.hpp"
#include "convert.hpp"
#include "incoming.hpp"
#include "open_inference.grpc.pb.h"
#include "receive_in_parts.hpp"
#include "status.hpp"
#include "wire.hpp"

namespace tandem::rpc {
namespace {

using inference::GRPCInferenceService;

using InferReactor = Answering<grpc::ServerUnaryReactor>;

Result<InferRequest> request_of(const inference::ModelInferRequest& head, RawContents contents) {
  if (const Status version = check_version(head.model_name(), head.model_version()); !version) {
    return forward_error(version);
  }
  return request_from(head, std::move(contents));
}

template <class Base>
using CoreCalls =
    GRPCInferenceService::WithCallbackMethod_ServerLive<GRPCInferenceService::WithCallbackMethod_ServerReady<
        GRPCInferenceService::WithCallbackMethod_ModelReady<GRPCInferenceService::WithCallbackMethod_ServerMetadata<
            GRPCInferenceService::WithCallbackMethod_ModelMetadata<Base>>>>>;

class Service final
    : public GRPCInferenceService::WithRawCallbackMethod_ModelInfer<CoreCalls<GRPCInferenceService::Service>> {
 public:
  explicit Service(Handler& handler) : handler_(handler) {}

  grpc::ServerUnaryReactor* ServerLive(grpc::CallbackServerContext* context, const inference::ServerLiveRequest*,
                                       inference::ServerLiveResponse* response) override {
    response->set_live(true);
    return finished(context, {});
  }

  grpc::ServerUnaryReactor* ServerReady(grpc::CallbackServerContext* context, const inference::ServerReadyRequest*,
                                        inference::ServerReadyResponse* response) override {
    response->set_ready(handler_.ready());
    return finished(context, {});
  }

  grpc::ServerUnaryReactor* ModelReady(grpc::CallbackServerContext* context,
                                       const inference::ModelReadyRequest* request,
                                       inference::ModelReadyResponse* response) override {
    if (const Status version = check_version(request->name(), request->version()); !version) {
      return finished(context, version);
    }
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    handler_.model_ready(request->name(), [reactor, response](const Status& status) {
      response->set_ready(status.has_value());
      reactor->Finish(to_grpc(status));
    });
    return reactor;
  }

  grpc::ServerUnaryReactor* ServerMetadata(grpc::CallbackServerContext* context,
                                           const inference::ServerMetadataRequest*,
                                           inference::ServerMetadataResponse* response) override {
    const rpc::ServerMetadata metadata = handler_.server_metadata();
    response->set_name(metadata.name);
    response->set_version(metadata.version);
    for (const std::string& extension : metadata.extensions) response->add_extensions(extension);
    return finished(context, {});
  }

  grpc::ServerUnaryReactor* ModelMetadata(grpc::CallbackServerContext* context,
                                          const inference::ModelMetadataRequest* request,
                                          inference::ModelMetadataResponse* response) override {
    if (const Status version = check_version(request->name(), request->version()); !version) {
      return finished(context, version);
    }
    const auto metadata = handler_.model_metadata(request->name());
    if (!metadata) return finished(context, forward_error(metadata));
    *response = message_of(*metadata);
    return finished(context, {});
  }

  grpc::ServerUnaryReactor* ModelInfer(grpc::CallbackServerContext* context, const grpc::ByteBuffer* message,
                                       grpc::ByteBuffer* answer) override {
    inference::ModelInferRequest head;
    auto contents = split(*message, kRawInputContents, head);
    if (!contents) return finished(context, forward_error(contents));
    auto request = request_of(head, std::move(*contents));
    if (!request) return finished(context, forward_error(request));
    auto* reactor = new InferReactor(answer);
    handler_.infer(reactor->call(std::move(*request), deadline_of(*context)));
    return reactor;
  }

 private:
  static grpc::ServerUnaryReactor* finished(grpc::CallbackServerContext* context, const Status& status) {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(to_grpc(status));
    return reactor;
  }

  Handler& handler_;
};

class OwnService final
    : public inference::TandemService::WithRawCallbackMethod_ModelInferInParts<inference::TandemService::Service> {
 public:
  OwnService(Handler& handler, std::size_t most_bytes) : handler_(handler), most_bytes_(most_bytes) {}

  grpc::ServerReadReactor<grpc::ByteBuffer>* ModelInferInParts(grpc::CallbackServerContext* context,
                                                               grpc::ByteBuffer* answer) override {
    return new ReceiveInParts(context, answer, most_bytes_, handler_);
  }

 private:
  Handler& handler_;
  std::size_t most_bytes_;
};

class GrpcServer final : public Server {
 public:
  GrpcServer(Handler& handler, std::size_t most_bytes) : service_(handler), own_service_(handler, most_bytes) {}
  ~GrpcServer() override { shutdown(Milliseconds{0}); }

  Status listen(Address address, std::size_t max_message_bytes) {
    grpc::ServerBuilder builder;
    tune_server(builder, max_message_bytes);
    int port = 0;
    builder.AddListeningPort(to_string(address), grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&service_);
    builder.RegisterService(&own_service_);
    server_ = builder.BuildAndStart();
    if (!server_ || port == 0) {
      return fail(Errc::invalid_argument,
                  fmt::format("cannot listen on {}: {}", to_string(address), why_not_listening(address)));
    }
    address.port = static_cast<std::uint16_t>(port);
    address_ = to_string(address);
    return {};
  }

  [[nodiscard]] std::string address() const override { return address_; }

  void shutdown(Milliseconds grace) override {
    if (!server_) return;
    server_->Shutdown(std::chrono::system_clock::now() + std::chrono::duration_cast<std::chrono::nanoseconds>(grace));
    server_->Wait();
  }

 private:
  Service service_;
  OwnService own_service_;
  std::unique_ptr<grpc::Server> server_;
  std::string address_;
};

}  // namespace

Result<std::unique_ptr<Server>> Server::start(const ServerOptions& options, Handler& handler) {
  const auto address = parse_address(options.listen);
  if (!address) return forward_error(address);
  auto server = std::make_unique<GrpcServer>(handler, options.max_message_bytes);
  if (const Status listening = server->listen(*address, options.max_message_bytes); !listening) {
    return forward_error(listening);
  }
  return server;
}

}  // namespace tandem::rpc
