#include "tandem/rpc/echo.hpp"

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <utility>

#include "address.hpp"
#include "grpc_setup.hpp"
#include "status.hpp"
#include "tandem/base/clock.hpp"

namespace tandem::rpc {
namespace {

constexpr const char* kMethod = "/echo/Echo";

// Reads one message, writes it back, ends.
class EchoReactor final : public grpc::ServerGenericBidiReactor {
 public:
  EchoReactor() { StartRead(&message_); }
  void OnReadDone(bool ok) override {
    if (ok)
      StartWriteAndFinish(&message_, {}, grpc::Status::OK);
    else
      Finish(grpc::Status::CANCELLED);
  }
  void OnDone() override { delete this; }

 private:
  grpc::ByteBuffer message_;
};

class EchoService final : public grpc::CallbackGenericService {
  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext*) override {
    return new EchoReactor;
  }
};

class GrpcEchoPair final : public EchoPair {
 public:
  ~GrpcEchoPair() override {
    if (server_) server_->Shutdown();
  }

  Status listen() {
    set_up_grpc();
    Address address{.host = "127.0.0.1"};
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort(to_string(address), grpc::InsecureServerCredentials(), &port);
    builder.RegisterCallbackGenericService(&service_);
    server_ = builder.BuildAndStart();
    if (!server_) return fail(Errc::unavailable, "cannot listen on loopback: " + why_not_listening(address));
    address.port = static_cast<std::uint16_t>(port);
    peer_ = to_string(address);
    stub_ = std::make_unique<grpc::GenericStub>(grpc::CreateChannel(peer_, grpc::InsecureChannelCredentials()));
    return {};
  }

  Result<Milliseconds> call(std::span<const std::byte> payload) override {
    const Instant start = steady_clock().now();
    const grpc::Slice slice(payload.data(), payload.size());
    const grpc::ByteBuffer message(&slice, 1);
    grpc::ClientContext context;
    grpc::CompletionQueue queue;
    const auto running = stub_->PrepareUnaryCall(&context, kMethod, message, &queue);
    running->StartCall();
    grpc::ByteBuffer answer;
    grpc::Status status;
    running->Finish(&answer, &status, this);
    void* tag = nullptr;
    bool ok = false;
    queue.Next(&tag, &ok);
    const Instant end = steady_clock().now();
    if (const Status done = from_grpc(status, peer_); !done) return forward_error(done);
    if (answer.Length() != payload.size()) return fail(Errc::data_loss, peer_ + ": the echo has another length");
    return end - start;
  }

 private:
  EchoService service_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<grpc::GenericStub> stub_;
  std::string peer_;
};

}  // namespace

Result<std::unique_ptr<EchoPair>> EchoPair::start() {
  auto pair = std::make_unique<GrpcEchoPair>();
  if (const Status listening = pair->listen(); !listening) return forward_error(listening);
  return pair;
}

}  // namespace tandem::rpc
