// `tandem run`: plans, runs inputs through device and cloud, and says where each part ran and what it took.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>

#include "command.hpp"
#include "cut.hpp"
#include "device_profile.hpp"
#include "image_option.hpp"
#include "inputs.hpp"
#include "network_option.hpp"
#include "tandem/base/log.hpp"
#include "tandem/base/number.hpp"
#include "tandem/device/cloud_profile.hpp"
#include "tandem/device/replan.hpp"
#include "tandem/device/session.hpp"
#include "tandem/link/link.hpp"
#include "tandem/plan/plan.hpp"
#include "terminal.hpp"
#include "tuning_option.hpp"

namespace tandem::cli {
namespace {

struct RunOptions {
  NetworkOptions network;
  ImageOptions image;
  DeviceOptions device;
  TuningOptions tuning;
  std::string cloud;
  std::string name_in_cloud;
  std::string link = "wifi";
  std::string objective = "latency";
  std::string cut = "auto";
  std::string codec = "auto";
  std::vector<std::string> inputs;
  std::string labels;
  bool replan = false;
  std::string profile_device;
  std::string profile_cloud;
  double deadline_ms = 10000;
  int repeat = 1;
  int top = 1;
  bool require_cloud = false;
  bool json = false;
};

// Everything a run needs, ready to go.
struct Prepared {
  network::Network network;
  Result<network::ImageInput> image_input;
  std::vector<Input> inputs;
  std::vector<std::string> labels;
  link::Link link;
};

Result<Prepared> prepare(const RunOptions& options) {
  auto link = link::find(options.link);
  if (!link) return forward_error(link);
  auto network = network::load(options.network.reference, options.network.import);
  if (!network) return forward_error(network);
  auto image_input = image_input_with(options.image, *network, options.network.reference);
  std::vector<Input> inputs;
  for (const std::string& what : options.inputs) {
    auto input = read_input(what, *network, image_input);
    if (!input) return forward_error(input);
    inputs.push_back(std::move(*input));
  }
  std::string labels_file = options.labels;
  if (labels_file.empty() && image_input) labels_file = image_input->labels;
  std::vector<std::string> labels;
  if (!labels_file.empty()) {
    auto read = read_labels(labels_file);
    if (!read) return forward_error(read);
    labels = std::move(*read);
  }
  return Prepared{std::move(*network), std::move(image_input), std::move(inputs), std::move(labels), std::move(*link)};
}

// The cloud's profile, or nothing where the cloud cannot be reached and that is no error.
Result<std::optional<profile::CostTable>> cloud_table(const RunOptions& options, const network::Network& network,
                                                      const profile::CostTable& device) {
  if (!options.profile_cloud.empty()) {
    auto table = profile::load(options.profile_cloud);
    if (!table) return forward_error(table);
    if (const Status fits = profile::check_fits(*table, network, options.profile_cloud); !fits)
      return forward_error(fits);
    return std::move(*table);
  }
  if (options.cloud.empty()) return std::nullopt;
  const std::string& name = options.name_in_cloud.empty() ? network.name() : options.name_in_cloud;
  auto found = device::find_cloud_profile(options.cloud, name, network, device, Milliseconds{options.deadline_ms});
  if (found) return std::move(found->table);
  const Errc code = found.error().code;
  const bool unreachable = code == Errc::unavailable || code == Errc::deadline_exceeded;
  if (!unreachable || options.require_cloud) return forward_error(found);
  logger().warn("{}; the whole network runs on the device", found.error().message);
  return std::nullopt;
}

// "auto", a number of layers, or the name of the last layer on the device.
Result<int> layers_on_device(const std::string& cut, const std::vector<std::string>& layers) {
  const int n = static_cast<int>(layers.size());
  if (const auto number = parse_number<int>(cut)) {
    if (*number >= 0 && *number <= n) return *number;
    return fail(Errc::invalid_argument, fmt::format("--cut {}: must lie in 0..{}, the network's layers", cut, n));
  }
  const auto found = std::ranges::find(layers, cut);
  if (found != layers.end()) return static_cast<int>(found - layers.begin()) + 1;
  return fail(Errc::invalid_argument,
              fmt::format("--cut {}: no such layer; 'tandem inspect NETWORK' shows their names", cut));
}

plan::Objective objective_of(const RunOptions& options) {
  return options.objective == "energy" ? plan::Objective::energy : plan::Objective::latency;
}

// "layers 1-7 on the device, 8-21 in the cloud"
std::string words_of(const plan::Plan& plan) {
  std::string words;
  for (const plan::Segment& segment : plan.segments) {
    words += fmt::format("{}{}-{} {}", words.empty() ? "layers " : ", ", segment.first, segment.last,
                         segment.place == plan::Place::cloud ? "in the cloud" : "on the device");
  }
  return words;
}

Result<plan::Plan> make_plan(const RunOptions& options, const std::string& codec, const Prepared& prepared,
                             const profile::CostTable& device, const std::optional<profile::CostTable>& cloud) {
  // Without a cloud the device's own table stands in for it: only the whole-device schedule is described with it.
  auto problem =
      plan::make_problem(device, cloud ? *cloud : device, prepared.link, objective_of(options), {.codec = codec});
  if (!problem) return forward_error(problem);
  const int n = device.size();
  if (!cloud || options.cloud.empty()) return plan::describe(*problem, {{.first = 1, .last = n}});
  if (options.cut == "auto") return plan::solve(*problem);
  auto here = layers_on_device(options.cut, device.layers);
  if (!here) return forward_error(here);
  std::vector<plan::Segment> segments;
  if (*here > 0) segments.push_back({.first = 1, .last = *here, .place = plan::Place::device});
  if (*here < n) segments.push_back({.first = *here + 1, .last = n, .place = plan::Place::cloud});
  return plan::describe(*problem, std::move(segments));
}

using Kind = device::Step::Kind;

Milliseconds device_time(const device::Answer& answer) {
  return answer.time(Kind::prepare) + answer.time(Kind::device);
}
Milliseconds coding_time(const device::Answer& answer) {
  return answer.time(Kind::encode) + answer.time(Kind::decode);
}

Json to_json(const Input& input, const device::Answer& answer, const plan::Plan& plan, Milliseconds predicted,
             const std::vector<TopEntry>& best) {
  Json entries = Json::array();
  for (const TopEntry& entry : best) {
    entries.push_back({{"index", entry.index}, {"label", entry.label}, {"score", entry.score}});
  }
  Json json = {{"input", input.name},
               {"top", std::move(entries)},
               {"cut", cut_of(plan)},
               {"total_ms", answer.total.count()},
               {"device_ms", device_time(answer).count()},
               {"encode_ms", coding_time(answer).count()},
               {"upload_ms", answer.time(Kind::upload).count()},
               {"cloud_ms", answer.time(Kind::cloud).count()},
               {"download_ms", answer.time(Kind::download).count()},
               {"up_bytes", answer.bytes(Kind::upload)},
               {"down_bytes", answer.bytes(Kind::download)},
               {"energy_mj", answer.energy.value},
               {"energy_source", "modelled"},
               {"predicted_ms", predicted.count()},
               {"link_up_mbps", answer.link.up.value},
               {"link_down_mbps", answer.link.down.value},
               {"link_rtt_ms", answer.link.rtt.count()},
               {"device_load", answer.load.device},
               {"cloud_load", answer.load.cloud},
               {"degraded", answer.degraded}};
  if (!answer.warning.empty()) json["warning"] = answer.warning;
  return json;
}

// Rows appear as answers come, so the columns are fixed.
constexpr const char* kRow = "{:<24.24}  {:>9}  {:>9}  {:>9}  {:>9}  {:>9}  {:>9}  {:>8}  {}\n";

void print_header() {
  fmt::print(kRow, "input", "total", "device", "coding", "upload", "cloud", "download", "up", "answer");
}

void print_row(const Input& input, const device::Answer& answer, const std::vector<TopEntry>& best) {
  std::string said;
  for (const TopEntry& entry : best) {
    said += fmt::format("{}{} {:.3g}", said.empty() ? "" : ", ",
                        entry.label.empty() ? fmt::format("class {}", entry.index) : entry.label, entry.score);
  }
  if (answer.degraded) said += " (without the cloud)";
  const std::string name = input.name.substr(input.name.find_last_of('/') + 1);
  fmt::print(kRow, name, human_time(answer.total), human_time(device_time(answer)), human_time(coding_time(answer)),
             human_time(answer.time(Kind::upload)), human_time(answer.time(Kind::cloud)),
             human_time(answer.time(Kind::download)), human_bytes(static_cast<double>(answer.bytes(Kind::upload))),
             said);
  std::fflush(stdout);
}

Outcome run(const RunOptions& options) {
  auto prepared = prepare(options);
  if (!prepared) return forward_error(prepared);
  const auto& network = prepared->network;
  DeviceOptions here = options.device;
  here.check_runtime = true;
  auto priors = codec::priors_beside(options.network.reference);
  if (!priors) return forward_error(priors);
  here.priors = *priors;
  auto device =
      device_profile(network, here, options.profile_device, prepared->inputs, prepared->image_input, options.json);
  if (!device) return forward_error(device);
  auto cloud = cloud_table(options, network, device->table);
  if (!cloud) return forward_error(cloud);
  std::string codec = options.codec;
  if (*cloud) {
    if (const Status done = apply(options.tuning, device->table, **cloud, codec); !done) return forward_error(done);
  }
  auto plan = make_plan(options, codec, *prepared, device->table, *cloud);
  if (!plan) return forward_error(plan);
  if (!plan->feasible) return Exit::no_feasible_answer;

  device::SessionOptions session_options{.network = network,
                                         .plan = *plan,
                                         .cloud = options.cloud,
                                         .network_in_cloud = options.name_in_cloud,
                                         .compile = options.device.compile,
                                         .link = prepared->link,
                                         .busy_power = Milliwatts{options.device.busy_mw},
                                         .idle_power = Milliwatts{options.device.idle_mw},
                                         .jpeg_quality = kInputJpegQuality,
                                         .priors = std::move(*priors),
                                         .require_cloud = options.require_cloud};
  if (prepared->image_input) session_options.image_input = *prepared->image_input;
  auto session = device::Session::open(std::move(session_options));
  if (!session) return forward_error(session);

  std::optional<device::Replanner> replanner;
  if (options.replan && *cloud && options.cut == "auto") {
    replanner.emplace(device::ReplanOptions{
        .device = device->table, .cloud = **cloud, .objective = objective_of(options), .codec = codec});
  }
  if (!options.json) {
    const Terminal screen = terminal();
    if (plan->transfers.empty())
      fmt::print("{}: all {} layers run on this device\n", network.name(), network.size());
    else
      fmt::print("{}", plan::picture(*plan, device->table.layers, {.width = screen.width, .colour = screen.colour}));
    fmt::print("\n");
    print_header();
  }
  bool degraded = false;  // a warning for each change, not for each request
  for (int round = 0; round < options.repeat; ++round) {
    for (const Input& input : prepared->inputs) {
      const Milliseconds deadline{options.deadline_ms};
      auto answer =
          input.image ? (*session)->infer_image(*input.image, deadline) : (*session)->infer(input.tensors, deadline);
      if (!answer) return forward_error(answer, input.name);
      if (answer->degraded && !degraded) logger().warn("{}; going on without the cloud", answer->warning);
      if (!answer->degraded && degraded) logger().warn("the cloud is back");
      degraded = answer->degraded;
      const Milliseconds predicted = (*session)->plan().totals.latency +
                                     time_to_prepare(input, prepared->image_input, options.device.compile.slowdown);
      const auto best = top(answer->outputs.front(), prepared->labels, options.top);
      if (options.json)
        fmt::print("{}\n", to_json(input, *answer, (*session)->plan(), predicted, best).dump());
      else
        print_row(input, *answer, best);
      if (!replanner) continue;
      const auto changed = replanner->update(**session);
      if (!changed) return forward_error(changed, "planning anew");
      if (*changed) logger().warn("link or load are others than planned for: now {}", words_of((*session)->plan()));
    }
  }
  return Exit::done;
}

}  // namespace

void add_run(CLI::App& program, Outcome& outcome) {
  auto* command = program.add_subcommand("run", "run a network on this device and a cloud together");
  auto options = std::make_shared<RunOptions>();
  add_network_options(command, options->network);
  command->add_option("--input", options->inputs, "JPEG or PNG images, .npy arrays, or random:SEED")->required();
  command->add_option("--cloud", options->cloud, "HOST:PORT of 'tandem serve'; without it all runs on this device");
  command->add_option("--cloud-name", options->name_in_cloud, "the network's name in the cloud, where it differs");
  command->add_option("--link", options->link, "3g, 4g, wifi, 5g, or a file")->capture_default_str();
  command->add_option("--objective", options->objective, "what to minimise")
      ->check(CLI::IsMember({"latency", "energy"}))
      ->capture_default_str();
  command->add_option("--cut", options->cut, "auto, how many layers run here, or the name of the last one")
      ->capture_default_str();
  command
      ->add_option(
          "--codec", options->codec,
          "raw, linear8, tfc-fast, tfc, or auto: the cheapest at each crossing; jpeg or any: JPEG of the input, too")
      ->capture_default_str();
  add_tuning_options(command, options->tuning);
  command->add_option("--labels", options->labels, "file with one class name a line");
  command->add_option("--top", options->top, "classes shown")->check(CLI::Range(0, 100))->capture_default_str();
  command->add_option("--repeat", options->repeat, "times each input runs")
      ->check(CLI::Range(1, 1000000))
      ->capture_default_str();
  command->add_option("--profile-device", options->profile_device,
                      "profile of this device; measured once where absent");
  command->add_option("--profile-cloud", options->profile_cloud, "profile of the cloud; asked of it where absent");
  command->add_option("--deadline-ms", options->deadline_ms, "of each call to the cloud, in milliseconds")
      ->check(CLI::Range(1.0, 3.6e6))
      ->capture_default_str();
  command->add_flag("--require-cloud", options->require_cloud,
                    "fail (exit code 4) instead of going on without the cloud");
  command->add_flag("--replan", options->replan,
                    "plan anew after each request, with the link and the load as the requests show them");
  command->add_flag("--json", options->json, "one JSON object for each request and line");
  add_device_options(command, options->device);
  add_image_options(command, options->image);
  example(command, "tandem run zoo:alexnet --cloud 127.0.0.1:8001 --link wifi --input photo.jpg --slowdown 8");
  command->callback([options, &outcome] { outcome = run(*options); });
}

}  // namespace tandem::cli
