// What a client makes of peers that are not what they should be: an error, in time.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <limits>
#include <string>
#include <thread>

#include "fake_handler.hpp"
#include "matchers.hpp"
#include "open_inference.grpc.pb.h"
#include "tandem/rpc/client.hpp"

namespace tandem::rpc {
namespace {

using ::testing::AnyOf;
using ::testing::Eq;
using ::testing::HasSubstr;

// Listens on loopback and does with each connection what it is told.
class Peer {
 public:
  explicit Peer(std::function<void(int connection)> behaviour) : listening_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(listening_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(listening_, 16), 0);
    socklen_t size = sizeof address;
    ::getsockname(listening_, reinterpret_cast<sockaddr*>(&address), &size);
    address_ = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    thread_ = std::thread([this, behaviour = std::move(behaviour)] {
      for (int connection = ::accept(listening_, nullptr, nullptr); connection >= 0;
           connection = ::accept(listening_, nullptr, nullptr)) {
        current_ = connection;
        behaviour(connection);
        current_ = -1;
        ::close(connection);
      }
    });
  }
  ~Peer() {
    ::shutdown(listening_, SHUT_RDWR);
    ::shutdown(current_, SHUT_RDWR);  // ends a behaviour that waits
    thread_.join();
    ::close(listening_);
  }
  [[nodiscard]] const std::string& address() const { return address_; }

