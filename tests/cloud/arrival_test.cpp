// Requests in parts, as a client sends them: decoded as they come, or refused with what is wrong.
#include "arrival.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <thread>

#include "matchers.hpp"
#include "small_networks.hpp"
#include "tandem/codec/codec.hpp"
#include "tandem/rpc/client.hpp"

namespace tandem::cloud {
namespace {

using network::Network;
using network::Tensor;
using ::testing::HasSubstr;

constexpr Milliseconds kPlenty{30000};

using Bytes = std::vector<std::byte>;

class Arrivals : public ::testing::Test {
 protected:
  Arrivals() { serve({}); }

  void serve(Options options) {
    client_.reset();
    options.networks.push_back({.network = network_});
    options.workers = 2;
    server_ = Server::start(std::move(options)).value();
    client_ = rpc::Client::connect(server_->address()).value();
  }

  [[nodiscard]] rpc::InferRequest request(const std::string& model = "net", const std::string& codec = "tfc/3") const {
    return {.model = model, .inputs = {{.spec = {.name = input_.spec.name, .shape = {}}, .codec = codec}}};
  }

  // `coded` in parts of `size` bytes.
  Result<rpc::InferAnswer> send(const rpc::InferRequest& request, const Bytes& coded, std::size_t size = 100) {
    std::size_t sent = 0;
    const auto next = [&]() -> Result<Bytes> {
      const std::size_t count = std::min(size, coded.size() - sent);
      sent += count;
      return Bytes(coded.end() - static_cast<std::ptrdiff_t>(coded.size() - sent + count),
                   coded.end() - static_cast<std::ptrdiff_t>(coded.size() - sent));
    };
    return client_->infer_in_parts(request, next, kPlenty);
  }

  const Network network_ = testing::chain("net");
  const Tensor input_ = [this] {
    Tensor input = testing::random_inputs(network_, 1).front();
    input.spec.name = network_.boundaries().front().tensors.front().name;
    return input;
  }();
  const Bytes coded_ = codec::encode("tfc/3", input_.spec, input_.data).value();
  std::unique_ptr<Server> server_;
  std::unique_ptr<rpc::Client> client_;
};

TEST_F(Arrivals, AreAnsweredAsAWholeRequestHoweverTheyAreDivided) {
  rpc::InferRequest whole = request();
  whole.inputs.front().spec = input_.spec;
  whole.inputs.front().payload = coded_;
  const auto expected = client_->infer(whole, kPlenty);
  ASSERT_THAT(expected, IsOk());
  for (const std::size_t size : {std::size_t{1}, std::size_t{7}, std::size_t{1000}, coded_.size()}) {
    const auto answer = send(request(), coded_, size);
    ASSERT_THAT(answer, IsOk()) << size;
    EXPECT_EQ(answer->outputs[0].payload, expected->outputs[0].payload) << size;
  }
}

TEST_F(Arrivals, AreCollectedWhereTheCodecIsNotOneInPieces) {
  const Bytes coded = codec::encode("tfc", input_.spec, input_.data).value();
  EXPECT_THAT(send(request("net", "tfc"), coded), IsOk());
  EXPECT_THAT(send(request("net", "tfc/3"), coded), HasErrc(Errc::data_loss, HasSubstr("coded by 'tfc'")));
}

TEST_F(Arrivals, AreRefusedWhereTheyDoNotFitTheModel) {
  EXPECT_THAT(send(request("nobody"), coded_), HasErrc(Errc::not_found, HasSubstr("nobody")));
  rpc::InferRequest wrong_name = request();
  wrong_name.inputs.front().spec.name = "elsewhere";
  EXPECT_THAT(send(wrong_name, coded_), HasErrc(Errc::invalid_argument, HasSubstr(input_.spec.name)));
  rpc::InferRequest wrong_codec = request();
  wrong_codec.answer_codec = "zip";
  EXPECT_THAT(send(wrong_codec, coded_), HasErrc(Errc::invalid_argument, HasSubstr("zip")));
  const Tensor other({.name = "x", .type = network::ElementType::f32, .shape = {1, 70, 30}});
  EXPECT_THAT(send(request(), codec::encode("tfc/3", other.spec, other.data).value()),
              HasErrc(Errc::invalid_argument, HasSubstr("is due")));
}

TEST_F(Arrivals, AreRefusedWhereTheyAreDamaged) {
  const Bytes truncated(coded_.begin(), coded_.end() - 5);
  EXPECT_THAT(send(request(), truncated), HasErrc(Errc::data_loss, HasSubstr("checksum")));
  EXPECT_THAT(send(request(), {coded_.begin(), coded_.begin() + 8}), HasErrc(Errc::data_loss, HasSubstr("")));
  EXPECT_THAT(send(request(), {}), HasErrc(Errc::data_loss, HasSubstr("0 bytes")));
  Bytes longer = coded_;
  longer.push_back(std::byte{0});
  EXPECT_THAT(send(request(), longer), HasErrc(Errc::data_loss, HasSubstr("checksum")));
  for (std::size_t at = 0; at < coded_.size(); at += 1 + coded_.size() / 20) {
    Bytes damaged = coded_;
    damaged[at] ^= std::byte{0x10};
    EXPECT_FALSE(send(request(), damaged)) << at;
  }
  EXPECT_THAT(send(request(), coded_), IsOk()) << "the server lives on";
}

TEST_F(Arrivals, CountAgainstWhatTheServerHolds) {
  serve({.queue_bytes = input_.spec.bytes() + coded_.size() / 2});
  EXPECT_THAT(send(request(), coded_), HasErrc(Errc::unavailable, HasSubstr("too many requests")));
  serve({.queue_bytes = input_.spec.bytes() + coded_.size()});
  EXPECT_THAT(send(request(), coded_), IsOk());
  EXPECT_THAT(send(request(), coded_), IsOk()) << "what was held is given back";
}

TEST_F(Arrivals, ManyAtOnceGetTheirOwnAnswers) {
  const auto expected = send(request(), coded_);
  ASSERT_THAT(expected, IsOk());
  std::vector<std::thread> clients;
  for (const std::size_t part : {50, 150, 250, 350}) {
    clients.emplace_back([&, part] {
      for (int k = 0; k < 10; ++k) {
        const auto answer = send(request(), coded_, part);
        ASSERT_THAT(answer, IsOk());
        EXPECT_EQ(answer->outputs[0].payload, expected->outputs[0].payload);
      }
    });
  }
  for (std::thread& client : clients) client.join();
}

}  // namespace
}  // namespace tandem::cloud
