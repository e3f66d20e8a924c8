// What our calls cost on top of the bytes they carry: whole calls over loopback, beside a plain gRPC echo.
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bench_rows.hpp"
#include "tandem/cloud/server.hpp"
#include "tandem/engine/measure.hpp"
#include "tandem/network/import.hpp"
#include "tandem/rpc/client.hpp"
#include "tandem/rpc/echo.hpp"
#include "tandem/rpc/segment_name.hpp"
#include "tandem/rpc/server.hpp"

namespace tandem::cli {
namespace {

constexpr std::size_t kTensorBytes = 100'000;
constexpr int kCalls = 1000;
constexpr int kWarmUp = 100;
constexpr Milliseconds kDeadline{5000};
constexpr Milliseconds kLoadDeadline{60000};
constexpr const char* kNetwork = "zoo:nin";  // has pooling blocks over about as many bytes

using Call = std::function<Result<Milliseconds>()>;

// Answers at once with what came in: our protocol's cost alone, with the same bytes both ways as the echo.
class Mirror final : public rpc::Handler {
 public:
  void infer(rpc::Call call) override {
    rpc::InferAnswer answer{.model = call.request.model, .id = call.request.id};
    answer.outputs = std::move(call.request.inputs);
    call.finish(std::move(answer));
  }
  bool ready() override { return true; }
  void model_ready(const std::string&, std::function<void(Status)> finish) override { finish({}); }
  Result<rpc::ModelMetadata> model_metadata(const std::string& model) override {
    return rpc::ModelMetadata{.name = model};
  }
  rpc::ServerMetadata server_metadata() override { return {.name = "mirror"}; }
};

rpc::InferRequest request_of(const std::string& model, const network::TensorSpec& spec) {
  rpc::InferRequest request{.model = model};
  request.inputs.push_back({.spec = spec});
  request.inputs[0].payload.resize(spec.bytes());
  return request;
}

// Without the time the server says it computed.
Result<Milliseconds> timed_infer(rpc::Client& client, rpc::InferRequest request) {
  const Instant start = steady_clock().now();
  const auto answer = client.infer(std::move(request), kDeadline);
  if (!answer) return forward_error(answer);
  const Milliseconds total = steady_clock().now() - start;
  return answer->times ? total - answer->times->compute : total;
}

// The block with the least to compute of those that take about kTensorBytes or more: 1-based.
int light_block(const network::Network& network) {
  int lightest = 1;
  auto least = std::numeric_limits<double>::infinity();
  for (int k = 1; k <= network.size(); ++k) {
    const auto input = static_cast<double>(network.boundaries()[static_cast<std::size_t>(k) - 1].bytes());
    const auto output = static_cast<double>(network.boundaries()[static_cast<std::size_t>(k)].bytes());
    const double effort = static_cast<double>(network.blocks()[static_cast<std::size_t>(k) - 1].macs) + input + output;
    if (input >= kTensorBytes && effort < least) {
      least = effort;
      lightest = k;
    }
  }
  return lightest;
}

// One after the other in turns, so that whatever else the machine does meets all of them alike.
Result<std::vector<engine::Statistics>> measure_in_turns(const std::vector<Call>& calls) {
  std::vector<std::vector<Milliseconds>> samples(calls.size());
  for (int round = 0; round < kWarmUp + kCalls; ++round) {
    for (std::size_t i = 0; i < calls.size(); ++i) {
      const auto took = calls[i]();
      if (!took) return forward_error(took);
      if (round >= kWarmUp) samples[i].push_back(*took);
    }
  }
  std::vector<engine::Statistics> statistics;
  statistics.reserve(samples.size());
  for (const auto& times : samples) statistics.push_back(engine::summarise(times));
  return statistics;
}

Json row(const std::string& name, std::size_t bytes, const engine::Statistics& ours, const engine::Statistics& echo) {
  return {{"name", name},
          {"bytes", bytes},
          {"calls", ours.count},
          {"median_ms", ours.median.count()},
          {"low_ms", ours.low.count()},
          {"high_ms", ours.high.count()},
          {"baseline", "plain gRPC echo of the same bytes"},
          {"baseline_median_ms", echo.median.count()},
          {"ratio", ours.median / echo.median},
          {"bar", 2.0}};
}

Result<Json> protocol_row(rpc::EchoPair& echo) {
  Mirror mirror;
  auto server = rpc::Server::start({}, mirror);
  if (!server) return forward_error(server);
  auto client = rpc::Client::connect((*server)->address());
  if (!client) return forward_error(client);
  const network::TensorSpec spec{
      .name = "x", .type = network::ElementType::u8, .shape = {static_cast<std::int64_t>(kTensorBytes)}};
  const std::vector<std::byte> payload(kTensorBytes);
  const auto statistics = measure_in_turns({
      [&] { return echo.call(payload); },
      [&] { return timed_infer(**client, request_of("mirror", spec)); },
  });
  if (!statistics) return forward_error(statistics);
  return row("client and server, a tensor there and back", kTensorBytes, (*statistics)[1], (*statistics)[0]);
}

Result<Json> cloud_row(rpc::EchoPair& echo) {
  auto network = network::load(kNetwork);
  if (!network) return forward_error(network);
  const int block = light_block(*network);
  const network::TensorSpec spec = network->boundaries()[static_cast<std::size_t>(block) - 1].tensors.front();
  const std::string model = rpc::segment_name(network->name(), {.first = block, .last = block});
  cloud::Options options;
  options.networks.push_back({.network = *network});
  auto server = cloud::Server::start(std::move(options));
  if (!server) return forward_error(server);
  auto client = rpc::Client::connect((*server)->address());
  if (!client) return forward_error(client);
  if (const Status ready = (*client)->model_ready(model, kLoadDeadline); !ready) return forward_error(ready);
  const std::vector<std::byte> payload(spec.bytes());
  const auto statistics = measure_in_turns({
      [&] { return echo.call(payload); },
      [&] { return timed_infer(**client, request_of(model, spec)); },
  });
  if (!statistics) return forward_error(statistics);
  return row("client and cloud server, " + model + " without its compute", spec.bytes(), (*statistics)[1],
             (*statistics)[0]);
}

}  // namespace

Result<Json> rpc_bench_rows(const BenchScope& /*scope*/) {
  auto echo = rpc::EchoPair::start();
  if (!echo) return forward_error(echo);
  const auto protocol = protocol_row(**echo);
  if (!protocol) return forward_error(protocol);
  const auto cloud = cloud_row(**echo);
  if (!cloud) return forward_error(cloud);
  return Json::array({*protocol, *cloud});
}

}  // namespace tandem::cli