 private:
  int listening_;
  std::atomic<int> current_ = -1;
  std::string address_;
  std::thread thread_;
};

void send_text(int connection, const std::string& text) {
  ::send(connection, text.data(), text.size(), MSG_NOSIGNAL);
}

// Until the other side has nothing more to say.
void read_all(int connection) {
  char chunk[4096];
  while (::recv(connection, chunk, sizeof chunk, 0) > 0) {
  }
}

void expect_outage(const std::string& address) {
  const auto client = std::move(*Client::connect(address));
  InferRequest request{.model = "net"};
  request.inputs.push_back({.spec = {.name = "x", .type = network::ElementType::u8, .shape = {100000}}});
  request.inputs[0].payload.resize(100000);
  const Instant start = steady_clock().now();
  const auto answer = client->infer(std::move(request), Milliseconds{700});
  EXPECT_LT((steady_clock().now() - start).count(), 3000);
  ASSERT_FALSE(answer);
  EXPECT_THAT(answer.error().code, AnyOf(Eq(Errc::unavailable), Eq(Errc::deadline_exceeded), Eq(Errc::internal)));
  EXPECT_THAT(answer.error().message, HasSubstr(address));
}

TEST(HostilePeer, NobodyListens) {
  std::string address;
  {
    address = Peer([](int) {}).address();
  }
  const auto client = std::move(*Client::connect(address));
  const Instant start = steady_clock().now();
  EXPECT_THAT(client->server_live(Milliseconds{5000}), HasErrc(Errc::unavailable, HasSubstr(address)));
  EXPECT_LT((steady_clock().now() - start).count(), 2000) << "a refused connection need not wait for the deadline";
}

TEST(HostilePeer, ANameThatDoesNotResolve) {
  const auto client = std::move(*Client::connect("no-such-host.invalid:1"));
  EXPECT_THAT(client->server_live(Milliseconds{5000}), HasErrc(Errc::unavailable, HasSubstr("no-such-host.invalid:1")));
}

TEST(HostilePeer, SendsGarbage) {
  expect_outage(Peer([](int connection) { send_text(connection, std::string(5000, '\x7f')); }).address());
  const Peer http([](int connection) { send_text(connection, "HTTP/1.1 400 Bad Request\r\n\r\n"); });
  expect_outage(http.address());
  const Peer garbage([](int connection) {
    send_text(connection, std::string(100000, '\xff'));
    read_all(connection);
  });
  expect_outage(garbage.address());
}

TEST(HostilePeer, ClosesAtOnce) {
  const Peer peer([](int) {});
  expect_outage(peer.address());
}

TEST(HostilePeer, ClosesHalfWay) {
  const Peer peer([](int connection) {
    send_text(connection, std::string("\0\0\0\4\0\0\0\0\0", 9));  // valid HTTP/2 settings, then nothing
    char chunk[20000];
    ::recv(connection, chunk, sizeof chunk, 0);
  });
  expect_outage(peer.address());
}

TEST(HostilePeer, NeverAnswers) {
  const Peer peer([](int connection) { read_all(connection); });
  expect_outage(peer.address());
}

TEST(HostilePeer, NeverAnswersThoughItSpeaksHttp2) {
  const Peer peer([](int connection) {
    send_text(connection, std::string("\0\0\0\4\0\0\0\0\0", 9));
    read_all(connection);
  });
  expect_outage(peer.address());
}

// A server that speaks the protocol and answers nonsense.
class LyingService : public inference::GRPCInferenceService::Service {
 public:
  grpc::Status ModelInfer(grpc::ServerContext*, const inference::ModelInferRequest*,
                          inference::ModelInferResponse* response) override {
    *response = answer;
    return grpc::Status::OK;
  }
  grpc::Status ModelMetadata(grpc::ServerContext*, const inference::ModelMetadataRequest*,
                             inference::ModelMetadataResponse* response) override {
    response->add_inputs()->set_datatype("STRANGE");
    return grpc::Status::OK;
  }
  grpc::Status ServerLive(grpc::ServerContext*, const inference::ServerLiveRequest*,
                          inference::ServerLiveResponse*) override {
    return {grpc::StatusCode::UNKNOWN, "two\nlines"};
  }
  inference::ModelInferResponse answer;
};

TEST(HostilePeer, AnswersThatDoNotHoldTogetherAreDataLoss) {
  LyingService service;
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  const auto server = builder.BuildAndStart();
  const auto client = std::move(*Client::connect("127.0.0.1:" + std::to_string(port)));
  auto* output = service.answer.add_outputs();
  output->set_name("y");
  output->set_datatype("FP32");
  output->add_shape(std::numeric_limits<std::int64_t>::max());
  const auto expect_damaged = [&client](const std::string& why) {
    EXPECT_THAT(client->infer({.model = "net"}, Milliseconds{5000}), HasErrc(Errc::data_loss, HasSubstr(why)));
  };
  expect_damaged("over");
  output->set_shape(0, -3);
  expect_damaged("negative");
  output->set_shape(0, 3);
  expect_damaged("0 elements");
  service.answer.add_raw_output_contents("12345");
  expect_damaged("5 bytes");
  output->set_datatype("BYTES");
  expect_damaged("BYTES");
  EXPECT_THAT(client->model_metadata("net", Milliseconds{5000}), HasErrc(Errc::data_loss, HasSubstr("STRANGE")));
  EXPECT_THAT(client->server_live(Milliseconds{5000}), HasErrc(Errc::internal, HasSubstr("two lines")));
  EXPECT_THAT(client->server_ready(Milliseconds{5000}), HasErrc(Errc::unimplemented, HasSubstr("")));
}

// A client that is no client: the server survives it and serves the next.
TEST(HostilePeer, AServerSurvivesGarbage) {
  FakeHandler handler;
  auto server = std::move(*Server::start({}, handler));
  const int port = std::stoi(server->address().substr(server->address().rfind(':') + 1));
  for (const std::string& text : {std::string(10000, '\0'), std::string("GET / HTTP/1.1\r\n\r\n"),
                                  std::string("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") + std::string(5000, '\xee')}) {
    const int connection = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    ASSERT_EQ(::connect(connection, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    send_text(connection, text);
    ::close(connection);
  }
  EXPECT_THAT((*Client::connect(server->address()))->server_live(Milliseconds{5000}), IsOk());
}

}  // namespace
}  // namespace tandem::rpc
