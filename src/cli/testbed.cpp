#include "testbed.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <span>

#include "tandem/engine/codec_costs.hpp"
#include "tandem/network/import.hpp"
#include "tandem/profile/emulate.hpp"

namespace tandem::cli {
namespace {

namespace fs = std::filesystem;
using Kind = device::Step::Kind;

constexpr Milliseconds kStartDeadline{120000};
constexpr Milliseconds kRequestDeadline{60000};
constexpr int kRandomInputs = 3;

Status add_codecs(profile::CostTable& table, const network::Network& network, std::span<const Input> inputs,
                  const TestbedOptions& options) {
  if (options.compared.empty()) return {};
  engine::CompileOptions compile = options.device.compile;
  compile.slowdown = 1.0;
  auto costs = engine::measure_codecs(network, codec_samples(inputs), options.compared, compile);
  if (!costs) return forward_error(costs);
  table.codecs.merge(*costs);
  return {};
}

Result<TestNetwork> load(const std::string& reference, const TestbedOptions& options) {
  auto network = network::load(reference);
  if (!network) return forward_error(network);
  auto image_input = network::image_input_for(*network, reference);
  std::vector<Input> inputs;
  if (image_input) {
    for (const std::string& file : options.images) {
      auto input = read_input(file, *network, image_input);
      if (!input) return forward_error(input);
      input->image = codec::fit(*input->image, *image_input);
      inputs.push_back(std::move(*input));
    }
  } else {
    for (int seed = 1; seed <= kRandomInputs; ++seed) {
      auto input = read_input(fmt::format("random:{}", seed), *network, image_input);
      if (!input) return forward_error(input);
      inputs.push_back(std::move(*input));
    }
  }
  DeviceOptions as_cloud = options.device;
  as_cloud.compile.slowdown = 1.0;
  as_cloud.idle_mw = as_cloud.busy_mw = 0.0;
  auto cloud = device_profile(*network, as_cloud, {}, inputs, image_input, true);
  if (!cloud) return forward_error(cloud);
  if (const Status added = add_codecs(cloud->table, *network, inputs, options); !added) return forward_error(added);
  // The device is the same machine, slower: nothing is measured twice.
  profile::CostTable device = profile::emulate(cloud->table, {.slowdown = options.device.compile.slowdown,
                                                              .idle_power = Milliwatts{options.device.idle_mw},
                                                              .busy_power = Milliwatts{options.device.busy_mw}});
  return TestNetwork{std::move(*network), std::move(image_input), std::move(inputs), std::move(device),
                     std::move(cloud->table)};
}

// The limit no run can beat, from what this very request computed and sent.
Milliseconds limit_of(const device::Answer& answer, const link::Link& link) {
  Milliseconds limit = answer.time(Kind::prepare) + answer.time(Kind::device) + answer.cloud_compute;
  if (answer.bytes(Kind::upload) == 0) return limit;
  limit += Bytes{static_cast<double>(answer.bytes(Kind::upload))} / link.up;
  limit += Bytes{static_cast<double>(answer.bytes(Kind::download))} / link.down;
  return limit + link.rtt;
}

// One way while its requests are made.
struct Running {
  std::unique_ptr<device::Session> session;
  Trial trial;  // sums where a trial has means, until it is done
  std::size_t asked = 0;
  std::vector<Milliseconds> latencies, overheads, limits;

  Result<device::Answer> ask(const std::vector<Input>& inputs) {
    const Input& input = inputs[asked++ % inputs.size()];
    return input.image ? session->infer_image(*input.image, kRequestDeadline)
                       : session->infer(input.tensors, kRequestDeadline);
  }

  void count(device::Answer answer, const link::Link& link) {
    const Milliseconds limit = limit_of(answer, link);
    latencies.push_back(answer.total);
    limits.push_back(limit);
    overheads.push_back(answer.total - limit);
    trial.coding += answer.time(Kind::encode) + answer.time(Kind::decode);
    trial.energy += answer.energy;
    trial.up_bytes += static_cast<double>(answer.bytes(Kind::upload));
    trial.down_bytes += static_cast<double>(answer.bytes(Kind::download));
    trial.last = std::move(answer);
  }

