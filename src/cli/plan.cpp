// `tandem plan`: the best division of labour between device and cloud, as a picture and as tandem.plan.v1.
#include "tandem/plan/plan.hpp"

#include <fmt/format.h>

#include <memory>
#include <optional>

#include "command.hpp"
#include "device_profile.hpp"
#include "image_option.hpp"
#include "inputs.hpp"
#include "network_option.hpp"
#include "plan_candidates.hpp"
#include "plan_conditions.hpp"
#include "plan_explain.hpp"
#include "plan_graph.hpp"
#include "plan_inside.hpp"
#include "plan_modes.hpp"
#include "plan_scenario.hpp"
#include "plan_study.hpp"
#include "plan_tiers.hpp"
#include "plan_training.hpp"
#include "tandem/base/file.hpp"
#include "tandem/profile/cost_table.hpp"
#include "terminal.hpp"
#include "tuning_option.hpp"

namespace tandem::cli {
namespace {

struct PlanOptions {
  std::string network;
  network::ImportOptions import;
  std::string device_file, cloud_file;
  std::string graph_file;
  DeviceOptions device;
  CandidateOptions candidates;
  TrainingPlanOptions training;
  std::string link;
  ScenarioOptions scenario;
  ConditionsOptions conditions;
  StudyOptions study;
  TierOptions tiers;
  bool inside_blocks = false;
  std::vector<std::string> inputs;
  ImageOptions image;
  int explain = 0;  // runner-ups to show; none where nothing is to be explained
  std::string codec = "auto";
  TuningOptions tuning;
  std::string output;
  bool json = false;
};

struct Profiles {
  profile::CostTable device, cloud;
  std::optional<network::Network> network;  // where one was given
};

// What plan and message call a profile: its file, or how it came to be.
std::string called(const std::string& file, const char* place) {
  return file.empty() ? fmt::format("the {} profile measured here", place) : file;
}

Status check_same_network(const Profiles& profiles, const PlanOptions& options) {
  const profile::CostTable& device = profiles.device;
  const profile::CostTable& cloud = profiles.cloud;
  if (device.fingerprint == cloud.fingerprint && device.size() == cloud.size()) return {};
  return fail(Errc::failed_precondition,
              fmt::format("{} is of network '{}' ({}) and {} of '{}' ({}): both must be profiles of the same network",
                          called(options.device_file, "device"), device.network, device.fingerprint,
                          called(options.cloud_file, "cloud"), cloud.network, cloud.fingerprint));
}

struct Inputs {
  Result<network::ImageInput> image_input = fail(Errc::failed_precondition, "no network was given");
  std::vector<Input> list;
};

Result<Inputs> inputs_of(const network::Network& network, const PlanOptions& options) {
  Inputs inputs{.image_input = image_input_with(options.image, network, options.network), .list = {}};
  for (const std::string& what : options.inputs) {
    auto input = read_input(what, network, inputs.image_input);
    if (!input) return forward_error(input);
    inputs.list.push_back(std::move(*input));
  }
  return inputs;
}

// From the file where there is one, else measured on this machine.
Result<profile::CostTable> profile_of(const std::optional<network::Network>& network, const std::string& file,
                                      const DeviceOptions& device, const Inputs& inputs, bool quiet) {
  if (!network) return profile::load(file);
  auto measured = device_profile(*network, device, file, inputs.list, inputs.image_input, quiet);
  if (!measured) return forward_error(measured);
  return std::move(measured->table);
}

Result<Profiles> profiles_of(const PlanOptions& options) {
  std::optional<network::Network> network;
  Inputs inputs;
  if (!options.network.empty()) {
    auto loaded = network::load(options.network, options.import);
    if (!loaded) return forward_error(loaded);
    network = std::move(*loaded);
    auto read = inputs_of(*network, options);
    if (!read) return forward_error(read);
    inputs = std::move(*read);
  } else if (options.device_file.empty() || options.cloud_file.empty()) {
    return fail(Errc::invalid_argument, "give a NETWORK, or both --profile-device FILE and --profile-cloud FILE");
  }
  // The cloud is this machine as it is: what emulates the device does not apply to it.
  DeviceOptions cloud_machine = options.device;
  cloud_machine.compile.slowdown = 1.0;
  auto device = profile_of(network, options.device_file, options.device, inputs, options.json);
  if (!device) return forward_error(device);
  auto cloud = profile_of(network, options.cloud_file, cloud_machine, inputs, options.json);
  if (!cloud) return forward_error(cloud);
  return Profiles{std::move(*device), std::move(*cloud), std::move(network)};
}

std::string headline(const plan::Plan& plan, int layers) {
  return fmt::format("{} over {}: {} layers, {} in {:.0f} us\n\n", plan.network, plan.link, layers,
                     plan.proven_optimal ? "proven optimal" : "planned", plan.solve_us);
}

Result<plan::Plan> solve_as_told(const plan::Problem& problem, const std::string& solver) {
  if (const auto told = solver_of(solver)) return plan::solve(problem, *told);
  return plan::solve(problem);
}

Outcome show(const plan::Plan& plan, const plan::Problem& problem, const PlanInput& input, const PlanOptions& options) {
  Json json = to_json(plan);
  std::string text;
  if (options.explain > 0 && plan.feasible) {
    const auto explanation = explain(input, problem, plan, options.explain);
    if (!explanation) return forward_error(explanation);
    json["explanation"] = to_json(*explanation);
    if (!options.json) text = text_of(*explanation, problem, plan, terminal().width);
  }
  if (!options.output.empty()) {
    if (const Status written = write_file(options.output, json.dump(2) + "\n"); !written) return forward_error(written);
  }
  const Terminal screen = terminal();
  if (options.json) {
    fmt::print("{}\n", json.dump(2));
  } else if (plan.feasible) {
    fmt::print("{}{}{}", headline(plan, problem.layers),
               plan::picture(plan, input.device.layers, {.width = screen.width, .colour = screen.colour}), text);
  } else {
    fmt::print("{} over {}: no schedule keeps the limits\n\n{}", plan.network, plan.link, misses_text(plan));
  }
  return plan.feasible ? Exit::done : Exit::no_feasible_answer;
}

Outcome run_risk(const PlanInput& input, const PlanOptions& options) {
  const auto at_risk = plan_at_risk(options.conditions, input);
  if (!at_risk) return forward_error(at_risk);
  const plan::Plan& plan = at_risk->plan;
  Json json = to_json(plan);
  json["risk"] = *options.conditions.risk;
  json["at_risk"] = at_risk->at_risk;
  if (!options.output.empty()) {
    if (const Status written = write_file(options.output, json.dump(2) + "\n"); !written) return forward_error(written);
  }
  const Terminal screen = terminal();
  if (options.json) {
    fmt::print("{}\n", json.dump(2));
  } else {
    fmt::print("{}{}{}", headline(plan, input.device.size()),
               plan::picture(plan, input.device.layers, {.width = screen.width, .colour = screen.colour}),
               risk_text(options.conditions, *at_risk));
  }
  return plan.feasible ? Exit::done : Exit::no_feasible_answer;
}

Outcome run_plan(const PlanOptions& options) {
  const auto link = link::find(options.link);
  if (!link) return forward_error(link);
  const plan::Objective objective = objective_of(options.scenario.objective);
  auto problem_asked = problem_options(options.scenario, options.codec);
  if (!problem_asked) return forward_error(problem_asked);
  if (!options.graph_file.empty()) {
    const GraphPlanOptions request{
        .file = options.graph_file,
        .link = *link,
        .objective = objective,
        .weights = problem_asked->weights,
        .constraints = problem_asked->constraints,
        .loads = options.scenario.loads,
        .idle_power = Milliwatts{options.device.idle_mw},
        .solving = {.solver = solver_of(options.scenario.solver).value_or(plan::Solver::cut)},
        .output = options.output,
        .json = options.json};
    return options.tiers.tiers.empty() ? run_plan_graph(request) : run_tiered_graph(options.tiers, request);
  }
  if (!options.candidates.file.empty()) {
    return plan_candidates({.options = options.candidates,
                            .link = *link,
                            .loads = options.scenario.loads,
                            .objective = objective,
                            .output = options.output,
                            .json = options.json});
  }
  if (!options.conditions.optima.empty())
    return look_up(options.conditions.optima, *link, options.scenario.loads, options.json);
  auto profiles = profiles_of(options);
  if (!profiles) return forward_error(profiles);
  if (const Status s = check_same_network(*profiles, options); !s) return forward_error(s);
  if (const Status s = apply(options.tuning, profiles->device, profiles->cloud, problem_asked->codec); !s) {
    return forward_error(s);
  }
  if (options.training.wanted) {
    plan::TrainingOptions training = options.training.training;
    training.codec = options.codec;
    return plan_training({.device = profiles->device,
                          .cloud = profiles->cloud,
                          .link = *link,
                          .objective = objective,
                          .training = training,
                          .output = options.output,
                          .json = options.json});
  }

  const PlanInput input{.device = profiles->device,
                        .cloud = profiles->cloud,
                        .link = *link,
                        .objective = objective,
                        .options = *problem_asked,
                        .output = options.output,
                        .json = options.json};
  if (!options.conditions.all_optima.empty()) return write_optima(options.conditions.all_optima, input);
  if (options.conditions.risk) return run_risk(input, options);
  if (options.study.wanted()) return run_study(options.study, input);
  if (!options.tiers.tiers.empty()) return run_tiers(options.tiers, input);
  if (options.inside_blocks) return run_inside_blocks(*profiles->network, input);
  const auto problem = plan::make_problem(input.device, input.cloud, input.link, input.objective, input.options);
  if (!problem) return forward_error(problem);
  const auto plan = solve_as_told(*problem, options.scenario.solver);
  if (!plan) return forward_error(plan);
  return show(*plan, *problem, input, options);
}

}  // namespace

void add_plan(CLI::App& program, Outcome& outcome) {
  auto* command = program.add_subcommand("plan", "the best division of labour between device and cloud");
  auto options = std::make_shared<PlanOptions>();
  auto* network =
      command->add_option("network", options->network, "a model or zoo:NAME; profiles not given are measured here")
          ->type_name("NETWORK");
  add_import_options(command, options->import);
  command->add_option("--profile-device", options->device_file, "of the network on the device")->type_name("FILE");
  command->add_option("--profile-cloud", options->cloud_file, "of the network in the cloud")->type_name("FILE");
  command->add_option("--graph", options->graph_file, "a tandem.graph.v1 file: a DAG with a cost per layer")
      ->type_name("FILE")
      ->excludes("network")
      ->excludes("--profile-device")
      ->excludes("--profile-cloud");
  command
      ->add_option(
          "--input", options->inputs,
          "measure coded sizes on these, not on synthetic inputs: JPEG or PNG images, .npy arrays, random:SEED")
      ->needs(network)
      ->excludes("--profile-device");
  add_image_options(command, options->image);
  add_device_options(command, options->device);
  command->add_flag("--inside-blocks", options->inside_blocks, "also divide inside branchy blocks, at modelled costs")
      ->needs(network);
  add_candidate_options(command, options->candidates);
  add_training_options(command, options->training);
  command->add_option("--link", options->link, "a preset (see 'tandem link') or a tandem.link.v1 file")
      ->required()
      ->type_name("NAME|FILE");
  add_scenario_options(command, options->scenario);
  command
      ->add_option("--codec", options->codec,
                   "raw, linear8, tfc-fast, tfc, or auto: the cheapest at each crossing; any: JPEG of the input, too")
      ->capture_default_str();
  add_tuning_options(command, options->tuning);
  add_conditions_options(command, options->conditions);
  add_study_options(command, options->study);
  add_tier_options(command, options->tiers);
  command->add_option("--explain", options->explain, "why: next best placements, what binds, where the decision flips")
      ->expected(0, 1)
      ->default_str("3")
      ->check(CLI::Range(1, 1000))
      ->type_name("[COUNT]");
  command
      ->add_option("-o,--output", options->output,
                   "also write it to a file; --sweep, --pareto: .csv, .svg, .png, .json")
      ->type_name("FILE");
  command->add_flag("--json", options->json, "print tandem.plan.v1 instead of the picture");
  example(command, "tandem plan zoo:resnet50 --slowdown 8 --link 4g --objective latency");
  command->callback([options, command, &outcome] {
    const Status allowed = check_modes(*command);
    outcome = allowed ? run_plan(*options) : Outcome(forward_error(allowed));
  });
}

}  // namespace tandem::cli
