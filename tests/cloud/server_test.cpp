// The cloud over loopback, as a device and as a plain client of the protocol use it.
#include "tandem/cloud/server.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <thread>

#include "matchers.hpp"
#include "network/models.hpp"
#include "small_networks.hpp"
#include "tandem/base/clock.hpp"
#include "tandem/codec/codec.hpp"
#include "tandem/codec/image.hpp"
#include "tandem/rpc/client.hpp"
#include "tandem/rpc/segment_name.hpp"

namespace tandem::cloud {
namespace {

using network::Network;
using network::Tensor;
using network::testing::relative_difference;
using ::testing::HasSubstr;

constexpr Milliseconds kPlenty{30000};

std::unique_ptr<Server> serve(std::vector<Network> networks, Options options = {}) {
  for (auto& network : networks) {
    options.networks.push_back({.network = std::move(network)});
  }
  auto server = Server::start(std::move(options));
  EXPECT_THAT(server, IsOk());
  return std::move(*server);
}

std::unique_ptr<rpc::Client> client_of(const Server& server) {
  return std::move(*rpc::Client::connect(server.address()));
}

rpc::InferRequest request_of(const std::string& model, const std::vector<Tensor>& inputs) {
  rpc::InferRequest request{.model = model};
  for (const Tensor& input : inputs) request.inputs.push_back({.spec = input.spec, .payload = input.data});
  return request;
}

// With the names that the boundary states.
std::vector<Tensor> named(std::vector<Tensor> tensors, const network::Boundary& boundary) {
  for (std::size_t i = 0; i < tensors.size(); ++i) tensors[i].spec.name = boundary.tensors[i].name;
  return tensors;
}

std::vector<Tensor> inputs_of(const Network& network, std::uint64_t seed = 1) {
  return named(testing::random_inputs(network, seed), network.boundaries().front());
}

std::vector<Tensor> tensors_of(const rpc::InferAnswer& answer) {
  std::vector<Tensor> tensors;
  for (const auto& output : answer.outputs) {
    Tensor tensor(output.spec);
    if (output.codec.empty())
      tensor.data = output.payload;
    else
      EXPECT_THAT(codec::decode(output.payload, output.spec, tensor.data), IsOk());
    tensors.push_back(std::move(tensor));
  }
  return tensors;
}

TEST(CloudServer, AnswersAsTheWholeNetworkWhereverItIsDivided) {
  const Network network = testing::chain("net");
  const auto server = serve({network});
  const auto client = client_of(*server);
  const auto inputs = inputs_of(network);
  const auto expected = testing::run_whole(network, inputs);
  for (int cut = 0; cut <= network.size(); ++cut) {
    std::vector<Tensor> tensors = inputs;
    for (const network::BlockRange range :
         {network::BlockRange{1, cut}, network::BlockRange{cut + 1, network.size()}}) {
      if (range.first > range.last) continue;
      const auto answer = client->infer(request_of(rpc::segment_name("net", range), tensors), kPlenty);
      ASSERT_THAT(answer, IsOk()) << cut;
      tensors = tensors_of(*answer);
    }
    EXPECT_LE(relative_difference(expected, tensors), 1e-4) << cut;
  }
}

TEST(CloudServer, TakesAndGivesCodedTensors) {
  const Network network = testing::chain("net");
  const auto server = serve({network});
  const auto inputs = inputs_of(network);
  auto request = request_of("net", inputs);
  request.inputs[0].codec = "linear8";
  request.inputs[0].payload = codec::encode(codec::kLinear8, inputs[0].spec, inputs[0].data).value();
  request.answer_codec = "raw";
  const auto answer = client_of(*server)->infer(request, kPlenty);
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(answer->outputs[0].codec, "raw");
  EXPECT_LE(relative_difference(testing::run_whole(network, inputs), tensors_of(*answer)), 0.5);
  ASSERT_TRUE(answer->times);
  EXPECT_GT(answer->times->compute.count(), 0);
}

TEST(CloudServer, ExactCodesOfAQuantisedBoundaryChangeNothing) {
  const Network network = testing::quantised_chain("net");
  const auto server = serve({network});
  const auto client = client_of(*server);
  const auto inputs = inputs_of(network);
  int exact = 0;
  for (int cut = 1; cut < network.size(); ++cut) {
    if (!network.boundaries()[static_cast<std::size_t>(cut)].quantization) continue;
    auto head = request_of(rpc::segment_name("net", {1, cut}), inputs);
    const auto plain = client->infer(head, kPlenty);
    head.answer_codec = "linear8";
    const auto coded = client->infer(head, kPlenty);
    ASSERT_THAT(plain, IsOk());
    ASSERT_THAT(coded, IsOk());
    EXPECT_LE(relative_difference(tensors_of(*plain), tensors_of(*coded)), 1e-5);
    EXPECT_LT(coded->outputs[0].payload.size(), plain->outputs[0].payload.size() / 3);
    ++exact;
  }
  EXPECT_GT(exact, 0);
}

TEST(CloudServer, ReadsImagesWhereTheInputIsOne) {
  const Network network = testing::chain("net");
  const network::ImageInput input{.width = 16, .height = 16, .mean = {1, 2, 3}, .scale = {0.1, 0.1, 0.1}, .labels = {}};
  Options options;
  options.networks.push_back({
      .network = network,
      .image_input = input,
  });
  const auto server = serve({}, std::move(options));
  const auto client = client_of(*server);
  codec::Image image{.width = 40, .height = 30, .rgb = {}};
  for (int i = 0; i < 40 * 30 * 3; ++i) image.rgb.push_back(static_cast<std::uint8_t>(i / 15));
  const auto jpeg = codec::encode_jpeg(image, 90).value();

  Tensor tensor(network.boundaries().front().tensors.front());
  ASSERT_THAT(codec::to_tensor(codec::fit(codec::decode_image(jpeg).value(), input), input, tensor.spec, tensor.data),
              IsOk());
  rpc::InferRequest request{.model = "net"};
  request.inputs.push_back({.spec = tensor.spec, .codec = "jpeg", .payload = jpeg});
  const auto answer = client->infer(request, kPlenty);
  ASSERT_THAT(answer, IsOk());
  EXPECT_LE(relative_difference(testing::run_whole(network, {tensor}), tensors_of(*answer)), 1e-4);

  request.inputs[0].payload.resize(jpeg.size() / 2);
  EXPECT_THAT(client->infer(request, kPlenty), HasErrc(Errc::invalid_argument, HasSubstr("JPEG")));
  request.model = "net@2-3";
  request.inputs[0].spec.name = network.boundaries()[1].tensors[0].name;
  EXPECT_THAT(client->infer(request, kPlenty), HasErrc(Errc::failed_precondition, HasSubstr("an image, but")));
}

TEST(CloudServer, TakesSeveralInputsInAnyOrder) {
  const Network network = testing::two_inputs("sum");
  const auto server = serve({network});
  const auto inputs = inputs_of(network);
  auto request = request_of("sum", inputs);
  std::swap(request.inputs[0], request.inputs[1]);
  const auto answer = client_of(*server)->infer(request, kPlenty);
  ASSERT_THAT(answer, IsOk());
  EXPECT_LE(relative_difference(testing::run_whole(network, inputs), tensors_of(*answer)), 1e-6);
}

TEST(CloudServer, RefusesWhatDoesNotFitTheModel) {
  const Network network = testing::chain("net");
  const auto server = serve({network});
  const auto client = client_of(*server);
  const auto inputs = inputs_of(network);
  const auto expect_refused = [&client](const rpc::InferRequest& request, Errc code, const std::string& why) {
    EXPECT_THAT(client->infer(request, kPlenty), HasErrc(code, HasSubstr(why)));
  };
  for (const char* name : {"net@0-3", "net@5-2", "net@1-999", "net@99999999999999999999-1", "gone", ""}) {
    expect_refused(request_of(name, inputs), Errc::not_found, "no model");
  }
  expect_refused(request_of("net", {}), Errc::invalid_argument, "0 inputs, but the model takes 1");
  auto renamed = request_of("net", inputs);
  renamed.inputs[0].spec.name = "other";
  expect_refused(renamed, Errc::invalid_argument, "is missing; the model takes '");
  auto reshaped = request_of("net", inputs);
  reshaped.inputs[0].spec.shape = {1, 16, 16, 3};
  expect_refused(reshaped, Errc::invalid_argument, "f32[1,16,16,3], but the model takes f32[1,3,16,16]");
  auto strange_answer = request_of("net", inputs);
  strange_answer.answer_codec = "jpeg";
  expect_refused(strange_answer, Errc::invalid_argument, "cannot be coded as 'jpeg'");
  auto strange_output = request_of("net", inputs);
  strange_output.outputs = {"nothing"};
  expect_refused(strange_output, Errc::invalid_argument, "no output 'nothing'");
}

TEST(CloudServer, TellsAboutItsModels) {
  const Network network = testing::chain("net");
  const auto server = serve({network});
  const auto client = client_of(*server);
  const auto whole = client->model_metadata("net", kPlenty);
  ASSERT_THAT(whole, IsOk());
  EXPECT_EQ(whole->inputs, network.boundaries().front().tensors);
  EXPECT_EQ(whole->outputs, network.boundaries().back().tensors);
  EXPECT_EQ(whole->properties.at("tandem.fingerprint"), network.fingerprint());
  EXPECT_EQ(whole->properties.at("tandem.blocks"), std::to_string(network.size()));
  const auto part = client->model_metadata("net@2-3", kPlenty);
  ASSERT_THAT(part, IsOk());
  EXPECT_EQ(part->inputs, network.boundaries()[1].tensors);
  EXPECT_EQ(part->outputs, network.boundaries()[3].tensors);
  EXPECT_THAT(client->model_ready("net@2-3", kPlenty), IsOk());
  EXPECT_THAT(client->model_ready("net@3-2", kPlenty), HasErrc(Errc::not_found, HasSubstr("1-")));
}

TEST(CloudServer, ManyClientsGetTheirOwnAnswers) {
  const Network a = testing::chain("a", 1);
  const Network b = testing::chain("b", 2);
  const auto server = serve({a, b}, {.workers = 2, .model_memory_bytes = 1});
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < 6; ++t) {
    threads.emplace_back([&, t] {
      const Network& network = t % 2 == 0 ? a : b;
      const auto client = client_of(*server);
      for (std::uint64_t i = 0; i < 5; ++i) {
        const auto inputs = inputs_of(network, 10 * t + i);
        const auto answer = client->infer(request_of(network.name(), inputs), kPlenty);
        ASSERT_THAT(answer, IsOk());
        EXPECT_LE(relative_difference(testing::run_whole(network, inputs), tensors_of(*answer)), 1e-4);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(CloudServer, RefusesMoreThanItsQueueHolds) {
  const Network network = testing::slow("net");
  const auto inputs = inputs_of(network);
  const auto server = serve({network}, {.queue_bytes = inputs[0].data.size() * 2});
  ASSERT_THAT(client_of(*server)->model_ready("net", kPlenty), IsOk());
  std::atomic<int> answered = 0;
  std::atomic<int> refused = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      const auto answer = client_of(*server)->infer(request_of("net", inputs), kPlenty);
      if (answer) return void(++answered);
      EXPECT_THAT(answer, HasErrc(Errc::unavailable, HasSubstr("too many requests")));
      ++refused;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_GE(answered, 2);
  EXPECT_GE(refused, 1);
  EXPECT_THAT(client_of(*server)->infer(request_of("net", inputs), kPlenty), IsOk()) << "there is room again";
}

TEST(CloudServer, DropsWorkWhoseDeadlinePassedWhileItWaited) {
  const Network network = testing::slow("net");
  const auto inputs = inputs_of(network);
  const auto server = serve({network}, {.compile = {.slowdown = 10}});
  const auto client = client_of(*server);
  ASSERT_THAT(client->model_ready("net", kPlenty), IsOk());
  ASSERT_THAT(client->infer(request_of("net", inputs), kPlenty), IsOk()) << "the first finds cold caches";
  const auto warm = client->infer(request_of("net", inputs), kPlenty);
  ASSERT_THAT(warm, IsOk());
  const Milliseconds once = warm->times->compute;
  std::vector<std::thread> threads;
  threads.emplace_back([&] { EXPECT_THAT(client_of(*server)->infer(request_of("net", inputs), kPlenty), IsOk()); });
  steady_clock().sleep_until(steady_clock().now() + once / 4);  // the only worker is busy now
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      EXPECT_THAT(client_of(*server)->infer(request_of("net", inputs), once / 4),
                  HasErrc(Errc::deadline_exceeded, HasSubstr("")));
    });
  }
  for (std::thread& thread : threads) thread.join();
  const auto last = client->infer(request_of("net", inputs), kPlenty);
  ASSERT_THAT(last, IsOk());
  EXPECT_LT(last->times->queue, once * 4) << "it did not wait for eight requests that nobody wanted any more";
}

TEST(CloudServer, ShutsDownWhileBusy) {
  const Network network = testing::slow("net");
  const auto inputs = inputs_of(network);
  auto server = serve({network}, {.compile = {.slowdown = 3}});
  const auto client = client_of(*server);
  ASSERT_THAT(client->model_ready("net", kPlenty), IsOk());
  std::atomic<int> ended = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 10; ++t) {
    threads.emplace_back([&] {
      const auto own_client = client_of(*server);
      (void)own_client->infer(request_of("net", inputs), kPlenty).has_value();
      ++ended;
    });
  }
  steady_clock().sleep_until(steady_clock().now() + Milliseconds{150});
  server->shutdown(Milliseconds{100});
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(ended, 10);
  EXPECT_THAT(client->server_ready(Milliseconds{1000}), HasErrc(Errc::unavailable, HasSubstr("")));
}

TEST(CloudServer, RefusesToStartWithBadOptions) {
  const auto server = serve({testing::chain("net")});
  const auto start = [](const std::string& listen, std::vector<Network> networks, int workers = 1) {
    Options options{.listen = listen, .workers = workers};
    for (auto& network : networks) {
      options.networks.push_back({.network = std::move(network)});
    }
    return Server::start(std::move(options));
  };
  EXPECT_THAT(start(server->address(), {testing::chain("net")}),
              HasErrc(Errc::invalid_argument, HasSubstr("Address already in use")));
  EXPECT_THAT(start("nowhere", {testing::chain("net")}), HasErrc(Errc::invalid_argument, HasSubstr("HOST:PORT")));
  EXPECT_THAT(start("127.0.0.1:0", {}), HasErrc(Errc::invalid_argument, HasSubstr("no network")));
  EXPECT_THAT(start("127.0.0.1:0", {testing::chain("net"), testing::chain("net")}),
              HasErrc(Errc::invalid_argument, HasSubstr("two networks")));
  EXPECT_THAT(start("127.0.0.1:0", {testing::chain("net")}, 0), HasErrc(Errc::invalid_argument, HasSubstr("workers")));
}

TEST(CloudServer, SaysHowBusyItIs) {
  const Network network = testing::chain("net");
  const auto server = serve({network}, {.workers = 3});
  const auto client = client_of(*server);
  const auto answer = client->infer(request_of("net", inputs_of(network)), kPlenty);
  ASSERT_THAT(answer, IsOk());
  ASSERT_TRUE(answer->load.has_value());
  EXPECT_EQ(answer->load->queued, 0);
  EXPECT_EQ(answer->load->running, 0) << "the one that asks does not count";
  EXPECT_EQ(answer->load->workers, 3);
  EXPECT_EQ(answer->load->wait.count(), 0);
  const auto metadata = client->model_metadata("net", kPlenty);
  ASSERT_THAT(metadata, IsOk());
  EXPECT_EQ(metadata->properties.at("tandem.load_workers"), "3");
  EXPECT_EQ(metadata->properties.at("tandem.load_wait_us"), "0");
}

}  // namespace
}  // namespace tandem::cloud