  Trial done(Milliseconds prepare) && {
    const auto requests = static_cast<double>(latencies.size());
    trial.predicted = trial.plan.totals.latency + prepare;
    trial.latency = engine::summarise(latencies);
    trial.overhead = engine::summarise(overheads);
    trial.limit = engine::summarise(limits).median;
    trial.coding /= requests;
    trial.energy = trial.energy / requests;
    trial.up_bytes /= requests;
    trial.down_bytes /= requests;
    return std::move(trial);
  }
};

}  // namespace

std::string_view name_of(Mode mode) {
  switch (mode) {
    case Mode::device_only: return "device_only";
    case Mode::cloud_raw: return "cloud_raw";
    case Mode::cloud_jpeg: return "cloud_jpeg";
    case Mode::tandem: return "tandem";
  }
  return "tandem";
}

Result<std::unique_ptr<Testbed>> Testbed::start(const std::vector<std::string>& networks, TestbedOptions options,
                                                const Report& report) {
  std::unique_ptr<Testbed> testbed(new Testbed(std::move(options)));
  for (std::size_t i = 0; i < networks.size(); ++i) {
    report(static_cast<double>(i) / static_cast<double>(networks.size() + 1), "profiling " + networks[i]);
    auto loaded = load(networks[i], testbed->options_);
    if (!loaded) return forward_error(loaded);
    testbed->networks_.push_back(std::move(*loaded));
  }
  report(static_cast<double>(networks.size()) / static_cast<double>(networks.size() + 1), "starting the cloud");
  if (const Status started = testbed->start_cloud(networks); !started) return forward_error(started);
  return testbed;
}

Status Testbed::start_cloud(const std::vector<std::string>& references) {
  std::vector<std::string> arguments{"serve", "--listen", "127.0.0.1:0", "--json"};
  arguments.insert(arguments.end(), references.begin(), references.end());
  auto cloud = ChildProcess::start(arguments);
  if (!cloud) return forward_error(cloud);
  cloud_ = std::move(*cloud);
  auto line = cloud_->read_line(kStartDeadline);
  if (!line) return forward_error(line, "the cloud");
  auto json = parse_json(*line);
  if (!json || !json->contains("listening")) return fail(Errc::internal, "the cloud did not say where it listens");
  auto proxy = link::ShapingProxy::start(
      {.target = (*json)["listening"].get<std::string>(), .link = link::presets().front().link});
  if (!proxy) return forward_error(proxy);
  proxy_ = std::move(*proxy);
  return {};
}

Result<plan::Plan> Testbed::plan_for(const TestNetwork& net, const link::Link& link, const Way& way) const {
  const std::string codec = way.mode == Mode::cloud_raw    ? "raw"
                            : way.mode == Mode::cloud_jpeg ? "jpeg"
                            : way.codec.empty()            ? options_.codec
                                                           : way.codec;
  profile::CostTable device = net.device;
  profile::CostTable cloud = net.cloud;
  if (way.codec.empty()) {
    for (const std::string& compared : options_.compared) {
      device.codecs.erase(compared);
      cloud.codecs.erase(compared);
    }
  }
  auto problem = plan::make_problem(device, cloud, link, options_.objective, {.codec = codec});
  if (!problem) return forward_error(problem);
  if (way.mode == Mode::tandem) return plan::solve(*problem);
  const plan::Place place = way.mode == Mode::device_only ? plan::Place::device : plan::Place::cloud;
  return plan::describe(*problem, {{.first = 1, .last = net.network.size(), .place = place}});
}

Result<std::unique_ptr<device::Session>> Testbed::open_session(const TestNetwork& net, const link::Link& link,
                                                               const plan::Plan& plan) const {
  device::SessionOptions options{.network = net.network,
                                 .plan = plan,
                                 .cloud = proxy_->address(),
                                 .compile = options_.device.compile,
                                 .link = link,
                                 .busy_power = Milliwatts{options_.device.busy_mw},
                                 .idle_power = Milliwatts{options_.device.idle_mw},
                                 .jpeg_quality = kInputJpegQuality,
                                 .require_cloud = true};
  if (net.image_input) options.image_input = *net.image_input;
  auto session = device::Session::open(std::move(options));
  if (!session) return forward_error(session, net.network.name());
  return session;
}

Result<std::vector<Trial>> Testbed::run(std::size_t index, const link::Link& link, const std::vector<Way>& ways,
                                        int rounds) {
  const TestNetwork& net = networks_[index];
  proxy_->set_link(link);
  std::vector<Running> running;
  for (const Way& way : ways) {
    if (way.mode == Mode::cloud_jpeg && !net.image_input) {
      return fail(Errc::failed_precondition, net.network.name() + " takes no image, so it cannot be sent one as JPEG");
    }
    auto plan = plan_for(net, link, way);
    if (!plan) return forward_error(plan);
    auto session = open_session(net, link, *plan);
    if (!session) return forward_error(session);
    running.push_back({.session = std::move(*session), .trial = {.plan = std::move(*plan)}});
  }
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < ways.size(); ++i) {
      for (int request = -1; request < ways[i].requests; ++request) {
        auto answer = running[i].ask(net.inputs);
        if (!answer) return forward_error(answer, net.network.name());
        if (request >= 0) running[i].count(std::move(*answer), link);
      }
    }
  }
  const Milliseconds prepare = time_to_prepare(net.inputs.front(), net.image_input, options_.device.compile.slowdown);
  std::vector<Trial> trials;
  for (Running& one : running) trials.push_back(std::move(one).done(prepare));
  return trials;
}

}  // namespace tandem::cli
