// Our client and our server over loopback.
#include <gmock/gmock.h>

#include <cstring>
#include <thread>

#include "fake_handler.hpp"
#include "matchers.hpp"
#include "tandem/base/random.hpp"
#include "tandem/codec/codec.hpp"
#include "tandem/codec/pieces.hpp"
#include "tandem/rpc/client.hpp"
#include "tandem/rpc/echo.hpp"
#include "tandem/rpc/server.hpp"

namespace tandem::rpc {
namespace {

using network::ElementType;
using network::TensorSpec;
using ::testing::HasSubstr;

constexpr Milliseconds kPlenty{20000};

std::unique_ptr<Server> serve(Handler& handler, ServerOptions options = {}) {
  auto server = Server::start(options, handler);
  EXPECT_THAT(server, IsOk());
  return std::move(*server);
}

std::unique_ptr<Client> client_of(const Server& server) {
  return std::move(*Client::connect(server.address()));
}

WireTensor tensor_of(std::int64_t bytes, std::uint64_t seed = 1) {
  WireTensor tensor{.spec = {.name = "x", .type = ElementType::u8, .shape = {bytes}}};
  Random random(seed);
  for (std::int64_t i = 0; i < bytes; ++i) tensor.payload.push_back(static_cast<std::byte>(random.next()));
  return tensor;
}

InferRequest request_of(WireTensor tensor, const std::string& model = "echo") {
  return {.model = model, .id = "7", .inputs = {std::move(tensor)}};
}

TEST(ClientServer, ATensorComesBackUnchanged) {
  FakeHandler handler;
  const auto server = serve(handler);
  const auto client = client_of(*server);
  for (const std::int64_t bytes : {0, 1, 1000, 100'000, 10'000'000}) {
    const WireTensor tensor = tensor_of(bytes);
    CallTimes times;
    const auto answer = client->infer(request_of(tensor), kPlenty, &times);
    ASSERT_THAT(answer, IsOk());
    EXPECT_EQ(answer->id, "7");
    ASSERT_EQ(answer->outputs.size(), 1U);
    EXPECT_EQ(answer->outputs[0].spec, tensor.spec);
    EXPECT_TRUE(answer->outputs[0].payload == tensor.payload);
    EXPECT_GT(times.total.count(), 0);
    ASSERT_TRUE(answer->times);
    EXPECT_DOUBLE_EQ(answer->times->total().count(), 10.5);
  }
}

TEST(ClientServer, CarriesEveryElementTypeAndScalars) {
  FakeHandler handler;
  const auto server = serve(handler);
  const auto client = client_of(*server);
  for (const ElementType type : {ElementType::f32, ElementType::f16, ElementType::bf16, ElementType::f64,
                                 ElementType::i8, ElementType::u8, ElementType::i16, ElementType::u16, ElementType::i32,
                                 ElementType::u32, ElementType::i64, ElementType::u64, ElementType::boolean}) {
    for (const auto& shape : {std::vector<std::int64_t>{}, {2, 3}, {0, 5}}) {
      WireTensor tensor{.spec = {.name = "x", .type = type, .shape = shape}};
      tensor.payload.resize(tensor.spec.bytes());
      const auto answer = client->infer(request_of(tensor), kPlenty);
      ASSERT_THAT(answer, IsOk());
      EXPECT_EQ(answer->outputs[0].spec, tensor.spec);
    }
  }
}

TEST(ClientServer, CarriesCodedTensorsWithTheirTrueShape) {
  FakeHandler handler;
  const auto server = serve(handler);
  const TensorSpec spec{.name = "x", .type = ElementType::f32, .shape = {2, 3}};
  const std::vector<std::byte> data(spec.bytes());
  const WireTensor tensor{
      .spec = spec, .codec = "linear8", .payload = codec::encode(codec::kLinear8, spec, data).value()};
  const auto answer = client_of(*server)->infer(request_of(tensor), kPlenty);
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(answer->outputs[0].codec, "linear8");
  EXPECT_EQ(answer->outputs[0].spec, spec);
}

// Gives out the parts one by one.
Client::NextPart parts_of(std::vector<std::vector<std::byte>> parts) {
  return [parts = std::move(parts), next = std::size_t{0}]() mutable -> Result<std::vector<std::byte>> {
    return next < parts.size() ? parts[next++] : std::vector<std::byte>();
  };
}

InferRequest request_in_parts() {
  return {.model = "echo", .id = "7", .inputs = {{.spec = {.name = "x", .shape = {}}, .codec = "tfc/4"}}};
}

std::vector<std::vector<std::byte>> coded_parts(const TensorSpec& spec) {
  const std::vector<std::byte> data(spec.bytes());
  auto encoder = codec::PieceEncoder::start("tfc/4", spec, data).value();
  std::vector<std::vector<std::byte>> parts;
  while (!encoder.done()) parts.push_back(encoder.next().value());
  return parts;
}

TEST(ClientServer, ATensorInPartsArrivesAsOne) {
  FakeHandler handler;
  const auto server = serve(handler);
  const auto client = client_of(*server);
  const TensorSpec spec{.name = "x", .type = ElementType::f32, .shape = {1, 64, 50, 50}};
  const auto parts = coded_parts(spec);
  EXPECT_EQ(parts.size(), 4U);
  for (int i = 0; i < 20; ++i) {
    const auto answer = client->infer_in_parts(request_in_parts(), parts_of(parts), kPlenty);
    ASSERT_THAT(answer, IsOk());
    EXPECT_EQ(answer->id, "7");
    EXPECT_EQ(answer->outputs[0].spec, spec);
    std::vector<std::byte> whole;
    for (const auto& part : parts) whole.insert(whole.end(), part.begin(), part.end());
    EXPECT_EQ(answer->outputs[0].payload, whole);
  }
}

TEST(ClientServer, PartsThatDoNotMakeATensorAreRefused) {
  FakeHandler handler;
  const auto server = serve(handler);
  const auto client = client_of(*server);
  auto parts = coded_parts({.name = "x", .type = ElementType::f32, .shape = {20, 5}});
  parts.pop_back();
  EXPECT_THAT(client->infer_in_parts(request_in_parts(), parts_of(parts), kPlenty),
              HasErrc(Errc::data_loss, HasSubstr("checksum")));
  EXPECT_THAT(client->infer_in_parts(request_in_parts(), parts_of({}), kPlenty),
              HasErrc(Errc::data_loss, HasSubstr("bytes")));
  InferRequest without_input = request_in_parts();
  without_input.inputs.clear();
  EXPECT_THAT(client->infer_in_parts(without_input, parts_of(parts), kPlenty),
              HasErrc(Errc::invalid_argument, HasSubstr("has one input")));
}

TEST(ClientServer, PartsOverTheServersLimitAreRefused) {
  FakeHandler handler;
  const auto server = serve(handler, {.max_message_bytes = 100'000});
  const auto client = client_of(*server);
  const std::vector<std::vector<std::byte>> parts(5, std::vector<std::byte>(30'000));
  EXPECT_THAT(client->infer_in_parts(request_in_parts(), parts_of(parts), kPlenty),
              HasErrc(Errc::resource_exhausted, HasSubstr("100000 bytes")));
}

TEST(ClientServer, AnErrorInMakingAPartEndsTheCall) {
  FakeHandler handler;
  const auto server = serve(handler);
  const auto client = client_of(*server);
  int made = 0;
  const auto next = [&made]() -> Result<std::vector<std::byte>> {
    if (made++ < 2) return std::vector<std::byte>(1000);
    return fail(Errc::invalid_argument, "out of paint");
  };
  EXPECT_THAT(client->infer_in_parts(request_in_parts(), next, kPlenty),
              HasErrc(Errc::invalid_argument, HasSubstr("out of paint")));
  EXPECT_THAT(client->infer(request_of(tensor_of(10)), kPlenty), IsOk()) << "the connection lives on";
}

TEST(ClientServer, PartsToNobodyAreUnavailableAndALateAnswerIsADeadline) {
  std::string address;
  {
    FakeHandler handler;
    address = serve(handler)->address();
  }
  const auto nobody = std::move(*Client::connect(address));
  const auto parts = coded_parts({.name = "x", .type = ElementType::f32, .shape = {20, 5}});
  EXPECT_THAT(nobody->infer_in_parts(request_in_parts(), parts_of(parts), kPlenty),
              HasErrc(Errc::unavailable, HasSubstr(address)));
  EXPECT_THAT(nobody->infer_in_parts(request_in_parts(), parts_of(parts), Milliseconds{0}),
              HasErrc(Errc::deadline_exceeded, HasSubstr("no time was left")));
}

TEST(ClientServer, TellsAboutItself) {
  FakeHandler handler;
  const auto server = serve(handler);
  const auto client = client_of(*server);
  EXPECT_THAT(client->server_live(kPlenty), IsOk());
  EXPECT_THAT(client->server_ready(kPlenty), IsOk());
  EXPECT_THAT(client->model_ready("echo", kPlenty), IsOk());
  EXPECT_THAT(client->model_ready("gone", kPlenty), HasErrc(Errc::not_found, HasSubstr("no model 'gone'")));
  EXPECT_EQ(client->server_metadata(kPlenty)->name, "fake");
  const auto metadata = client->model_metadata("echo", kPlenty);
  ASSERT_THAT(metadata, IsOk());
  EXPECT_EQ(metadata->inputs[0].shape, (std::vector<std::int64_t>{-1, 3}));
  EXPECT_EQ(metadata->outputs[0].type, ElementType::i64);
  EXPECT_EQ(metadata->properties.at("tandem.blocks"), "7");
  EXPECT_THAT(client->model_metadata("gone", kPlenty), HasErrc(Errc::not_found, HasSubstr("gone")));
}

TEST(ClientServer, PassesErrorsOnWithTheServersName) {
  FakeHandler handler;
  const auto server = serve(handler);
  EXPECT_THAT(client_of(*server)->infer(request_of(tensor_of(4), "gone"), kPlenty),
              HasErrc(Errc::not_found, HasSubstr("server " + server->address() + ": no model 'gone'")));
}

TEST(ClientServer, ACallTheHandlerDropsStillEnds) {
  FakeHandler handler;
  const auto server = serve(handler);
  EXPECT_THAT(client_of(*server)->infer(request_of(tensor_of(4), "drop"), kPlenty),
              HasErrc(Errc::unavailable, HasSubstr("dropped")));
}

TEST(ClientServer, TheDeadlineHoldsAndTheServerLearnsOfIt) {
  FakeHandler handler;
  {
    const auto server = serve(handler);
    const auto client = client_of(*server);
    const Instant start = steady_clock().now();
    EXPECT_THAT(client->infer(request_of(tensor_of(4), "wait"), Milliseconds{100}),
                HasErrc(Errc::deadline_exceeded, HasSubstr("")));
    EXPECT_LT((steady_clock().now() - start).count(), 2000);
  }
  EXPECT_EQ(handler.cancelled, 1);
}

TEST(ClientServer, ADeadlineThatHasPassedIsNoCall) {
  FakeHandler handler;
  const auto server = serve(handler);
  EXPECT_THAT(client_of(*server)->infer(request_of(tensor_of(4)), Milliseconds{-5}),
              HasErrc(Errc::deadline_exceeded, HasSubstr("")));
}

TEST(ClientServer, RefusesAMessageOverTheServersLimit) {
  FakeHandler handler;
  const auto server = serve(handler, {.max_message_bytes = 10'000});
  const auto client = client_of(*server);
  EXPECT_THAT(client->infer(request_of(tensor_of(20'000)), kPlenty), HasErrc(Errc::resource_exhausted, HasSubstr("")));
  EXPECT_THAT(client->infer(request_of(tensor_of(9'000)), kPlenty), IsOk());
}

TEST(ClientServer, ARestartedServerIsFoundAgain) {
  FakeHandler handler;
  auto server = serve(handler);
  const std::string address = server->address();
  const auto client = client_of(*server);
  ASSERT_THAT(client->infer(request_of(tensor_of(4)), kPlenty), IsOk());
  server.reset();
  EXPECT_THAT(client->infer(request_of(tensor_of(4)), kPlenty), HasErrc(Errc::unavailable, HasSubstr(address)));
  server = serve(handler, {.listen = address});
  Status live = client->server_live(kPlenty);
  const Instant give_up = steady_clock().now() + Milliseconds{5000};
  while (!live && steady_clock().now() < give_up) {
    steady_clock().sleep_until(steady_clock().now() + Milliseconds{20});
    live = client->server_live(kPlenty);
  }
  EXPECT_THAT(live, IsOk());
}

TEST(ClientServer, ManyClientsAtOnce) {
  FakeHandler handler;
  const auto server = serve(handler);
  class Echo : public FakeHandler {
   public:
    void infer(Call call) override { call.finish(InferAnswer{.outputs = call.request.inputs}); }
  } echo;
  const auto echo_server = serve(echo);
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < 8; ++t) {
    threads.emplace_back([&echo_server, t] {
      const auto client = client_of(*echo_server);
      for (std::uint64_t i = 0; i < 20; ++i) {
        const WireTensor tensor = tensor_of(static_cast<std::int64_t>(1 + 997 * i), t * 100 + i);
        const auto answer = client->infer(request_of(tensor), kPlenty);
        ASSERT_THAT(answer, IsOk());
        EXPECT_TRUE(answer->outputs[0].payload == tensor.payload);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(ClientServer, ShutdownEndsRunningCalls) {
  FakeHandler handler;
  const auto server = serve(handler);
  std::thread caller([address = server->address()] {
    auto client = std::move(*Client::connect(address));
    EXPECT_FALSE(client->infer(request_of(tensor_of(4), "wait"), kPlenty));
  });
  steady_clock().sleep_until(steady_clock().now() + Milliseconds{200});
  const Instant start = steady_clock().now();
  server->shutdown(Milliseconds{50});
  EXPECT_LT((steady_clock().now() - start).count(), 5000);
  caller.join();
}

TEST(ServerStart, SaysWhichPortIsInUse) {
  FakeHandler handler;
  const auto server = serve(handler);
  EXPECT_THAT(
      Server::start({.listen = server->address()}, handler),
      HasErrc(Errc::invalid_argument, HasSubstr("cannot listen on " + server->address() + ": Address already in use")));
}

TEST(ServerStart, RefusesAddressesThatAreNone) {
  FakeHandler handler;
  EXPECT_THAT(Server::start({.listen = "here"}, handler), HasErrc(Errc::invalid_argument, HasSubstr("HOST:PORT")));
  EXPECT_THAT(Server::start({.listen = "192.0.2.1:0"}, handler),
              HasErrc(Errc::invalid_argument, HasSubstr("192.0.2.1")));
  EXPECT_THAT(Client::connect("here"), HasErrc(Errc::invalid_argument, HasSubstr("HOST:PORT")));
  EXPECT_THAT(Client::connect("here:0"), HasErrc(Errc::invalid_argument, HasSubstr("1 to 65535")));
}

TEST(Echo, SendsTheBytesBack) {
  const auto echo = EchoPair::start();
  ASSERT_THAT(echo, IsOk());
  const std::vector<std::byte> payload(100'000);
  EXPECT_THAT((*echo)->call(payload), IsOk());
}

}  // namespace
}  // namespace tandem::rpc
